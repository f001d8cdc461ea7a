package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

// textOf is a text of an account with a PIN of its own.
func textOf(accountID, pinID string) delivery.SMS {
	m := text(pinID)
	m.AccountID, m.PINID = accountID, pinID
	return m
}

func send(t *testing.T, box *inbox.Inbox, texts ...delivery.SMS) {
	t.Helper()
	for _, m := range texts {
		if _, err := box.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWait_takes_what_is_there(t *testing.T) {
	t.Parallel()
	box, _ := setup(t)
	send(t, box, textOf("A", "p1"), textOf("B", "p2"))
	behind := box.Last()
	send(t, box, textOf("A", "p3"), textOf("A", "p4"))
	for name, tt := range map[string]struct {
		filter inbox.Filter
		want   string
	}{
		"the newest without a cursor":    {inbox.Filter{AccountID: "A"}, "p4"},
		"the oldest behind a cursor":     {inbox.Filter{AccountID: "A", After: behind}, "p3"},
		"the oldest that fits behind it": {inbox.Filter{AccountID: "A", After: 1, PINID: "p4"}, "p4"},
		"another account's":              {inbox.Filter{AccountID: "B"}, "p2"},
	} {
		if e, err := box.Wait(t.Context(), tt.filter); err != nil || e.PINID != tt.want {
			t.Errorf("%s: Wait = %s, %v, want %s", name, e.PINID, err, tt.want)
		}
	}
}

func TestWait_is_woken_by_its_own_alone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box, store := setup(t)
		const many = 1000
		var waiting sync.WaitGroup
		for n := range many {
			waiting.Go(func() {
				f := inbox.Filter{AccountID: "A", PINID: fmt.Sprint("p", n)}
				if n%2 == 0 {
					f.After = 1
				}
				if e, err := box.Wait(t.Context(), f); err != nil || e.PINID != f.PINID {
					t.Errorf("Wait = %s, %v, want %s", e.PINID, err, f.PINID)
				}
			})
		}
		synctest.Wait()
		time.Sleep(time.Hour) // idle
		send(t, box, textOf("A", "another"), textOf("B", "p0"))
		synctest.Wait()
		if store.reads != many {
			t.Errorf("%d waits read %d times while nothing fits, want once each", many, store.reads)
		}
		for n := range many {
			send(t, box, textOf("A", fmt.Sprint("p", n)))
		}
		waiting.Wait()
		if store.reads != 2*many {
			t.Errorf("%d waits read %d times, want twice each", many, store.reads)
		}
	})
}

func TestWait_misses_nothing_between_reading_and_sleeping(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]int64{"with a cursor": 1, "without one": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box, store := setup(t)
			store.reading = sync.OnceFunc(func() { send(t, box, textOf("A", "p1")) })
			if e, err := box.Wait(t.Context(), inbox.Filter{AccountID: "A", After: after}); err != nil || e.PINID != "p1" {
				t.Errorf("Wait = %s, %v, want p1", e.PINID, err)
			}
		})
	}
}

func TestWait_ends(t *testing.T) {
	t.Parallel()
	t.Run("with its context", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			box, _ := setup(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			start := time.Now()
			_, err := box.Wait(ctx, inbox.Filter{AccountID: "A"})
			if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != time.Minute {
				t.Errorf("Wait = %v after %v, want the context's error after a minute", err, took)
			}
		})
	})
	t.Run("with a context that ends while the store is read", func(t *testing.T) {
		t.Parallel()
		box, store := setup(t)
		ctx, cancel := context.WithCancel(t.Context())
		store.reading = cancel
		for _, f := range []inbox.Filter{{}, {After: 1}} {
			if _, err := box.Wait(ctx, f); err != context.Canceled {
				t.Errorf("Wait = %v, want the bare error of the context", err)
			}
		}
	})
	t.Run("with the inbox", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			box, _ := setup(t)
			ended := make(chan error, 2)
			go func() {
				_, err := box.Wait(t.Context(), inbox.Filter{AccountID: "A"})
				ended <- err
			}()
			go func() { ended <- box.Follow(t.Context(), inbox.Filter{AccountID: "A"}, nil) }()
			synctest.Wait()
			if err := box.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := <-ended; !errors.Is(err, inbox.ErrClosed) {
					t.Errorf("waiting ended with %v, want %v", err, inbox.ErrClosed)
				}
			}
		})
	})
	t.Run("with the store", func(t *testing.T) {
		t.Parallel()
		box, store := setup(t)
		store.err = errFull
		_, newest := box.Wait(t.Context(), inbox.Filter{})
		_, oldest := box.Wait(t.Context(), inbox.Filter{After: 1})
		for _, err := range []error{newest, oldest, box.Follow(t.Context(), inbox.Filter{}, nil)} {
			if !errors.Is(err, errFull) {
				t.Errorf("waiting ended with %v, want the store's failure", err)
			}
		}
	})
}

func TestFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box, _ := setup(t)
		send(t, box, textOf("A", "p1"))
		behind := box.Last()
		send(t, box, textOf("A", "p2"), textOf("B", "p3"), textOf("A", "p4"))
		ctx, hangUp := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		var seen []string
		go func() {
			ended <- box.Follow(ctx, inbox.Filter{AccountID: "A", After: behind}, func(e inbox.Entry) error {
				if seen = append(seen, e.PINID); e.PINID == "p4" {
					send(t, box, textOf("A", "p5")) // while it is busy with another
				}
				return nil
			})
		}()
		synctest.Wait()
		send(t, box, textOf("A", "p6"), textOf("B", "p7"), textOf("A", "p8"))
		synctest.Wait()
		hangUp()
		if err := <-ended; err != context.Canceled {
			t.Errorf("Follow = %v, want the context's error", err)
		}
		if want := []string{"p2", "p4", "p5", "p6", "p8"}; !slices.Equal(seen, want) {
			t.Errorf("saw %q, want %q", seen, want)
		}
		broken := errors.New("line is broken")
		if err := box.Follow(t.Context(), inbox.Filter{AccountID: "A"}, func(inbox.Entry) error { return broken }); err != broken {
			t.Errorf("Follow = %v, want what the call back gave", err)
		}
	})
}
