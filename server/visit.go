package server

import (
	"context"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/observe"
)

// visit is one request and its context: what middlewares find out is noted here, where a chain of contexts would cost a copy of
// the request for each link. Middlewares write it before and after a desk works, so that whatever a desk starts may read it.
type visit struct {
	context.Context // the connection's: it ends when the caller leaves
	observe.Request
	began   time.Time
	account string // whose data the request is about; empty before authenticate
	owner   string // whose credentials were sent, when account is a world
	key     string // id of the key that the request was made with; empty for user name and password
	reason  string // why it was refused
	repeat  string // the delivery that the answer is repeated of
	struck  bool   // the sandbox answers in the operation's place, with what the operation need not declare

	limit  time.Duration // how long the request may take; zero for no limit
	mu     sync.Mutex
	timed  context.Context // made when somebody first waits for the end: most requests end without
	cancel context.CancelFunc
}

type visitKey struct{}

// visitOf gives the visit of a context; of one that has none, a visit of nobody.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{Context: ctx}
}

// Value gives the visit and what log lines say of it.
func (v *visit) Value(key any) any {
	switch key.(type) {
	case visitKey:
		return v
	case observe.RequestKey:
		return &v.Request
	}
	v.mu.Lock()
	inner := v.timed
	v.mu.Unlock()
	if inner == nil {
		inner = v.Context
	}
	return inner.Value(key)
}

// Deadline is when the store is told to give up.
func (v *visit) Deadline() (time.Time, bool) {
	earliest, bounded := v.Context.Deadline()
	if end := v.began.Add(v.limit); v.limit > 0 && (!bounded || end.Before(earliest)) {
		return end, true
	}
	return earliest, bounded
}

// Done is closed when the caller leaves or the deadline comes.
func (v *visit) Done() <-chan struct{} {
	if v.limit == 0 {
		return v.Context.Done()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.timed == nil {
		v.timed, v.cancel = context.WithDeadline(v.Context, v.began.Add(v.limit))
	}
	return v.timed.Done()
}

// Err says which of the two came first.
func (v *visit) Err() error {
	v.mu.Lock()
	timed := v.timed
	v.mu.Unlock()
	switch {
	case timed != nil:
		return timed.Err()
	case v.Context.Err() != nil || v.limit == 0 || time.Since(v.began) < v.limit:
		return v.Context.Err()
	}
	return context.DeadlineExceeded
}

// end frees what waiting has taken.
func (v *visit) end() {
	v.mu.Lock()
	cancel := v.cancel
	v.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// accountOf gives the account whose data a request is about: that of its credentials, or a world of it.
func accountOf(ctx context.Context) string { return visitOf(ctx).account }

// ownerOf gives the account whose credentials were sent, whatever world the request is meant for.
func ownerOf(ctx context.Context) string {
	v := visitOf(ctx)
	if v.owner != "" {
		return v.owner
	}
	return v.account
}

// keyOf gives the id of the key that a request was made with; it is empty for user name and password.
func keyOf(ctx context.Context) string { return visitOf(ctx).key }

// noteRepeat says which delivery an answer is repeated of; nothing when it is empty.
func noteRepeat(ctx context.Context, deliveryID string) { visitOf(ctx).repeat = deliveryID }
