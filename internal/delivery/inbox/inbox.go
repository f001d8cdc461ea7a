// Package inbox is the sandbox's carrier: it keeps what would have been texted or spoken, so that a person or a test can
// read it. It carries texts and calls.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/sms"
)

// Name is the inbox's name as a carrier.
const Name = "inbox"

// Entry is one captured text or call. It holds the PIN readable, which is why the inbox exists in sandboxes only.
type Entry struct {
	delivery.Origin
	ID       string // the attempt's id
	Channel  string // "SMS" or "VOICE"
	To       phone.Number
	From     string
	Text     delivery.Text // as a screen shows it
	Spoken   delivery.Text // as a voice says it; empty for a text
	PIN      delivery.Code
	Encoding string // of a text: GSM-7 or UCS-2
	Segments int    // of a text
	At       time.Time
}

// Filter narrows what is read; empty members mean any.
type Filter struct {
	AccountID string
	To        phone.Number
	PINID     string
}

// Store keeps entries.
type Store interface {
	// PutEntry keeps an entry; it is durable when the call returns.
	PutEntry(ctx context.Context, e Entry) error
	// Entries gives the entries that fit, newest first, at most max.
	Entries(ctx context.Context, f Filter, max int) ([]Entry, error)
}

// MaxEntries is how many entries one reading gives at most.
const MaxEntries = 1000

// Inbox is a delivery.Sender and a delivery.Caller.
type Inbox struct {
	store    Store
	now      func() time.Time
	receipts chan delivery.ReceiptDelivery
	sending  sync.RWMutex
	closed   bool
}

var (
	_ delivery.Sender = (*Inbox)(nil)
	_ delivery.Caller = (*Inbox)(nil)
)

// New makes an inbox that keeps its entries in store.
func New(store Store, now func() time.Time) (*Inbox, error) {
	if store == nil || now == nil {
		return nil, errors.New("inbox needs a store and a clock")
	}
	return &Inbox{store: store, now: now, receipts: make(chan delivery.ReceiptDelivery)}, nil
}

// Name is "inbox".
func (*Inbox) Name() string { return Name }

// Send keeps the text and reports it delivered.
func (i *Inbox) Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error) {
	i.sending.RLock()
	defer i.sending.RUnlock()
	if i.closed {
		return delivery.Accepted{}, refuse(errors.New("inbox is closed"))
	}
	segments := sms.SegmentsOf(m.Text.Reveal())
	entry := Entry{
		Origin: m.Origin, ID: m.AttemptID, Channel: "SMS", To: m.To, From: m.From,
		Text: m.Text, PIN: m.PIN,
		Encoding: string(segments.Encoding), Segments: segments.Count, At: i.now(),
	}
	if err := i.store.PutEntry(ctx, entry); err != nil {
		return delivery.Accepted{}, refuse(err)
	}
	return delivery.Accepted{
		Carrier: Name, RemoteID: entry.ID, Parts: segments.Count, Encoding: string(segments.Encoding),
		State: delivery.StateDelivered,
	}, nil
}

// Dial keeps the call; a person picks up at once and hears it.
func (i *Inbox) Dial(ctx context.Context, c delivery.Call) (delivery.Ongoing, error) {
	entry := Entry{
		Origin: c.Origin, ID: c.AttemptID, Channel: "VOICE", To: c.To, From: c.From,
		Text: c.Prompt.Text(), Spoken: c.Prompt.Spoken(), PIN: c.Prompt.PIN, At: i.now(),
	}
	if err := i.store.PutEntry(ctx, entry); err != nil {
		return nil, refuse(err)
	}
	return ended{delivery.CallEnd{Status: delivery.CallProcessed, Answered: entry.At, Ended: entry.At, Plays: 1}}, nil
}

// Receipts has none: a captured text is delivered when Send returns.
func (i *Inbox) Receipts() <-chan delivery.ReceiptDelivery { return i.receipts }

// Health is always up.
func (i *Inbox) Health() delivery.Health {
	return delivery.Health{Up: true, Detail: "captures every message"}
}

// Close waits for texts being kept, and ends. Closing again does nothing.
func (i *Inbox) Close(context.Context) error {
	i.sending.Lock()
	defer i.sending.Unlock()
	if !i.closed {
		i.closed = true
		close(i.receipts)
	}
	return nil
}

// List gives the entries that fit, newest first.
func (i *Inbox) List(ctx context.Context, f Filter) ([]Entry, error) {
	entries, err := i.store.Entries(ctx, f, MaxEntries)
	if err != nil {
		return nil, fmt.Errorf("read inbox: %w", err)
	}
	return entries, nil
}

func refuse(err error) error {
	return &delivery.Error{Class: delivery.Temporary, Carrier: Name, Code: "store", Err: err}
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
