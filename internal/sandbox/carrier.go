package sandbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

const (
	// receiptPatience is how long Send waits until a receipt that goes before its answer is stored.
	receiptPatience = time.Second
	// receiptDelay is how long after the answer any other receipt comes, so that the answer is stored by then.
	receiptDelay = 100 * time.Millisecond
)

// Box keeps what would have gone out, and names it.
type Box interface {
	// Capture keeps a text.
	Capture(ctx context.Context, m delivery.SMS) (id string, err error)
	// CaptureCall keeps a call and how it ended, or CallProcessing for one that has not.
	CaptureCall(ctx context.Context, c delivery.Call, status delivery.CallStatus) (id string, err error)
}

// Carrier takes texts and calls as the scenarios of their numbers say; any other number is delivered and answered. What
// it takes is captured in a Box; a text that it refuses is not.
type Carrier struct {
	box      Box
	now      func(accountID string) time.Time
	receipts *receipts
	closing  chan struct{}  // closed as Close begins; ends every wait
	busy     sync.WaitGroup // texts and calls being taken, and receipts that come later

	mu     sync.Mutex
	closed bool
	hungUp bool               // no call goes on any more
	calls  map[*call]struct{} // those under way
}

var (
	_ delivery.Sender = (*Carrier)(nil)
	_ delivery.Caller = (*Carrier)(nil)
)

// NewCarrier makes a carrier that captures in box and dates what it reports of an account by now. It must be closed.
func NewCarrier(box Box, now func(accountID string) time.Time) (*Carrier, error) {
	if box == nil || now == nil {
		return nil, errors.New("sandbox carrier needs a box and a clock")
	}
	return &Carrier{
		box: box, now: now, receipts: newReceipts(), closing: make(chan struct{}), calls: map[*call]struct{}{},
	}, nil
}

type refusalKey struct{}

// WithRefusal marks a context so that the carrier refuses what is sent or dialled with it.
func WithRefusal(ctx context.Context) context.Context {
	return context.WithValue(ctx, refusalKey{}, true)
}

// Name is "sandbox".
func (*Carrier) Name() string { return Name }

// Send takes the text as its number's scenario says. A refusal is a *delivery.Error.
func (c *Carrier) Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error) {
	s, err := c.begin(ctx, m.To)
	if err != nil {
		return delivery.Accepted{}, err
	}
	defer c.busy.Done()
	if err := c.pause(ctx, s.Delay); err != nil {
		return delivery.Accepted{}, err
	}
	if s.SMSRefused {
		return delivery.Accepted{}, refusal(s.SMSClass, s.Name, nil)
	}
	id, err := c.box.Capture(ctx, m)
	if err != nil {
		return delivery.Accepted{}, refusal(delivery.Temporary, "box", err)
	}
	if state, comes := s.receipt(); comes {
		r := delivery.Receipt{Carrier: Name, RemoteID: id, AttemptID: m.AttemptID, State: state, Code: s.Name}
		c.report(ctx, r, m.AccountID, s.ReceiptFirst)
	}
	return delivery.Accepted{Carrier: Name, RemoteID: id, State: s.answer()}, nil
}

// Receipts are what becomes of texts that did not end when they were taken. The channel is closed by Close.
func (c *Carrier) Receipts() <-chan delivery.ReceiptDelivery { return c.receipts.out }

// Health is always up.
func (*Carrier) Health() delivery.Health {
	return delivery.Health{Up: true, Detail: "captures every message"}
}

// Hangup ends every call under way, and from now on each call ends as it is dialled. Call it before waiting for those who
// follow calls.
func (c *Carrier) Hangup() {
	c.mu.Lock()
	c.hungUp = true
	under := make([]*call, 0, len(c.calls))
	for k := range c.calls {
		under = append(under, k)
	}
	c.mu.Unlock()
	for _, k := range under {
		k.Hangup()
	}
}

// Close takes nothing more, ends the calls under way, and waits until texts being taken are captured and receipts are
// read, but for receipts no longer than a moment. Closing again does nothing.
func (c *Carrier) Close(ctx context.Context) error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.closing)
	}
	c.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		c.busy.Wait()
	}()
	var err error
	select {
	case <-idle:
	case <-ctx.Done():
		err = fmt.Errorf("wait for texts and calls being taken: %w", ctx.Err())
	}
	c.Hangup()
	return errors.Join(err, c.receipts.close(ctx))
}

// begin finds the scenario of a number, or why nothing is taken. Without an error, the caller calls busy.Done.
func (c *Carrier) begin(ctx context.Context, to phone.Number) (Scenario, error) {
	if refused, _ := ctx.Value(refusalKey{}).(bool); refused {
		return Scenario{}, refusal(delivery.Rejected, "fault", nil)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return Scenario{}, refusal(delivery.Temporary, "closed", nil)
	}
	c.busy.Add(1)
	s, _, ok := Find(to)
	if !ok {
		s = Scenario{State: delivery.StateDelivered, Call: delivery.CallProcessed}
	}
	return s, nil
}

// pause passes the time a carrier takes to answer. A closing carrier answers at once.
func (c *Carrier) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.closing:
	case <-ctx.Done():
		return fmt.Errorf("wait for the carrier: %w", ctx.Err())
	}
	return nil
}

// report hands over what became of a text: before Send answers, or a while after. Call it while the text is being taken.
func (c *Carrier) report(ctx context.Context, r delivery.Receipt, accountID string, first bool) {
	if first {
		r.At = c.now(accountID)
		c.await(ctx, c.receipts.put(r))
		return
	}
	ctx = context.WithoutCancel(ctx)
	c.busy.Go(func() {
		_ = c.pause(ctx, receiptDelay) // a closing carrier reports at once
		r.At = c.now(accountID)
		c.receipts.put(r)
	})
}

// await passes the time until a receipt is stored, but not for ever: nobody may be reading.
func (c *Carrier) await(ctx context.Context, stored <-chan struct{}) {
	timer := time.NewTimer(receiptPatience)
	defer timer.Stop()
	select {
	case <-stored:
	case <-timer.C:
	case <-c.closing:
	case <-ctx.Done():
	}
}

func refusal(class delivery.Class, code string, err error) error {
	return &delivery.Error{Class: class, Carrier: Name, Code: code, Err: err}
}
