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
	calling, hangup := context.WithTimeout(lasting, callBound)
	ongoing, err := s.deps.Dock.Dial(calling, delivery.Call{
		Origin:    j.origin(),
		AttemptID: j.delivery.ID,
		To:        j.pin.To,
		From:      j.sender(),
		Prompt:    delivery.Prompt{Phrases: j.message.Phrases(), PIN: j.code},
		Ring:      callRing,
		Max:       callMax,
	})
	if err != nil {
		hangup()
		result.Status = delivery.CallStatusOf(err)
		s.noteCall(lasting, j, delivery.CallEnd{Status: result.Status}, err)
		return result, nil
	}
	ended := s.follow(calling, hangup, j, ongoing)
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

// follow notes how the call ends and then tells whoever still waits. A call that outlives calling is hung up.
func (s *Service) follow(
	calling context.Context, hangup context.CancelFunc, j job, ongoing delivery.Ongoing,
) <-chan delivery.CallStatus {
	ended := make(chan delivery.CallStatus, 1)
	s.begin(func() {
		defer hangup()
		end, err := outcome(calling, ongoing)
		if err != nil {
			end.Status = delivery.CallStatusOf(err)
		}
		if end.Status.State() == "" {
			end.Status = delivery.CallUndefined // a carrier that does not say
		}
		s.noteCall(context.WithoutCancel(calling), j, end, err)
		ended <- end.Status
	})
	return ended
}

// outcome waits for the call to end. What became of one that never does is not known.
func outcome(calling context.Context, ongoing delivery.Ongoing) (delivery.CallEnd, error) {
	select {
	case <-ongoing.Done():
		return ongoing.Result()
	case <-calling.Done():
		ongoing.Hangup()
		return delivery.CallEnd{Status: delivery.CallUndefined}, nil
	}
}

func (s *Service) noteCall(ctx context.Context, j job, end delivery.CallEnd, err error) {
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelWarn
	}
	s.deps.Log.Log(ctx, level, "call ended", j.logged(slog.String("call_status", string(end.Status)), slog.Any("error", err))...)
	s.record(ctx, j.pin.AccountID, Outcome{DeliveryID: j.delivery.ID, State: end.Status.State(), Taken: end.Status.Taken()})
}
