package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
)

// How many writes wait at most, and how many of them share a transaction.
const (
	queueLength = 4096
	groupSize   = 512
)

// patrolTime is how often those who wait are asked whether they still do, while the writer is long at others. A caller sets no timer
// of its own: nearly all are answered within milliseconds.
const patrolTime = 100 * time.Millisecond

// errFull refuses a call when too many wait already.
var errFull = fault.Unavailablef(nil, "Too many requests wait for the store")

// write is one call that writes.
type write struct {
	ctx      context.Context
	do       func(tx *transaction) error
	pins     bool // it changes PINs and what belongs to them alone
	err      error
	panicked any
	done     chan struct{} // gets one when it is carried out
	lost     func(error)   // nobody waits, and this hears of a failure
}

// writes are those that are over, to be used again.
var writes = sync.Pool{New: func() any { return &write{done: make(chan struct{}, 1)} }}

// writeQueue is the writes that wait for the writer.
type writeQueue struct {
	come chan struct{} // has something when the first of them came

	mu      sync.Mutex
	waiting []*write
	closed  bool
	busy    bool // the writer carries out what it has taken
	patrol  *time.Timer
}

func newWriteQueue() *writeQueue {
	q := &writeQueue{come: make(chan struct{}, 1)}
	q.patrol = time.AfterFunc(patrolTime, q.dismiss)
	return q
}

// add has a write wait, or says why it cannot.
func (q *writeQueue) add(w *write) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return sql.ErrConnDone
	case len(q.waiting) == queueLength:
		return errFull
	}
	if q.waiting = append(q.waiting, w); len(q.waiting) == 1 {
		select {
		case q.come <- struct{}{}:
		default:
		}
	}
	return nil
}

// take adds to to what the writer is to carry out next, the oldest first. When it takes none, the writer has nothing to do.
func (q *writeQueue) take(to []*write) []*write {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(groupSize, len(q.waiting))
	to = append(to, q.waiting[:n]...)
	q.waiting = slices.Delete(q.waiting, 0, n)
	switch {
	case n == 0:
		q.busy = false
		q.patrol.Stop()
	case !q.busy:
		q.busy = true
		q.patrol.Reset(patrolTime)
	}
	return to
}

// dismiss answers those whose context ended while they waited.
func (q *writeQueue) dismiss() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.busy {
		return
	}
	q.waiting = slices.DeleteFunc(q.waiting, func(w *write) bool {
		err := w.ctx.Err()
		if err != nil {
			w.err = err
			w.done <- struct{}{} // and it is the caller's again
		}
		return err != nil
	})
	q.patrol.Reset(patrolTime)
}

// len is how many wait.
func (q *writeQueue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// close lets the writer carry out what waits, and takes nothing more. It is false when that was so already.
func (q *writeQueue) close() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.closed = true
	close(q.come)
	return true
}
