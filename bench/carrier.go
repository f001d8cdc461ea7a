package main

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/pinpost/pinpost/internal/delivery"
)

// carrier takes every text at once and delivers it nowhere. It stands where production has a link to a network, whose time
// is not ours.
type carrier struct {
	taken    atomic.Int64
	receipts chan delivery.ReceiptDelivery
}

// notes are PINs that the carrier was given in a context with them, as nobody else ever sees PINs.
type notes struct {
	mu    sync.Mutex
	texts []text
}

type notesKey struct{}

// text is what the load generator has to know of a PIN.
type text struct{ pinID, code, to string }

func newCarrier() *carrier { return &carrier{receipts: make(chan delivery.ReceiptDelivery)} }

// Name is "bench".
func (*carrier) Name() string { return "bench" }

// Send takes a text.
func (c *carrier) Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error) {
	c.taken.Add(1)
	if n, noting := ctx.Value(notesKey{}).(*notes); noting {
		n.mu.Lock()
		n.texts = append(n.texts, text{m.PINID, m.PIN.Reveal(), m.To.Digits()})
		n.mu.Unlock()
	}
	return delivery.Accepted{Carrier: "bench", RemoteID: m.AttemptID, State: delivery.StateDelivered}, nil
}

// Receipts has none: what Send says is final.
func (c *carrier) Receipts() <-chan delivery.ReceiptDelivery { return c.receipts }

// Health is up.
func (*carrier) Health() delivery.Health { return delivery.Health{Up: true} }

// Close ends the receipts.
func (c *carrier) Close(context.Context) error {
	close(c.receipts)
	return nil
}
