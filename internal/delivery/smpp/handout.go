package smpp

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

// run hands receipts out until ctx ends, and closes the channel.
func (r *receipts) run(ctx context.Context) {
	defer close(r.out)
	for {
		e, left := r.next()
		if e == nil {
			if !r.await(ctx, left) {
				return
			}
			continue
		}
		what, worth := r.report(e)
		if !worth {
			r.acknowledge(e)
			continue
		}
		var once sync.Once
		select {
		case r.out <- delivery.ReceiptDelivery{Receipt: what, Ack: func() { once.Do(func() { r.acknowledge(e) }) }}:
		case <-ctx.Done():
			return
		}
	}
}

// await passes the time until next may have something else to say. It is false when ctx has ended.
func (r *receipts) await(ctx context.Context, left time.Duration) bool {
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.wake:
	case <-ctx.Done():
		return false
	}
	return true
}

// next finds the receipt that has been due for longest, and marks it as handed out; or how long nothing is due.
func (r *receipts) next() (*entry, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var first *entry
	for _, e := range r.waiting {
		if e.handed.IsZero() && (first == nil || e.due.Before(first.due) || e.due.Equal(first.due) && e.at.Before(first.at)) {
			first = e
		}
	}
	if first == nil || r.closed {
		return nil, time.Hour
	}
	now := r.now()
	if left := first.due.Sub(now); left > 0 {
		return nil, left
	}
	first.handed = now
	return first, 0
}

// report says what a receipt means for its message. The first part that fails is the end of a message of several; it is
// delivered with its last part, and waiting until then. It is false when the message's end was reported before.
func (r *receipts) report(e *entry) (delivery.Receipt, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	what := delivery.Receipt{
		Carrier: r.config.Name, RemoteID: e.id, State: receiptStates[e.state], Code: e.state.String(), At: e.at,
	}
	if e.receipt.Err != "" {
		what.Code += " err " + e.receipt.Err
	}
	m, known := r.sent.get(e.id)
	if !known || len(m.ids) < 2 {
		return what, true
	}
	what.RemoteID = m.ids[0]
	if m.over {
		return what, false
	}
	if what.State == delivery.StateDelivered {
		if !e.counted {
			e.counted = true
			m.delivered++
		}
		what.Code += fmt.Sprintf(" %d/%d", m.delivered, len(m.ids))
		if m.delivered < len(m.ids) {
			what.State = delivery.StateWaiting
		}
	}
	m.over = what.State.Final()
	return what, true
}

// acknowledge tells the SMSC that a receipt is stored.
func (r *receipts) acknowledge(e *entry) {
	r.mu.Lock()
	answers := e.answers
	e.answers = nil
	if r.waiting[e.receiptKey] == e {
		delete(r.waiting, e.receiptKey)
		r.stored.put(e.receiptKey, struct{}{})
	}
	r.mu.Unlock()
	for _, answer := range answers {
		answer()
	}
}

// close takes no more receipts, and waits until those handed out are stored, but not for ever: nobody may be reading. Those
// held back were not answered, so the SMSC repeats them.
func (r *receipts) close(ctx context.Context, patience time.Duration) {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for r.handedOut() > 0 {
		if sleep(ctx, 5*time.Millisecond) != nil {
			return
		}
	}
}

func (r *receipts) handedOut() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	count := 0
	for _, e := range r.waiting {
		if !e.handed.IsZero() {
			count++
		}
	}
	return count
}
