//go:build peers || postgres

package kill9

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
)

// send asks for a PIN.
func (s *service) send(n *number) bool {
	database := s.database.count.Load()
	answer, got := s.ask(n)
	return s.given(n, &kept{}, got, answer, s.database.hit(database))
}

// insist asks for a PIN, and asks again with the same key as long as no answer comes. All that counts once.
func (s *service) insist(n *number) bool {
	database, p := s.database.count.Load(), &kept{key: ours + rand.Text()}
	answer, got := s.ask(n, client.WithIdempotencyKey(p.key))
	outage := got == lost
	for range 3 {
		if got == lost {
			answer, got = s.ask(n, client.WithIdempotencyKey(p.key))
		}
	}
	if outage = outage || s.database.hit(database); got == done && !outage {
		p.answer = answer.SmsStatus
	}
	return s.given(n, p, got, answer, outage)
}

// ask makes the request for a PIN.
func (s *service) ask(n *number, options ...client.CallOption) (answer *api.SmsPinResponse, got outcome) {
	got = s.call("send", func(c *client.Client) (err error) {
		answer, err = c.SendPIN(context.Background(), api.SendPinOverSmsRequest{
			To: n.to, ApplicationID: s.applicationID, MessageID: s.messageID,
		}, options...)
		return err
	})
	return answer, got
}

// given notes what became of a request for a PIN.
func (s *service) given(n *number, p *kept, got outcome, answer *api.SmsPinResponse, outage bool) bool {
	if got == done {
		if p.id = answer.PinID; !s.book.first(p.id) {
			s.t.Errorf("send to %s: PIN %s was given before", n.to, p.id)
		}
		n.pins = append(n.pins, p)
	}
	return s.sent(n, got, answer, outage)
}

// repeat makes the request for a PIN once more and wants the same answer. It counts nowhere.
func (s *service) repeat(n *number, p *kept) {
	answer, got := s.ask(n, client.WithIdempotencyKey(p.key))
	if got != done || answer.PinID != p.id || p.answer != "" && answer.SmsStatus != p.answer {
		s.t.Errorf("repeated send to %s: got outcome %d and %+v, want PIN %s and %s", n.to, got, answer, p.id, p.answer)
	}
}

// resend asks for the last PIN once more.
func (s *service) resend(n *number) bool {
	p := n.pins[len(n.pins)-1]
	may, must := p.over()
	var answer *api.SmsPinResponse
	database := s.database.count.Load()
	got := s.call("resend", func(c *client.Client) (err error) {
		answer, err = c.ResendPIN(context.Background(), p.id)
		return err
	})
	switch got {
	case wrong:
		if !may {
			s.t.Errorf("resend of PIN %s: refused by its state, want it live: %+v", p.id, *p)
		}
		return true
	case done:
		if must {
			s.t.Errorf("resend of PIN %s: done, want it refused, since it is used up: %+v", p.id, *p)
		}
	case lost:
		p.messages.lost++
	}
	return s.sent(n, got, answer, s.database.hit(database))
}

// sent notes what became of a send or resend, and whether it met an outage on its way.
func (s *service) sent(n *number, got outcome, answer *api.SmsPinResponse, outage bool) bool {
	before := n.sends
	switch got {
	case lost:
		n.sends.lose(initiationAttempts)
		return false
	case wrong:
		s.t.Errorf("send to %s: got 400, want a PIN", n.to)
		return false
	case tooMany:
		if !n.sends.refuse(initiationAttempts, n.free) {
			s.t.Errorf("send to %s: got 429 after %+v sends, want that from %d on", n.to, before, initiationAttempts)
		}
		return true
	}
	p := n.pins[len(n.pins)-1]
	if before.least >= initiationAttempts {
		s.t.Errorf("send to %s: admitted after %+v sends, want 429 from %d on", n.to, before, initiationAttempts)
	}
	if answer.SmsStatus == api.SmsStatusSent {
		n.sends.admit(initiationAttempts)
		p.messages.least++
		return true
	}
	// The database went away before the text was taken, and the place comes free once that is noted; or the service was killed
	// before it noted that the text was taken, and said so when it was asked again.
	if !outage {
		s.t.Errorf("send to %s: got %s, want it sent", n.to, answer.SmsStatus)
	}
	n.sends.lose(initiationAttempts)
	n.free++
	p.messages.lost++
	return true
}

// verify types the right PIN or a wrong one.
func (s *service) verify(n *number, p *kept, right bool) bool {
	typed := "WRONGPIN"
	if right {
		typed = strings.ToLower(p.code)
	}
	var answer *api.VerifyPinResponse
	got := s.call("verify", func(c *client.Client) (err error) {
		answer, err = c.VerifyPIN(context.Background(), p.id, typed)
		return err
	})
	before := n.checks
	switch got {
	case lost:
		n.checks.lose(verificationAttempts)
		p.attempts.lose(pinAttempts)
		if right && p.verified == unverified {
			p.verified = maybe
		}
		return false
	case wrong:
		s.t.Errorf("verify of PIN %s: got 400, want an answer", p.id)
		return false
	case tooMany:
		if !n.checks.refuse(verificationAttempts, 0) {
			s.t.Errorf("verify of PIN %s: got 429 after %+v verify requests, want that from %d on", p.id, before, verificationAttempts)
		}
		return true
	}
	if !n.checks.admit(verificationAttempts) {
		s.t.Errorf("verify of PIN %s: admitted after %+v verify requests, want 429 from %d on", p.id, before, verificationAttempts)
	}
	s.judge(p, answer, right)
	return true
}

// judge notes the answer to a verify request that was admitted.
func (s *service) judge(p *kept, answer *api.VerifyPinResponse, right bool) {
	before := *p
	may, must := p.over()
	switch client.OutcomeOf(answer) {
	case client.OutcomeVerified:
		if !right || must {
			s.t.Errorf("verify of PIN %s: verified with the right one: %t, after %+v", p.id, right, before)
		}
		p.verified = verified
		p.attempts.admit(pinAttempts)
	case client.OutcomeWrongPIN:
		used := pinAttempts - int(answer.AttemptsRemaining)
		if right || must || used < before.attempts.least+1 || used > before.attempts.most()+1 {
			s.t.Errorf("verify of PIN %s: %d attempts remain, after %+v, with the right one: %t", p.id, answer.AttemptsRemaining, before, right)
		}
		p.attempts = span{used, max(0, before.attempts.most()+1-used)}
	case client.OutcomeNoMoreAttempts:
		if !may {
			s.t.Errorf("verify of PIN %s: used up, want it live: %+v", p.id, before)
		}
	default:
		s.t.Errorf("verify of PIN %s: got %s", p.id, client.OutcomeOf(answer))
	}
}

// status wants the PIN there, with a status for each message that may have gone out.
func (s *service) status(p *kept) bool {
	var all []api.PinStatus
	got := s.call("status", func(c *client.Client) (err error) {
		all, err = c.PINStatus(context.Background(), p.id)
		if client.IsNotFound(err) {
			s.t.Errorf("acknowledged PIN %s is gone: %v", p.id, err)
			return nil
		}
		return err
	})
	if got != done {
		return false
	}
	if least := max(1, p.messages.least); len(all) < least || len(all) > max(1, p.messages.most()) {
		s.t.Errorf("status of PIN %s: got %d messages, want them within %+v", p.id, len(all), p.messages)
	}
	return true
}

// read wants the PIN's texts in the inbox, all with the same code.
func (s *service) read(p *kept) bool {
	var page *sandbox.Page
	got := s.call("inbox", func(c *client.Client) (err error) {
		page, err = sandbox.New(c).List(context.Background(), sandbox.ListFilter{PINID: p.id})
		return err
	})
	if got != done {
		return false
	}
	if many := len(page.Messages); many < p.messages.least || many > p.messages.most() {
		s.t.Errorf("inbox of PIN %s: got %d texts, want them within %+v", p.id, many, p.messages)
	}
	for _, m := range page.Messages {
		if p.code == "" {
			p.code = m.Pin
		}
		if m.Pin != p.code {
			s.t.Errorf("inbox of PIN %s: its texts have several codes", p.id)
		}
	}
	return true
}
