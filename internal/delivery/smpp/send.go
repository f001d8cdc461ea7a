package smpp

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

// Send sends all parts of a text and returns when the SMSC has taken them; RemoteID is the id of the first part. Without a
// deadline in ctx it takes delivery.SendTimeout at most. A refusal is a *delivery.Error: Ambiguous when a part went out
// and its answer did not come, LinkDown when nothing is bound, Throttled when the SMSC, the window or the rate let nothing
// through in time.
func (c *Carrier) Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error) {
	if err := c.begin(); err != nil {
		return delivery.Accepted{}, err
	}
	defer c.busy.Done()
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, delivery.SendTimeout)
		defer cancel()
	}
	bodies, segments, err := c.config.bodies(m, uint16(c.reference.Add(1)))
	if err != nil {
		return delivery.Accepted{}, c.refusal(delivery.Rejected, "text", err)
	}
	first, err := c.submitAll(ctx, bodies, c.expiry(m.Validity))
	if err != nil {
		return delivery.Accepted{}, err
	}
	return delivery.Accepted{
		Carrier: c.config.Name, RemoteID: first, Parts: segments.Count, Encoding: string(segments.Encoding), State: c.state(first),
	}, nil
}

// state is what is known once the SMSC took a text. Without an id no receipt could be recognised.
func (c *Carrier) state(id string) delivery.State {
	if *c.config.RegisteredDelivery && id != "" {
		return delivery.StateWaiting
	}
	return delivery.StateAccepted
}

// expiry is when a text is of no use any more; zero for never.
func (c *Carrier) expiry(life time.Duration) time.Time {
	if life <= 0 {
		return time.Time{}
	}
	return c.now().Add(life)
}

// submitAll sends the parts in their order, and none after one that was refused. Receipts wait until it is over.
func (c *Carrier) submitAll(ctx context.Context, bodies []*pdu.Message, expiry time.Time) (string, error) {
	var sent message
	defer c.receipts.release(&sent)
	first := ""
	for i, body := range bodies {
		id, err := c.submit(ctx, body, expiry)
		if err != nil {
			return "", err
		}
		id = responseID(c.config.IDs, id)
		if i == 0 {
			first = id
		}
		c.receipts.note(&sent, id)
	}
	return first, nil
}

// submit sends one part until the SMSC takes or refuses it. What it refuses because we are too fast is sent again.
func (c *Carrier) submit(ctx context.Context, body *pdu.Message, expiry time.Time) (string, error) {
	for {
		answer, err := c.try(ctx, body, expiry)
		if errors.Is(err, errUnsent) {
			continue // the link ended just then; ready knows how long to wait for the next
		}
		if err != nil {
			return "", err
		}
		switch answer.Status {
		case pdu.StatusOK:
			if answer.Command == pdu.GenericNack {
				return "", c.refusal(delivery.Ambiguous, "generic_nack", nil)
			}
			c.brake.ease()
			return idOf(answer), nil
		case pdu.StatusThrottled, pdu.StatusQueueFull:
			c.throttled(ctx, answer.Status)
		default:
			return "", statusError(c.config.Name, answer.Status)
		}
	}
}

func idOf(answer pdu.PDU) string {
	if body, is := answer.Body.(*pdu.MessageResp); is {
		return body.MessageID
	}
	return ""
}

func (c *Carrier) throttled(ctx context.Context, status pdu.Status) {
	if count := c.brake.hit(status); count > 0 {
		c.log.WarnContext(ctx, "throttled", slog.String("status", status.String()), slog.Int("times", count))
	}
}

// try sends one part once, when the brake, the window, the rate and the link let it. After errUnsent nothing went out.
func (c *Carrier) try(ctx context.Context, body *pdu.Message, expiry time.Time) (pdu.PDU, error) {
	leave, err := c.admit(ctx)
	if err != nil {
		return pdu.PDU{}, err
	}
	defer leave()
	s, err := c.transmit.ready(ctx)
	if err != nil {
		return pdu.PDU{}, c.unbound(err)
	}
	if !expiry.IsZero() {
		body.Validity = validity(expiry.Sub(c.now()))
	}
	answer, err := s.ask(ctx, pdu.PDU{Command: pdu.SubmitSM, Body: body}, c.config.ResponseTimeout)
	switch {
	case err == nil:
		return answer, nil
	case errors.Is(err, errUnsent):
		c.transmit.down(s, s.ending()) // it knows a moment later otherwise
		return pdu.PDU{}, err
	case errors.Is(err, errUnfit):
		return pdu.PDU{}, c.refusal(delivery.Rejected, "text", err)
	}
	return pdu.PDU{}, c.refusal(delivery.Ambiguous, "no answer", err)
}

// admit waits for room in the window, and then until the brake and the rate let one more out. The caller leaves the window.
func (c *Carrier) admit(ctx context.Context) (leave func(), err error) {
	select {
	case c.window <- struct{}{}:
	case <-ctx.Done():
		return nil, c.refusal(delivery.Throttled, "window full", ctx.Err())
	}
	leave = func() { <-c.window }
	if err := c.brake.wait(ctx, c.config.Name); err != nil {
		leave()
		return nil, err
	}
	if err := c.pace.Wait(ctx); err != nil {
		leave()
		return nil, c.refusal(delivery.Throttled, "rate", err)
	}
	return leave, nil
}

func (c *Carrier) unbound(err error) error {
	if errors.Is(err, errLogin) {
		return c.refusal(delivery.Unauthorised, "bind", err)
	}
	return c.refusal(delivery.LinkDown, "not bound", err)
}
