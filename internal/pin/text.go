package pin

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/patience"
	"github.com/pinpost/pinpost/internal/phone"
)

// NCStatus is the outcome of a number lookup, as the documentation names it.
type NCStatus string

// The four documented outcomes. Only NCNotReachable keeps a text from going out.
const (
	NCUnknown       NCStatus = "NC_DESTINATION_UNKNOWN"
	NCReachable     NCStatus = "NC_DESTINATION_REACHABLE"
	NCNotReachable  NCStatus = "NC_DESTINATION_NOT_REACHABLE"
	NCNotConfigured NCStatus = "NC_NOT_CONFIGURED"
)

// SMSStatus says whether a carrier took a text.
type SMSStatus string

// The two documented statuses.
const (
	SMSSent    SMSStatus = "MESSAGE_SENT"
	SMSNotSent SMSStatus = "MESSAGE_NOT_SENT"
)

// SMSResult is the outcome of a send or resend over SMS.
type SMSResult struct {
	PINID     string
	To        phone.Number
	NCStatus  NCStatus
	SMSStatus SMSStatus
	RepeatOf  string // the delivery that was answered with this before; empty when this is the first time
}

// How long storing the outcome of a delivery may take, how often it is tried again, and the pause between.
const (
	recordTimeout = 5 * time.Second
	recordTries   = 5
	recordPause   = 2 * time.Second
)

func (r SMSResult) answer() Answer { return Answer{NCStatus: r.NCStatus, SMSStatus: r.SMSStatus} }

// repeatSMS is the result of the first request with a key once more.
func repeatSMS(f First, a Answer) SMSResult {
	return SMSResult{PINID: f.PINID, To: f.To, NCStatus: a.NCStatus, SMSStatus: a.SMSStatus, RepeatOf: f.DeliveryID}
}

// text looks the number up, gives the text to a carrier and notes the outcome. A caller who hangs up changes nothing.
func (s *Service) text(ctx context.Context, j *job) (SMSResult, error) {
	ctx = context.WithoutCancel(ctx)
	result := SMSResult{PINID: j.pin.ID, To: j.pin.To, NCStatus: s.lookup(ctx, &j.pin), SMSStatus: SMSNotSent}
	if result.NCStatus == NCNotReachable {
		s.log(ctx, slog.LevelInfo, "lookup stopped the text", j)
		s.record(ctx, j, Outcome{State: delivery.StateNotSent}, result.answer())
		return result, nil
	}
	accepted, err := s.deps.Dock.Send(ctx, delivery.SMS{
		Origin:    j.origin(),
		AttemptID: j.delivery.ID,
		To:        j.pin.To,
		From:      j.sender(),
		Text:      delivery.Text(j.message.Render(j.code.Reveal())),
		PIN:       j.code,
		Validity:  max(j.pin.ExpiresAt.Sub(s.now(j.pin.AccountID)), time.Second),
		NCStatus:  j.lookedUp(result.NCStatus),
	})
	if err != nil {
		s.log(ctx, slog.LevelWarn, "no carrier took the text", j, slog.Any("error", err))
		s.record(ctx, j, Outcome{
			State: delivery.StateOf(err), Attempts: delivery.AttemptsOf(err),
			Taken: delivery.ClassOf(err) == delivery.Ambiguous, // it may have gone out, so it keeps its place
		}, result.answer())
		return result, nil
	}
	result.SMSStatus = SMSSent
	s.log(ctx, slog.LevelInfo, "text taken", j, slog.String("carrier", accepted.Carrier))
	s.record(ctx, j, Outcome{
		State: cmp.Or(accepted.State, delivery.StateAccepted), Carrier: accepted.Carrier, RemoteID: accepted.RemoteID, Taken: true,
		Attempts: accepted.Attempts,
	}, result.answer())
	return result, nil
}

// shifted gives the tries in the time that the account lives in: carriers live in real time.
func (s *Service) shifted(o Outcome) []delivery.Attempt {
	if s.deps.Sandbox == nil || len(o.Attempts) == 0 {
		return o.Attempts
	}
	ahead := o.At.Sub(s.deps.Now())
	attempts := slices.Clone(o.Attempts)
	for i := range attempts {
		attempts[i].At = attempts[i].At.Add(ahead)
	}
	return attempts
}

// lookup asks about the number where that was wanted. A lookup that fails knows nothing, and does not stop the text.
func (s *Service) lookup(ctx context.Context, p *PIN) NCStatus {
	if !p.LookupNeeded {
		return NCUnknown
	}
	info, configured, err := s.deps.Dock.Lookup(ctx, p.To)
	switch {
	case !configured:
		return NCNotConfigured
	case err != nil:
		s.deps.Log.WarnContext(ctx, "number lookup failed", slog.Any("to", p.To), slog.Any("error", err))
		return NCUnknown
	case info.Reach == delivery.Reachable:
		return NCReachable
	case info.Reach == delivery.NotReachable:
		return NCNotReachable
	}
	return NCUnknown
}

// lookedUp is what a carrier hears of the lookup: nothing when none was asked for, which callers know as NCUnknown.
func (j *job) lookedUp(status NCStatus) string {
	if !j.pin.LookupNeeded {
		return ""
	}
	return string(status)
}

// record notes an outcome. The message has gone out or not by now, so when the store fails here the caller still hears what
// the carrier said, and the outcome is tried again in the background. One that is lost for good is settled by Purge.
func (s *Service) record(ctx context.Context, j *job, o Outcome, a Answer) {
	o.DeliveryID, o.At = j.delivery.ID, s.now(j.pin.AccountID)
	o.Attempts = s.shifted(o)
	if j.delivery.Once != nil {
		o.Answer = new(a)
		s.given.Store(o.DeliveryID, a)
	}
	later := o
	if !s.closed.Load() { // or nobody would wait for what Lost begins
		o.Lost = func(err error) {
			if !s.recorded(ctx, later, err) {
				s.recordLater(ctx, later)
			}
		}
	}
	if !s.recordOnce(ctx, o) {
		s.recordLater(ctx, later)
		return
	}
	if o.Answer != nil {
		s.given.Delete(o.DeliveryID)
	}
}

// remote is what a carrier calls a delivery.
type remote struct{ carrier, id string }

// recordLater tries a few times more.
func (s *Service) recordLater(ctx context.Context, o Outcome) {
	named := remote{o.Carrier, o.RemoteID}
	s.unstored.Store(named, nil)
	s.begin(func() {
		defer s.given.Delete(o.DeliveryID)
		defer s.unstored.Delete(named)
		for range recordTries {
			time.Sleep(recordPause)
			if s.recordOnce(ctx, o) {
				return
			}
		}
	})
}

func (s *Service) recordOnce(ctx context.Context, o Outcome) bool {
	bounded := patience.Within(ctx, recordTimeout)
	defer bounded.End()
	return s.recorded(bounded, o, s.deps.Store.FinishDelivery(bounded, o))
}

// recorded says whether there is nothing left to store, and logs why there is.
func (s *Service) recorded(ctx context.Context, o Outcome, err error) bool {
	if err != nil {
		s.deps.Log.ErrorContext(ctx, "outcome of a delivery was not stored",
			slog.String("delivery_id", o.DeliveryID), slog.String("state", string(o.State)), slog.Any("error", err))
	}
	return err == nil || fault.Is(err, fault.NotFound)
}

// log writes a line about a job, with the number masked.
func (s *Service) log(ctx context.Context, level slog.Level, message string, j *job, more ...slog.Attr) {
	var room [5]slog.Attr
	attrs := append(room[:0],
		slog.String("pin_id", j.pin.ID), slog.String("application_id", j.pin.ApplicationID), slog.String("to", j.pin.To.String()))
	observe.Line(ctx, s.deps.Log, time.Now(), level, message, append(attrs, more...)...)
}

func (j *job) origin() delivery.Origin {
	return delivery.Origin{
		AccountID: j.pin.AccountID, ApplicationID: j.pin.ApplicationID, MessageID: j.message.ID, PINID: j.pin.ID,
	}
}

func (j *job) sender() string {
	if j.pin.From != "" {
		return j.pin.From
	}
	return j.message.Sender
}
