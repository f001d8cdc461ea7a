package pin

import (
	"context"
	"errors"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/sms"
)

// SendInput is a request for a new PIN.
type SendInput struct {
	AccountID     string
	To            string // digits with or without +
	ApplicationID string
	MessageID     string
	From          string // overrides the template's sender when not empty
	LookupNeeded  bool   // SMS only: ask for a number lookup first
	Once          *Once  // the key of the request; nil when it has none
}

// Validate reports what is wrong with each member.
func (in SendInput) Validate() error {
	_, err := in.check()
	return err
}

// check gives the number that a message is for, or says what is wrong with each member.
func (in SendInput) check() (phone.Number, error) {
	faults := fault.Members{}
	to, err := phone.Parse(in.To)
	if err != nil {
		faults.Addf("to", "%s", err)
	}
	if in.From != "" {
		if reason := sms.SenderFault(in.From); reason != "" {
			faults.Addf("from", "%s", reason)
		}
	}
	return to, faults.Err()
}

// SendSMS makes a PIN, keeps it, and sends it as a text. The PIN exists from then on, even where the lookup stopped
// the text or no carrier took it.
func (s *Service) SendSMS(ctx context.Context, in SendInput) (SMSResult, error) {
	return once(ctx, s, in.AccountID, in.Once, func() (SMSResult, error) {
		job, err := s.create(ctx, in, ChannelSMS)
		if err != nil {
			return SMSResult{}, err
		}
		return s.text(ctx, &job)
	}, repeatSMS)
}

// SendVoice makes a PIN, keeps it, and speaks it in a call. wait says how long to wait for the call to end; nil takes
// the setting.
func (s *Service) SendVoice(ctx context.Context, in SendInput, wait *time.Duration) (CallResult, error) {
	in.LookupNeeded = true // nobody can say otherwise for a call; it matters when the PIN is resent over SMS
	return once(ctx, s, in.AccountID, in.Once, func() (CallResult, error) {
		job, err := s.create(ctx, in, ChannelVoice)
		if err != nil {
			return CallResult{}, err
		}
		return s.call(ctx, &job, wait)
	}, repeatCall)
}

// job is one delivery that has its place in the limits and waits for a carrier.
type job struct {
	pin      PIN
	message  message.Message
	code     delivery.Code
	delivery Delivery
}

// create makes a PIN and its first delivery, durable and counted.
func (s *Service) create(ctx context.Context, in SendInput, by Channel) (job, error) {
	to, err := in.check()
	if err != nil {
		return job{}, err
	}
	if err := s.sendable(to); err != nil {
		return job{}, err
	}
	app, err := s.startable(ctx, in.AccountID, in.ApplicationID)
	if err != nil {
		return job{}, err
	}
	m, err := s.deps.Messages.Get(ctx, in.AccountID, in.ApplicationID, in.MessageID)
	if err != nil {
		return job{}, err
	}
	p, code, err := s.mint(ctx, in, to, app, m)
	if err != nil {
		return job{}, err
	}
	d, err := s.newDelivery(ctx, p.ID, by, p.CreatedAt, in.Once)
	if err != nil {
		return job{}, err
	}
	if err := s.deps.Store.CreatePIN(ctx, p, d, s.sendLimits(app, p.To)); err != nil {
		return job{}, s.refusal(in.AccountID, err)
	}
	return job{p, m, code, d}, nil
}

// mint draws the PIN and seals it.
func (s *Service) mint(
	ctx context.Context, in SendInput, to phone.Number, app application.Application, m message.Message,
) (PIN, delivery.Code, error) {
	id, err := s.deps.Store.NewPINID(ctx)
	if err != nil {
		return PIN{}, "", err
	}
	special := s.special(to)
	code, err := generate(s.deps.Rand, m.PINType.Alphabet(), m.PINLength)
	if err != nil {
		return PIN{}, "", err
	}
	now := s.now(in.AccountID)
	p := PIN{
		ID: id, AccountID: in.AccountID, ApplicationID: app.ID, MessageID: m.ID,
		To: to, From: in.From, LookupNeeded: in.LookupNeeded,
		CreatedAt: now, ExpiresAt: now.Add(app.Configuration.PINTimeToLive),
	}
	code = special.apply(&p, code, m.PINType.Alphabet(), app.Configuration.PINAttempts)
	p.Sealed, err = s.deps.Sealer.Seal(p, code)
	return p, code, err
}

func (s *Service) newDelivery(
	ctx context.Context, pinID string, by Channel, at time.Time, once *Once,
) (Delivery, error) {
	id, err := s.deps.Store.NewDeliveryID(ctx, pinID)
	d := Delivery{ID: id, PINID: pinID, Channel: by, State: delivery.StateNotSent, At: at, Once: once}
	if by == ChannelVoice {
		d.State = delivery.StateWaiting // a call is under way longer than a text takes to be accepted
	}
	return d, err
}

// sendable refuses a number that nothing may be sent to, before it costs anything: no place in a limit is taken and no carrier
// is asked.
func (s *Service) sendable(to phone.Number) error {
	reason := s.deps.Dock.Refusal(to)
	if reason == "" {
		return nil
	}
	faults := fault.Members{}
	faults.Addf("to", "%s", reason)
	return faults.Err()
}

// startable gives an application that may send.
func (s *Service) startable(ctx context.Context, accountID, id string) (application.Application, error) {
	app, err := s.deps.Applications.Get(ctx, accountID, id)
	if err != nil {
		return app, err
	}
	if !app.Enabled {
		return app, fault.Invalidf("The application is disabled")
	}
	return app, nil
}

// refusal words what a store refused: a limit or the state of the PIN.
func (s *Service) refusal(accountID string, err error) error {
	if limit, ok := errors.AsType[*LimitError](err); ok {
		return tooMany(limit, s.now(accountID))
	}
	if state, ok := errors.AsType[*StateError](err); ok {
		return fault.Invalidf("%s", state)
	}
	return err
}
