package sandbox

import (
	"context"
	"sync"

	"github.com/pinpost/pinpost/internal/delivery"
)

// Dial takes the call as its number's scenario says: it ends at once, or, with CallProcessing, when somebody hangs up, ctx
// ends or the carrier hangs up or is closed. A refusal is a *delivery.Error.
func (c *Carrier) Dial(ctx context.Context, to delivery.Call) (delivery.Ongoing, error) {
	s, err := c.begin(ctx, to.To)
	if err != nil {
		return nil, err
	}
	defer c.busy.Done()
	if err := c.pause(ctx, s.Delay); err != nil {
		return nil, err
	}
	if _, err := c.box.CaptureCall(ctx, to, s.Call); err != nil {
		return nil, refusal(delivery.Temporary, "box", err)
	}
	k := &call{carrier: c, accountID: to.AccountID, done: make(chan struct{})}
	if s.Call != delivery.CallProcessing {
		k.finish(s.Call)
		return k, nil
	}
	c.mu.Lock()
	c.calls[k] = struct{}{}
	over := c.hungUp || c.closed
	c.mu.Unlock()
	if over { // meanwhile, and Hangup ended what it saw
		k.Hangup()
	}
	context.AfterFunc(ctx, k.Hangup) // ctx bounds the whole call
	return k, nil
}

// call is a delivery.Ongoing.
type call struct {
	carrier   *Carrier
	accountID string
	once      sync.Once
	done      chan struct{}
	end       delivery.CallEnd // set before done is closed
}

// Done is closed when the call has ended.
func (k *call) Done() <-chan struct{} { return k.done }

// Result says how the call ended.
func (k *call) Result() (delivery.CallEnd, error) {
	<-k.done
	return k.end, nil
}

// Hangup ends a call under way; what became of it is not known then.
func (k *call) Hangup() { k.finish(delivery.CallUndefined) }

func (k *call) finish(status delivery.CallStatus) {
	k.once.Do(func() {
		k.end = delivery.CallEnd{Status: status, Ended: k.carrier.now(k.accountID)}
		if status == delivery.CallProcessed || status == delivery.CallAnsweredMachine {
			k.end.Answered, k.end.Plays = k.end.Ended, 1
		}
		k.carrier.mu.Lock()
		delete(k.carrier.calls, k)
		k.carrier.mu.Unlock()
		close(k.done)
	})
}
