package server

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/observe"
)

type (
	anyKey   struct{}
	otherKey struct{}
)

// TestVisit_ends as a context with a timeout does.
func TestVisit_ends(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		connection, leave := context.WithCancelCause(context.WithValue(t.Context(), anyKey{}, "value"))
		v := &visit{Context: connection, began: time.Now(), limit: time.Minute}
		below, cancel := context.WithTimeout(context.WithValue(v, otherKey{}, 1), time.Hour)
		if end, ok := v.Deadline(); !ok || !end.Equal(v.began.Add(time.Minute)) || v.Err() != nil || below.Err() != nil {
			t.Errorf("deadline %v, error %v, want in a minute and none", end, v.Err())
		}
		if v.Value(anyKey{}) != "value" || below.Value(anyKey{}) != "value" || visitOf(below) != v {
			t.Error("values are lost")
		}
		if of, ok := below.Value(observe.RequestKey{}).(*observe.Request); !ok || of != &v.Request {
			t.Error("log lines do not name the request")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if !errors.Is(v.Err(), context.DeadlineExceeded) || !errors.Is(below.Err(), context.DeadlineExceeded) || connection.Err() != nil {
			t.Errorf("at the end: %v, below %v, the connection %v", v.Err(), below.Err(), connection.Err())
		}
		<-v.Done()
		cancel()
		v.end()
		leave(nil)
	})
}

// TestVisit_ends_unwatched does so where nobody has waited for the end before it came.
func TestVisit_ends_unwatched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &visit{Context: t.Context(), began: time.Now(), limit: time.Minute}
		time.Sleep(time.Minute - time.Nanosecond)
		before := v.Err()
		time.Sleep(time.Nanosecond)
		if before != nil || !errors.Is(v.Err(), context.DeadlineExceeded) {
			t.Errorf("before the end %v, at the end %v", before, v.Err())
		}
		<-v.Done()
		v.end()
	})
}

// TestVisit_left ends when the caller leaves, with the cause of that.
func TestVisit_left(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		left := errors.New("left")
		for _, limit := range []time.Duration{0, time.Minute} {
			connection, leave := context.WithCancelCause(t.Context())
			v := &visit{Context: connection, began: time.Now(), limit: limit}
			below, cancel := context.WithCancel(v)
			leave(left)
			synctest.Wait()
			if !errors.Is(v.Err(), context.Canceled) || !errors.Is(below.Err(), context.Canceled) || !errors.Is(context.Cause(below), left) {
				t.Errorf("limit %v: %v, below %v because of %v", limit, v.Err(), below.Err(), context.Cause(below))
			}
			<-v.Done()
			cancel()
			v.end()
		}
	})
}

// TestVisit_nobody is that of a context without one: nothing is known, and notes go nowhere.
func TestVisit_nobody(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	noteRepeat(ctx, "delivery")
	if accountOf(ctx) != "" || ownerOf(ctx) != "" || keyOf(ctx) != "" || visitOf(ctx).repeat != "" {
		t.Error("something is known of nobody")
	}
}
