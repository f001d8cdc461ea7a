package server

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/patience"
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
		v := &visit{Context: patience.Context{Context: connection, Until: time.Now().Add(time.Minute)}}
		below, cancel := context.WithTimeout(context.WithValue(v, otherKey{}, 1), time.Hour)
		if end, ok := v.Deadline(); !ok || !end.Equal(v.Until) || v.Err() != nil || below.Err() != nil {
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
		v.End()
		leave(nil)
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
