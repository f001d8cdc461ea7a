package sip

import (
	"context"
	"slices"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
)

// Dial has the message spoken, and rings the phone over the first trunk that takes the call. It returns as soon as the phone
// rings (or the trunk has taken the request and says no more within Config.NoResponse), or the call has ended. ctx bounds the
// whole call.
//
// What is wrong with the carrier comes as a *delivery.Error, so that another carrier may be tried: LinkDown (no response,
// 5xx), Rejected (403, 488), Unauthorised (401, 407), NoCredit (402), Throttled (Config.MaxCalls). What is wrong with the
// callee comes as the status of the Ongoing, and so does a message that could not be spoken, which is our own fault.
// When the carrier fails after it had taken the call, Ongoing.Result gives both.
func (c *Carrier) Dial(ctx context.Context, order delivery.Call) (delivery.Ongoing, error) {
	if refusal := c.enter(); refusal != nil {
		return nil, refusal
	}
	message, err := c.speak(ctx, order.Prompt)
	if err != nil {
		c.leave()
		return c.spoiled(ctx, order, err), nil
	}
	var refusal *delivery.Error
	for _, t := range c.byHealth() {
		var k *call
		if k, refusal = c.try(ctx, t, order, message); refusal == nil {
			stop := context.AfterFunc(ctx, k.Hangup)
			go func() { // talking waits for it
				<-k.done
				stop()
				c.leave()
			}()
			return k, nil
		}
		if refusal.Class != delivery.LinkDown || ctx.Err() != nil {
			break
		}
	}
	c.leave()
	return nil, refusal
}

func (c *Carrier) speak(ctx context.Context, p delivery.Prompt) ([]int16, error) {
	ctx, cancel := context.WithTimeout(ctx, c.settings.SpeechLimit)
	defer cancel()
	return c.deps.Voice.Render(ctx, p)
}

// spoiled is a call that ended before it began.
func (c *Carrier) spoiled(ctx context.Context, order delivery.Call, err error) *call {
	c.deps.Log.ErrorContext(ctx, "message could not be spoken", "carrier", c.Name(), "attempt", order.AttemptID, "error", err)
	k := &call{carrier: c, kill: func(error) {}, done: make(chan struct{})}
	k.finish(ending{outcome: ours, code: "speech"})
	close(k.done)
	return k
}

// byHealth are the trunks in the order of the settings, those last that are known to be down.
func (c *Carrier) byHealth() []*trunk {
	trunks := slices.Clone(c.trunks)
	slices.SortStableFunc(trunks, func(a, b *trunk) int { return a.rank() - b.rank() })
	return trunks
}

func (t *trunk) rank() int {
	if state := t.state.read(); !state.Up && !state.Since.IsZero() {
		return 1
	}
	return 0
}

// try rings the phone over one trunk.
func (c *Carrier) try(ctx context.Context, t *trunk, order delivery.Call, message []int16) (*call, *delivery.Error) {
	life, kill := context.WithCancelCause(context.Background()) // the call outlives ctx by what it takes to hang up
	k := &call{
		carrier: c, trunk: t, order: order, message: message, kill: kill,
		id: siplib.GenerateTagN(24), tag: siplib.GenerateTagN(16),
		underWay: make(chan struct{}), accepted: make(chan struct{}), done: make(chan struct{}),
	}
	c.keep(k)
	c.talking.Go(func() { k.run(life) })
	select {
	case <-k.underWay:
		return k, nil
	case <-k.done:
	case <-ctx.Done():
		k.Hangup()
		<-k.done
	}
	select {
	case <-k.underWay: // and over already
		return k, nil
	default:
		return k, k.failure
	}
}
