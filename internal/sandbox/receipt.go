package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

const (
	// maxReceipts bounds the receipts that wait for a reader; the oldest are dropped then.
	maxReceipts = 10_000
	// drainTime is how long receipts that wait may still be read after the end.
	drainTime = time.Second
)

var errUnread = errors.New("receipts were left unread")

// receipts hands receipts over in order, so that those who put them need not wait for a reader. One goroutine hands
// over, from newReceipts to close.
type receipts struct {
	out     chan delivery.ReceiptDelivery
	wake    chan struct{} // something waits
	ending  chan struct{} // hand over what waits, then end
	abandon chan struct{} // end
	done    chan struct{} // has ended
	once    sync.Once

	mu      sync.Mutex
	waiting []delivery.ReceiptDelivery
}

func newReceipts() *receipts {
	q := &receipts{
		out: make(chan delivery.ReceiptDelivery), wake: make(chan struct{}, 1),
		ending: make(chan struct{}), abandon: make(chan struct{}), done: make(chan struct{}),
	}
	go q.run()
	return q
}

// put queues a receipt. The channel is closed when its reader has acknowledged it.
func (q *receipts) put(r delivery.Receipt) <-chan struct{} {
	stored := make(chan struct{})
	ack := sync.OnceFunc(func() { close(stored) })
	q.mu.Lock()
	if len(q.waiting) == maxReceipts {
		q.waiting = q.waiting[1:]
	}
	q.waiting = append(q.waiting, delivery.ReceiptDelivery{Receipt: r, Ack: ack})
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default: // it is awake
	}
	return stored
}

// close ends the queue and waits for its goroutine. It fails when receipts were left that nobody read in time.
func (q *receipts) close(ctx context.Context) error {
	var err error
	q.once.Do(func() {
		close(q.ending)
		timer := time.NewTimer(drainTime)
		defer timer.Stop()
		select {
		case <-q.done:
		case <-timer.C:
			err = errUnread
		case <-ctx.Done():
			err = fmt.Errorf("%w: %w", errUnread, ctx.Err())
		}
		close(q.abandon)
		<-q.done
		if !q.left() {
			err = nil // all were read at the last moment
		}
	})
	return err
}

func (q *receipts) run() {
	defer close(q.done)
	defer close(q.out)
	for ending := false; ; {
		if r, ok := q.next(); ok {
			select {
			case q.out <- r:
			case <-q.abandon:
				q.back(r)
				return
			}
			continue
		}
		if ending {
			return
		}
		select {
		case <-q.wake:
		case <-q.ending:
			ending = true
		}
	}
}

func (q *receipts) next() (r delivery.ReceiptDelivery, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return r, false
	}
	r, q.waiting = q.waiting[0], q.waiting[1:]
	return r, true
}

// back puts a receipt that nobody read where it was.
func (q *receipts) back(r delivery.ReceiptDelivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = slices.Insert(q.waiting, 0, r)
}

func (q *receipts) left() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) > 0
}
