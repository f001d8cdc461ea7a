package route_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/route"
	"github.com/pinpost/pinpost/internal/phone"
)

const swiss = phone.Number("41793026727")

// fake is a carrier that says what it is told to, of texts and calls.
type fake struct {
	name     string
	mu       sync.Mutex
	says     []error // what it answers, one after the other; the last for ever
	slow     time.Duration
	asked    int
	receipts chan delivery.ReceiptDelivery
	health   delivery.Health
	closeErr error
}

func newFake(name string, says ...error) *fake {
	return &fake{name: name, says: says, receipts: make(chan delivery.ReceiptDelivery)}
}

func (f *fake) answer(ctx context.Context) error {
	f.mu.Lock()
	f.asked++
	var err error
	if len(f.says) > 0 {
		err = f.says[min(f.asked, len(f.says))-1]
	}
	slow := f.slow
	f.mu.Unlock()
	select {
	case <-time.After(slow):
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fake) say(err ...error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.says, f.asked = err, 0
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *fake) Name() string { return f.name }

func (f *fake) Send(ctx context.Context, _ delivery.SMS) (delivery.Accepted, error) {
	if err := f.answer(ctx); err != nil {
		return delivery.Accepted{}, err
	}
	return delivery.Accepted{Carrier: f.name, RemoteID: f.name + "-1"}, nil
}

func (f *fake) Dial(ctx context.Context, _ delivery.Call) (delivery.Ongoing, error) {
	if err := f.answer(ctx); err != nil {
		return nil, err
	}
	return over{}, nil
}

func (f *fake) Receipts() <-chan delivery.ReceiptDelivery { return f.receipts }
func (f *fake) Health() delivery.Health                   { return f.health }
func (f *fake) Close(context.Context) error               { close(f.receipts); return f.closeErr }

// over is a call that has ended.
type over struct{ delivery.Ongoing }

func (over) Result() (delivery.CallEnd, error) {
	return delivery.CallEnd{Status: delivery.CallUserBusy, Code: "SIP 486"}, nil
}

func refusal(c delivery.Class) error {
	return &delivery.Error{Class: c, Carrier: "x", Code: "code " + c.String()}
}

func deps() route.Deps {
	return route.Deps{Now: time.Now, Pick: func(int) int { return 0 }}
}

// newSender joins carriers in their order.
func newSender(t *testing.T, carriers ...*fake) *route.Sender {
	t.Helper()
	var ways []route.Way[delivery.Sender]
	for i, c := range carriers {
		ways = append(ways, route.Way[delivery.Sender]{Carrier: c, Order: i})
	}
	s, err := route.NewSender(ways, deps())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.WithoutCancel(t.Context())) })
	return s
}
