package server

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
)

// Why a wait or a stream ends before its time.
var (
	errStopping = fault.Unavailablef(nil, "The server is stopping")
	errClosed   = fault.NotFoundf("World with given ID cannot be found")
)

// hasLeft says that a caller left before an answer, or had no more time for one, which is no fault of ours.
func hasLeft(ctx context.Context) error {
	return fault.Unavailablef(ctx.Err(), "The caller did not wait for the answer")
}

// stay gives a context that ends when the server begins to stop or the world is closed; its cause says which.
func (d sandboxDesk) stay(ctx context.Context) (context.Context, context.CancelFunc) {
	staying, cancel := context.WithCancelCause(ctx)
	leave := d.guests.enter(accountOf(ctx), cancel)
	go func() {
		select {
		case <-d.draining:
			cancel(errStopping)
		case <-staying.Done():
		}
	}()
	return staying, func() {
		leave()
		cancel(nil)
	}
}

// closedMemory is how long a world is known to be closed: longer than a request takes from its credentials to its wait.
const closedMemory = 5 * time.Minute

// guests are the waits and streams of all worlds, so that those of a world end with it.
type guests struct {
	mu      sync.Mutex
	staying map[string]map[*guest]struct{} // by world
	closed  map[string]time.Time
}

type guest struct{ cancel context.CancelCauseFunc }

func newGuests() *guests {
	return &guests{staying: map[string]map[*guest]struct{}{}, closed: map[string]time.Time{}}
}

// enter notes one who stays in a world; cancel is called when the world is closed, at once when it is already.
func (g *guests) enter(world string, cancel context.CancelCauseFunc) (leave func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, closed := g.closed[world]; closed {
		cancel(errClosed)
		return func() {}
	}
	one := &guest{cancel}
	if g.staying[world] == nil {
		g.staying[world] = map[*guest]struct{}{}
	}
	g.staying[world][one] = struct{}{}
	return func() { g.leave(world, one) }
}

func (g *guests) leave(world string, one *guest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.staying[world], one)
	if len(g.staying[world]) == 0 {
		delete(g.staying, world)
	}
}

// close ends the stay of all in a world.
func (g *guests) close(world string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.DeleteFunc(g.closed, func(_ string, at time.Time) bool { return time.Since(at) > closedMemory })
	g.closed[world] = time.Now()
	for one := range g.staying[world] {
		one.cancel(errClosed)
	}
}
