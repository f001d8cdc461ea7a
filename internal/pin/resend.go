package pin

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

// ResendInput names the PIN that is sent once more.
type ResendInput struct {
	AccountID string
	PINID     string
	Once      *Once // the key of the request; nil when it has none
}

// ResendSMS sends a PIN that exists once more, as a text. Its id, its code, its time to live and its attempts stay as
// they are; the resend counts toward the limits like a send.
func (s *Service) ResendSMS(ctx context.Context, in ResendInput) (SMSResult, error) {
	return once(ctx, s, in.AccountID, in.Once, func() (SMSResult, error) {
		job, err := s.again(ctx, in, ChannelSMS)
		if err != nil {
			return SMSResult{}, err
		}
		return s.text(ctx, &job)
	}, repeatSMS)
}

// ResendVoice speaks a PIN that exists in a call, whichever way it went before; see SendVoice for wait.
func (s *Service) ResendVoice(ctx context.Context, in ResendInput, wait *time.Duration) (CallResult, error) {
	return once(ctx, s, in.AccountID, in.Once, func() (CallResult, error) {
		job, err := s.again(ctx, in, ChannelVoice)
		if err != nil {
			return CallResult{}, err
		}
		return s.call(ctx, &job, wait)
	}, repeatCall)
}

// again makes one more delivery of a live PIN, durable and counted.
func (s *Service) again(ctx context.Context, in ResendInput, by Channel) (job, error) {
	p, err := s.deps.Store.KnownPIN(ctx, in.AccountID, in.PINID)
	if err != nil {
		return job{}, err
	}
	if err := s.sendable(p.To); err != nil {
		return job{}, err
	}
	app, err := s.startable(ctx, in.AccountID, p.ApplicationID)
	if err != nil {
		return job{}, err
	}
	m, err := s.deps.Messages.Get(ctx, in.AccountID, p.ApplicationID, p.MessageID)
	if err != nil {
		return job{}, err
	}
	d, err := s.newDelivery(ctx, p.ID, by, s.now(in.AccountID), in.Once)
	if err != nil {
		return job{}, err
	}
	// The PIN is opened first, so that a key that is missing takes no place in the limits; a wiped one the store refuses.
	var code delivery.Code
	if p.Sealed != nil {
		if code, err = s.deps.Sealer.Open(p); err != nil {
			return job{}, err
		}
	}
	p, err = s.deps.Store.AddDelivery(ctx, d, rulesOf(app), s.sendLimits(app, p.To))
	if err != nil {
		return job{}, s.refusal(in.AccountID, err)
	}
	return job{p, m, code, d}, nil
}
