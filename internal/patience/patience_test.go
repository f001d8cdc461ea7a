package patience_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/patience"
)

type key struct{}

// TestContext_ends as a context with a timeout does.
func TestContext_ends(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		connection, leave := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))
		until := time.Now().Add(time.Minute)
		c := patience.Within(connection, time.Minute)
		below, cancel := context.WithTimeout(c, time.Hour)
		if end, ok := c.Deadline(); !ok || !end.Equal(until) || c.Err() != nil || below.Err() != nil {
			t.Errorf("deadline %v, error %v, want in a minute and none", end, c.Err())
		}
		if c.Value(key{}) != "value" || below.Value(key{}) != "value" {
			t.Error("values are lost")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if !errors.Is(c.Err(), context.DeadlineExceeded) || !errors.Is(below.Err(), context.DeadlineExceeded) || connection.Err() != nil {
			t.Errorf("at the end: %v, below %v, the connection %v", c.Err(), below.Err(), connection.Err())
		}
		<-c.Done()
		cancel()
		c.End()
		leave(nil)
	})
}

// TestContext_ends_unwatched does so where nobody has waited for the end before it came.
func TestContext_ends_unwatched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := patience.Within(t.Context(), time.Minute)
		time.Sleep(time.Minute - time.Nanosecond)
		before := c.Err()
		time.Sleep(time.Nanosecond)
		if before != nil || !errors.Is(c.Err(), context.DeadlineExceeded) {
			t.Errorf("before the end %v, at the end %v", before, c.Err())
		}
		<-c.Done()
		c.End()
	})
}

// TestContext_left ends when the caller leaves, with the cause of that.
func TestContext_left(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		left := errors.New("left")
		for _, until := range []time.Time{{}, time.Now().Add(time.Minute)} {
			connection, leave := context.WithCancelCause(t.Context())
			c := &patience.Context{Context: connection, Until: until}
			below, cancel := context.WithCancel(c)
			leave(left)
			synctest.Wait()
			if !errors.Is(c.Err(), context.Canceled) || !errors.Is(below.Err(), context.Canceled) || !errors.Is(context.Cause(below), left) {
				t.Errorf("until %v: %v, below %v because of %v", until, c.Err(), below.Err(), context.Cause(below))
			}
			<-c.Done()
			cancel()
			c.End()
		}
	})
}

// TestContext_ended is over for those who look later, and for the same reason for ever.
func TestContext_ended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := patience.Within(t.Context(), time.Minute)
		c.End()
		if !errors.Is(c.Err(), context.Canceled) {
			t.Errorf("ended: %v, want it over", c.Err())
		}
		<-c.Done()
		time.Sleep(time.Minute)
		if !errors.Is(c.Err(), context.Canceled) {
			t.Errorf("later %v, want what was said first", c.Err())
		}

		connection, leave := context.WithCancel(t.Context())
		c = patience.Within(connection, time.Minute)
		time.Sleep(time.Minute)
		first := c.Err()
		leave()
		if !errors.Is(first, context.DeadlineExceeded) || !errors.Is(c.Err(), context.DeadlineExceeded) {
			t.Errorf("at the end %v, when the caller left too %v", first, c.Err())
		}
		c.End()
	})
}
