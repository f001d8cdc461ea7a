package sandbox

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
)

// maxAhead is how far a clock can be ahead of real time: ten years, as the contract has them.
const maxAhead = 10 * 365 * 24 * time.Hour

// ClockStore keeps how far each world is ahead of real time. The times that a world has stored outlive the process; its
// clock has to do so too, or they would lie in the future.
type ClockStore interface {
	// ClocksAhead gives the worlds that are ahead.
	ClocksAhead(ctx context.Context) (map[string]time.Duration, error)
	// SetClockAhead keeps how far a world is ahead, in whole milliseconds, or gives fault.NotFound when it is gone.
	SetClockAhead(ctx context.Context, world string, ahead time.Duration) error
}

// Clocks tell the time of each world. A clock goes with real time, ahead of it by what it was moved. It is safe for
// concurrent use.
type Clocks struct {
	now    func() time.Time
	store  ClockStore
	moving sync.Mutex // held while a clock is set, from what it was to what is stored and then shown

	mu    sync.RWMutex
	ahead map[string]time.Duration
}

// NewClocks makes clocks that show what the store has of them, and now where it has nothing.
func NewClocks(ctx context.Context, now func() time.Time, store ClockStore) (*Clocks, error) {
	ahead, err := store.ClocksAhead(ctx)
	if err != nil {
		return nil, err
	}
	clocks := &Clocks{now: now, store: store, ahead: map[string]time.Duration{}}
	maps.Copy(clocks.ahead, ahead)
	return clocks, nil
}

// Now is the time of a world.
func (c *Clocks) Now(world string) time.Time { return c.now().Add(c.Ahead(world)) }

// Ahead is how far a world is ahead of real time.
func (c *Clocks) Ahead(world string) time.Duration {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.ahead[world]
}

// Advance moves a world's clock forward, once the move is stored, and gives its new time. It moves nothing and fails with
// fault.Invalid when d is not positive or the world would be more than ten years ahead, and with fault.NotFound when the
// world is gone.
func (c *Clocks) Advance(ctx context.Context, world string, d time.Duration) (time.Time, error) {
	c.moving.Lock()
	defer c.moving.Unlock()
	ahead := c.Ahead(world)
	wrong := fault.Members{}
	switch {
	case d <= 0:
		wrong.Addf("advanceMs", "must be positive: time goes forward only")
	case d > maxAhead-ahead: // no sum, which may overflow
		wrong.Addf("advanceMs", "must leave the clock at most ten years ahead of real time")
	}
	if err := wrong.Err(); err != nil {
		return time.Time{}, err
	}
	ahead += d
	if err := c.store.SetClockAhead(ctx, world, ahead); err != nil {
		return time.Time{}, err
	}
	c.show(world, ahead)
	return c.now().Add(ahead), nil
}

// Reset carries out a reset of a world that sets its stored clock to real time, and shows real time from then on. No clock
// is moved meanwhile. When reset fails, the clock stays as it is.
func (c *Clocks) Reset(world string, reset func() error) error {
	c.moving.Lock()
	defer c.moving.Unlock()
	if err := reset(); err != nil {
		return err
	}
	c.show(world, 0)
	return nil
}

// Forget lets go of a world that is gone.
func (c *Clocks) Forget(world string) {
	c.moving.Lock() // a move that was faster is shown by now
	defer c.moving.Unlock()
	c.show(world, 0)
}

func (c *Clocks) show(world string, ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ahead == 0 {
		delete(c.ahead, world)
		return
	}
	c.ahead[world] = ahead
}
