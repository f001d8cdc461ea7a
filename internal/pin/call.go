package pin

import (
	"context"
	"log/slog"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// CallResult is the outcome of a send or resend over voice.
type CallResult struct {
	PINID  string
	To     phone.Number
	Status delivery.CallStatus // CallProcessing when the call outlived the wait
}

// call has a carrier ring the phone and waits for the end of the call, but no longer than wait. What becomes of the
// call is noted in any case; a caller who hangs up changes nothing.
func (s *Service) call(ctx context.Context, j job, wait *time.Duration) (CallResult, error) {
	result := CallResult{PINID: j.pin.ID, To: j.pin.To, Status: delivery.CallProcessing}
	patience := s.deps.CallWait
	if wait != nil {
		patience = min(*wait, MaxCallWait)
	}
	lasting := context.WithoutCancel(ctx)
	ongoing, err := s.deps.Dock.Dial(lasting, delivery.Call{
		Origin:    j.origin(),
		AttemptID: j.delivery.ID,
		To:        j.pin.To,
		From:      j.sender(),
		Prompt:    delivery.Prompt{Phrases: j.message.Phrases(), PIN: j.code},
		Ring:      callRing,
		Max:       callMax,
	})
	if err != nil {
		result.Status = delivery.CallStatusOf(err)
		s.noteCall(lasting, j, delivery.CallEnd{Status: result.Status}, err)
		return result, nil
	}
	ended := s.follow(lasting, j, ongoing)
	if patience <= 0 {
		return result, nil
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case result.Status = <-ended:
	case <-timer.C:
	case <-ctx.Done():
	}
	return result, nil
}

// follow notes how the call ends, however long that takes, and then tells whoever still waits.
func (s *Service) follow(ctx context.Context, j job, ongoing delivery.Ongoing) <-chan delivery.CallStatus {
	ended := make(chan delivery.CallStatus, 1)
	s.begin(func() {
		<-ongoing.Done()
		end, err := ongoing.Result()
		if err != nil {
			end.Status = delivery.CallStatusOf(err)
		}
		if end.Status.State() == "" {
			end.Status = delivery.CallUndefined // a carrier that does not say
		}
		s.noteCall(ctx, j, end, err)
		ended <- end.Status
	})
	return ended
}

func (s *Service) noteCall(ctx context.Context, j job, end delivery.CallEnd, err error) {
	if err != nil {
		s.deps.Log.WarnContext(ctx, "call failed", slog.String("pin_id", j.pin.ID), slog.Any("to", j.pin.To),
			slog.String("call_status", string(end.Status)), slog.Any("error", err))
	}
	s.record(ctx, Outcome{DeliveryID: j.delivery.ID, State: end.Status.State(), Taken: end.Status.Taken()})
}
