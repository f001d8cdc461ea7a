package sandbox

import (
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
)

// maxAhead is how far a clock can be ahead of real time: ten years, as the contract has them.
const maxAhead = 10 * 365 * 24 * time.Hour

// Clocks tell the time of each world. A clock goes with real time, ahead of it by what it was moved. It is safe for
// concurrent use.
type Clocks struct {
	now   func() time.Time
	mu    sync.RWMutex
	ahead map[string]time.Duration
}

// NewClocks makes clocks that all show now until they are moved.
func NewClocks(now func() time.Time) *Clocks {
	return &Clocks{now: now, ahead: map[string]time.Duration{}}
}

// Now is the time of a world.
func (c *Clocks) Now(world string) time.Time { return c.now().Add(c.Ahead(world)) }

// Ahead is how far a world is ahead of real time.
func (c *Clocks) Ahead(world string) time.Duration {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.ahead[world]
}

// Advance moves a world's clock forward and gives its new time. It fails with fault.Invalid, and moves nothing, when d is
// not positive or the world would be more than ten years ahead.
func (c *Clocks) Advance(world string, d time.Duration) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wrong := fault.Members{}
	switch ahead := c.ahead[world]; {
	case d <= 0:
		wrong.Addf("advanceMs", "must be positive: time goes forward only")
	case d > maxAhead-ahead: // no sum, which may overflow
		wrong.Addf("advanceMs", "must leave the clock at most ten years ahead of real time")
	}
	if err := wrong.Err(); err != nil {
		return time.Time{}, err
	}
	c.ahead[world] += d
	return c.now().Add(c.ahead[world]), nil
}

// Reset sets a world's clock to real time.
func (c *Clocks) Reset(world string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.ahead, world)
}
