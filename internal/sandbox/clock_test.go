package sandbox_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/sandbox"
)

const tenYears = 315_360_000_000 * time.Millisecond

// clockStore is a sandbox.ClockStore in memory.
type clockStore map[string]time.Duration

var errLost = errors.New("the store is lost")

func (s clockStore) ClocksAhead(context.Context) (map[string]time.Duration, error) { return s, nil }

func (s clockStore) SetClockAhead(_ context.Context, world string, ahead time.Duration) error {
	if world == "gone" {
		return fault.NotFoundf("World with given ID cannot be found")
	}
	s[world] = ahead
	return nil
}

func newClocks(t *testing.T, s clockStore) *sandbox.Clocks {
	t.Helper()
	c, err := sandbox.NewClocks(t.Context(), atNoon, s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestClocks_outlive_the_process wants a move to be stored, and what is stored to be shown by the next process.
func TestClocks_outlive_the_process(t *testing.T) {
	t.Parallel()
	store := clockStore{}
	for _, want := range []time.Duration{time.Hour, 2 * time.Hour} {
		c := newClocks(t, store)
		if _, err := c.Advance(t.Context(), "w", time.Hour); err != nil || store["w"] != want || c.Ahead("w") != want {
			t.Errorf("Advance = %v; %s is stored and %s shown, want %s", err, store["w"], c.Ahead("w"), want)
		}
	}
}

// TestClocks_show_what_is_stored wants a clock that could not be stored, or whose reset failed, to stay as it was.
func TestClocks_show_what_is_stored(t *testing.T) {
	t.Parallel()
	c := newClocks(t, clockStore{"w": time.Hour})
	if _, err := c.Advance(t.Context(), "gone", time.Hour); !fault.Is(err, fault.NotFound) || c.Ahead("gone") != 0 {
		t.Errorf("Advance of a world that is gone = %v and Ahead = %s, want it not found", err, c.Ahead("gone"))
	}
	if err := c.Reset("w", func() error { return errLost }); !errors.Is(err, errLost) || c.Ahead("w") != time.Hour {
		t.Errorf("a reset that fails gives %v and leaves the world %s ahead, want an hour", err, c.Ahead("w"))
	}
	if c.Forget("w"); c.Ahead("w") != 0 {
		t.Errorf("a world that is gone is %s ahead, want nothing left of it", c.Ahead("w"))
	}
	if c, err := sandbox.NewClocks(t.Context(), atNoon, lostStore{}); c != nil || !errors.Is(err, errLost) {
		t.Errorf("NewClocks without a store = %v, %v, want its error", c, err)
	}
}

type lostStore struct{ clockStore }

func (lostStore) ClocksAhead(context.Context) (map[string]time.Duration, error) { return nil, errLost }

func TestClocks_move_by_world(t *testing.T) {
	t.Parallel()
	c := newClocks(t, clockStore{})
	for _, want := range []time.Time{noon.Add(time.Hour), noon.Add(2 * time.Hour)} {
		if got, err := c.Advance(t.Context(), "w", time.Hour); err != nil || !got.Equal(want) || !c.Now("w").Equal(want) {
			t.Errorf("Advance = %s, %v and Now = %s, want %s", got, err, c.Now("w"), want)
		}
	}
	if got := c.Ahead("w"); got != 2*time.Hour {
		t.Errorf("Ahead = %s, want two hours", got)
	}
	if !c.Now("other").Equal(noon) || c.Ahead("other") != 0 {
		t.Errorf("another world's Now = %s, want %s", c.Now("other"), noon)
	}
	if err := c.Reset("w", func() error { return nil }); err != nil {
		t.Error(err)
	}
	if !c.Now("w").Equal(noon) || c.Ahead("w") != 0 {
		t.Errorf("Now = %s after a reset, want %s", c.Now("w"), noon)
	}
}

func TestAdvance_refuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		before, by time.Duration
		ok         bool
	}{
		"to stand still":          {0, 0, false},
		"to go back":              {time.Hour, -time.Hour, false},
		"more than ten years":     {0, tenYears + time.Millisecond, false},
		"a sum beyond ten years":  {tenYears - time.Hour, 2 * time.Hour, false},
		"what overflows":          {time.Hour, math.MaxInt64, false},
		"nothing up to ten years": {tenYears - time.Hour, time.Hour, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClocks(t, clockStore{})
			if tt.before > 0 {
				if _, err := c.Advance(t.Context(), "w", tt.before); err != nil {
					t.Fatal(err)
				}
			}
			want := tt.before
			if tt.ok {
				want += tt.by
			}
			if _, err := c.Advance(t.Context(), "w", tt.by); (err == nil) != tt.ok || err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("Advance = %v, want ok: %t", err, tt.ok)
			}
			if got := c.Ahead("w"); got != want {
				t.Errorf("Ahead = %s, want %s", got, want)
			}
		})
	}
}

func TestClocks_lose_no_parallel_move(t *testing.T) {
	t.Parallel()
	c := newClocks(t, clockStore{})
	var moves sync.WaitGroup
	for range 64 {
		moves.Go(func() {
			if _, err := c.Advance(t.Context(), "w", time.Second); err != nil {
				t.Error(err)
			}
			c.Now("w")
		})
	}
	moves.Wait()
	if got := c.Ahead("w"); got != 64*time.Second {
		t.Errorf("Ahead = %s, want 64s", got)
	}
}
