package cache

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Lease is how long a generation is taken for granted, from the moment before the store was asked for it.
const Lease = 10 * time.Millisecond

// Wait waits until every lease has ended that began before, in whatever process. It takes a little longer than one lease, as the
// clocks of two machines do not go at quite the same rate.
func Wait() { time.Sleep(Lease + Lease/10) }

// patience is how long a question may take that is asked for several.
const patience = 5 * time.Second

// generations asks for the generation, one question at a time. A call is answered by a lease that runs, or by a question that
// was asked after it came: either way it sees every change that was answered before.
type generations struct {
	ask   func(ctx context.Context) (int64, error)
	lease atomic.Pointer[lease] // the newest; nil when there was none since the last change

	mu      sync.Mutex // held while the fields below, or the lease, are set
	changes uint64     // made in this process
	asking  bool
	next    *question // of those that came since the last question was asked; nil when nobody did
}

// lease is a generation, and until when it may be used by the monotonic clock of this process.
type lease struct {
	generation int64
	until      time.Time
}

type question struct {
	answered   chan struct{}
	generation int64
	err        error
}

func (g *generations) now(ctx context.Context) (int64, error) {
	if generation, ok := g.leased(); ok {
		return generation, nil
	}
	g.mu.Lock()
	if !g.asking { // alone, so the question is this call's own
		g.asking = true
		g.mu.Unlock()
		defer g.handOn()
		return g.renew(ctx)
	}
	if g.next == nil {
		g.next = &question{answered: make(chan struct{})}
	}
	mine := g.next
	g.mu.Unlock()
	select {
	case <-mine.answered:
		return mine.generation, mine.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// leased gives the generation of the lease, and whether it still runs.
func (g *generations) leased() (int64, bool) {
	l := g.lease.Load()
	if l == nil || time.Until(l.until) <= 0 {
		return 0, false
	}
	return l.generation, true
}

// renew asks the store. The answer begins a lease, unless something was changed meanwhile: it may be from before that.
func (g *generations) renew(ctx context.Context) (int64, error) {
	g.mu.Lock()
	changes := g.changes
	g.mu.Unlock()
	until := time.Now().Add(Lease)
	generation, err := g.ask(ctx)
	if err != nil {
		return 0, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.changes == changes {
		g.lease.Store(&lease{generation, until})
	}
	return generation, nil
}

// changed ends the lease, and sees to it that no question under way begins one.
func (g *generations) changed() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.changes++
	g.lease.Store(nil)
}

// handOn answers those who waited: by the lease that the last question began, or by the next one.
func (g *generations) handOn() {
	g.mu.Lock()
	q := g.next
	g.next = nil
	generation, ok := g.leased()
	g.asking = q != nil && !ok
	g.mu.Unlock()
	switch {
	case q == nil:
	case ok:
		q.generation = generation
		close(q.answered)
	default:
		go g.askFor(q)
	}
}

func (g *generations) askFor(q *question) {
	defer g.handOn()
	defer close(q.answered)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	q.generation, q.err = g.renew(ctx)
}
