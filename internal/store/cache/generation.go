package cache

import (
	"context"
	"sync"
	"time"
)

// patience is how long a question may take that is asked for several.
const patience = 5 * time.Second

// generations asks for the generation, one question at a time. A call is answered by a question that was asked after it came,
// so that it sees every change that was made before.
type generations struct {
	ask func(ctx context.Context) (int64, error)

	mu     sync.Mutex
	asking bool
	next   *question // of those that came since the last question was asked; nil when nobody did
}

type question struct {
	answered   chan struct{}
	generation int64
	err        error
}

func (g *generations) now(ctx context.Context) (int64, error) {
	g.mu.Lock()
	if !g.asking { // alone, so the question is this call's own
		g.asking = true
		g.mu.Unlock()
		defer g.handOn()
		return g.ask(ctx)
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

// handOn has the question of those who waited asked, or nobody's.
func (g *generations) handOn() {
	g.mu.Lock()
	q := g.next
	g.next = nil
	g.asking = q != nil
	g.mu.Unlock()
	if q != nil {
		go g.askFor(q)
	}
}

func (g *generations) askFor(q *question) {
	defer g.handOn()
	defer close(q.answered)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	q.generation, q.err = g.ask(ctx)
}
