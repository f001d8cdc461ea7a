package pin

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// CallResult is the outcome of a send or resend over voice.
type CallResult struct {
	PINID    string
	To       phone.Number
	Status   delivery.CallStatus // CallProcessing when the call outlived the wait
	RepeatOf string              // the delivery that was answered with this before; empty when this is the first time
}

// repeatCall is the result of the first request with a key once more.
func repeatCall(f First, a Answer) CallResult {
	return CallResult{PINID: f.PINID, To: f.To, Status: a.CallStatus, RepeatOf: f.DeliveryID}
}

// call has a carrier ring the phone and waits for the end of the call, but no longer than wait. What becomes of the
// call is noted in any case; a caller who hangs up changes nothing. With a key, whoever asks again hears what the caller
// would have heard, so that the wait goes on.
func (s *Service) call(ctx context.Context, j *job, wait *time.Duration) (CallResult, error) {
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
		Prompt: delivery.Prompt{
			Phrases: j.message.Phrases(), PIN: j.code, Language: j.message.Speech.Language, Rate: j.message.Speech.Rate,
		},
		Ring:       callRing,
		Max:        callMax,
		RepeatKeys: j.message.Speech.RepeatDTMF,
	})
	if err != nil {
		hangup()
		result.Status = delivery.CallStatusOf(err)
		s.noteCall(lasting, j, delivery.CallEnd{Status: result.Status}, err, result.Status)
		return result, nil
	}
	if j.delivery.Once != nil {
		ctx = lasting
	}
	var decided atomic.Bool // what is answered: by the end of the call, or by the end of the wait
	decided.Store(patience <= 0)
	ended := s.follow(calling, hangup, j, ongoing, &decided)
	if patience <= 0 {
		return result, nil
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case result.Status = <-ended:
	case <-timer.C:
		if !decided.CompareAndSwap(false, true) {
			result.Status = <-ended // it ends at this moment, and is noted so
		}
	case <-ctx.Done():
	}
	return result, nil
}

// follow notes how the call ends and then tells whoever still waits. A call that outlives calling is hung up.
func (s *Service) follow(
	calling context.Context, hangup context.CancelFunc, j *job, ongoing delivery.Ongoing, decided *atomic.Bool,
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
		answered := end.Status
		if !decided.CompareAndSwap(false, true) {
			answered = delivery.CallProcessing
		}
		s.noteCall(context.WithoutCancel(calling), j, end, err, answered)
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

// noteCall notes how a call ended and what its caller heard of it.
func (s *Service) noteCall(ctx context.Context, j *job, end delivery.CallEnd, err error, answered delivery.CallStatus) {
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelWarn
	}
	s.log(ctx, level, "call ended", j, slog.String("call_status", string(end.Status)), slog.Any("error", err))
	attempts := end.Attempts
	if len(attempts) == 0 {
		attempts = delivery.AttemptsOf(err)
	}
	s.record(ctx, j, Outcome{
		State: end.Status.State(), Carrier: end.Carrier, Taken: end.Status.Taken(), Attempts: attempts,
	}, Answer{CallStatus: answered})
}
