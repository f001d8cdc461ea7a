package pin

import (
	"cmp"
	"context"
	"sync"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// fakeDock takes every text and call, and answers what a test told it to.
type fakeDock struct {
	mu         sync.Mutex
	texts      []delivery.SMS
	calls      []delivery.Call
	lookups    []phone.Number
	accepted   delivery.Accepted
	sendErr    error
	sending    func(context.Context) // runs while a text is with the carrier
	dialErr    error
	ongoing    *fakeCall // the next call; one that a person took at once when nil
	info       delivery.NumberInfo
	configured bool
	lookupErr  error
	refusal    string // why nothing may be sent
}

var _ Dock = (*fakeDock)(nil)

func (d *fakeDock) Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error) {
	if d.sending != nil {
		d.sending(ctx)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.texts = append(d.texts, m)
	return d.accepted, cmp.Or(d.sendErr, ctx.Err())
}

func (d *fakeDock) Dial(ctx context.Context, c delivery.Call) (delivery.Ongoing, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, c)
	if err := cmp.Or(d.dialErr, ctx.Err()); err != nil {
		return nil, err
	}
	if d.ongoing == nil {
		return endedCall(delivery.CallProcessed), nil
	}
	return d.ongoing, nil
}

func (d *fakeDock) Lookup(_ context.Context, to phone.Number) (delivery.NumberInfo, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lookups = append(d.lookups, to)
	return d.info, d.configured, d.lookupErr
}

func (d *fakeDock) Refusal(phone.Number) string { return d.refusal }

// code is the PIN of the last text or call.
func (d *fakeDock) code() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.texts) > 0 {
		return d.texts[len(d.texts)-1].PIN.Reveal()
	}
	return d.calls[len(d.calls)-1].Prompt.PIN.Reveal()
}

// fakeCall is a call that lasts until a test ends it.
type fakeCall struct {
	done chan struct{}
	end  delivery.CallEnd
	err  error
}

func newCall() *fakeCall { return &fakeCall{done: make(chan struct{})} }

func endedCall(status delivery.CallStatus) *fakeCall {
	c := newCall()
	c.hangUp(status, nil)
	return c
}

func (c *fakeCall) hangUp(status delivery.CallStatus, err error) {
	c.end, c.err = delivery.CallEnd{Status: status}, err
	close(c.done)
}

func (c *fakeCall) Done() <-chan struct{} { return c.done }

func (c *fakeCall) Result() (delivery.CallEnd, error) { return c.end, c.err }

func (c *fakeCall) Hangup() {}
