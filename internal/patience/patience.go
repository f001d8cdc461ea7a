// Package patience bounds how long something may take, and sets no timer before somebody waits for the end: most things end
// without.
package patience

import (
	"context"
	"sync"
	"time"
)

// Context ends with the one that it is made of, and at a time of its own.
type Context struct {
	context.Context
	Until time.Time // when it ends; zero for no such time. Nobody changes it once others have the context.

	mu     sync.Mutex
	timed  context.Context // made when somebody first waits
	cancel context.CancelFunc
	err    error // why it is over, once somebody has asked or ended it
}

// Within gives a context that ends after some time. Whoever made it ends it.
func Within(ctx context.Context, most time.Duration) *Context {
	return &Context{Context: ctx, Until: time.Now().Add(most)}
}

// Value gives what the context that it is made of knows.
func (c *Context) Value(key any) any {
	c.mu.Lock()
	inner := c.timed
	c.mu.Unlock()
	if inner == nil {
		inner = c.Context
	}
	return inner.Value(key)
}

// Deadline is the earlier of the two ends.
func (c *Context) Deadline() (time.Time, bool) {
	earliest, bounded := c.Context.Deadline()
	if !c.Until.IsZero() && (!bounded || c.Until.Before(earliest)) {
		return c.Until, true
	}
	return earliest, bounded
}

// Done is closed at the earlier of the two ends.
func (c *Context) Done() <-chan struct{} {
	if c.Until.IsZero() {
		return c.Context.Done()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timed == nil {
		c.timed, c.cancel = context.WithDeadline(c.Context, c.Until)
		if c.err != nil {
			c.cancel()
		}
	}
	return c.timed.Done()
}

// Err says which of the two came first.
func (c *Context) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
	case c.timed != nil:
		c.err = c.timed.Err()
	case c.Context.Err() != nil:
		c.err = c.Context.Err()
	case !c.Until.IsZero() && !time.Now().Before(c.Until):
		c.err = context.DeadlineExceeded
	}
	return c.err
}

// End tells those who wait that it is over, and frees what waiting has taken. One that has no end of its own is not over before the one
// that it is made of.
func (c *Context) End() {
	c.mu.Lock()
	cancel := c.cancel
	if cancel == nil && c.err == nil && !c.Until.IsZero() {
		c.err = context.Canceled
	}
	c.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}
