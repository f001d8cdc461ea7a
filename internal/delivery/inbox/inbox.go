// Package inbox is the sandbox's carrier: it keeps what would have been texted or spoken, so that a person or a test can
// read it or wait for it. It carries texts and calls.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

// Name is the inbox's name as a carrier.
const Name = "inbox"

// MaxEntries is how many entries one reading gives, and one draining removes, at most.
const MaxEntries = 1000

// ErrClosed is what an inbox gives once it is closed.
var ErrClosed = errors.New("inbox is closed")

// Inbox is a delivery.Sender and a delivery.Caller.
type Inbox struct {
	store    Store
	now      func(accountID string) time.Time
	receipts chan delivery.ReceiptDelivery
	closing  chan struct{} // closed by Close, for those who wait
	sending  sync.RWMutex
	closed   bool
	marks    mark
	bell     bell
	trimmer  trimmer
}

var (
	_ delivery.Sender = (*Inbox)(nil)
	_ delivery.Caller = (*Inbox)(nil)
)

// New makes an inbox that keeps its entries in store. It reads the store's last cursor.
func New(store Store, now func() time.Time) (*Inbox, error) {
	if now == nil {
		return nil, errors.New("inbox needs a clock")
	}
	return NewByWorld(store, func(string) time.Time { return now() })
}

// NewByWorld is New for accounts that have a time of their own each.
func NewByWorld(store Store, now func(accountID string) time.Time) (*Inbox, error) {
	if store == nil || now == nil {
		return nil, errors.New("inbox needs a store and a clock")
	}
	last, err := store.LastCursor(context.Background())
	if err != nil {
		return nil, fmt.Errorf("open inbox: %w", err)
	}
	i := &Inbox{
		store: store, now: now,
		receipts: make(chan delivery.ReceiptDelivery), closing: make(chan struct{}),
	}
	i.marks.raise(last)
	i.trimmer.open(store)
	return i, nil
}

// Name is "inbox".
func (*Inbox) Name() string { return Name }

// Send keeps the text and reports it delivered.
func (i *Inbox) Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error) {
	e, err := i.Capture(ctx, m)
	if err != nil {
		return delivery.Accepted{}, err
	}
	return delivery.Accepted{
		Carrier: Name, RemoteID: e.ID, Parts: e.Segments, Encoding: e.Encoding, State: delivery.StateDelivered,
	}, nil
}

// Dial keeps the call; a person picks up at once and hears it.
func (i *Inbox) Dial(ctx context.Context, c delivery.Call) (delivery.Ongoing, error) {
	e, err := i.CaptureCall(ctx, c, delivery.CallProcessed)
	if err != nil {
		return nil, err
	}
	return ended{delivery.CallEnd{Status: delivery.CallProcessed, Answered: e.At, Ended: e.At, Plays: 1}}, nil
}

// Receipts has none: a captured text is delivered when Send returns.
func (i *Inbox) Receipts() <-chan delivery.ReceiptDelivery { return i.receipts }

// Health is always up.
func (i *Inbox) Health() delivery.Health {
	return delivery.Health{Up: true, Detail: "captures every message"}
}

// Close waits for messages being kept, ends all waiting, and ends. Closing again does nothing.
func (i *Inbox) Close(context.Context) error {
	i.sending.Lock()
	if !i.closed {
		i.closed = true
		close(i.receipts)
		close(i.closing)
	}
	i.sending.Unlock()
	i.trimmer.close()
	return nil
}

// ended is a call that is over.
type ended struct{ end delivery.CallEnd }

func (ended) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

func (e ended) Result() (delivery.CallEnd, error) { return e.end, nil }

func (ended) Hangup() {}
