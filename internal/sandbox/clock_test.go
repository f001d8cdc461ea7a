package sandbox_test

import (
	"math"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/sandbox"
)

const tenYears = 315_360_000_000 * time.Millisecond

func TestClocks_move_by_world(t *testing.T) {
	t.Parallel()
	c := sandbox.NewClocks(atNoon)
	for _, want := range []time.Time{noon.Add(time.Hour), noon.Add(2 * time.Hour)} {
		if got, err := c.Advance("w", time.Hour); err != nil || !got.Equal(want) || !c.Now("w").Equal(want) {
			t.Errorf("Advance = %s, %v and Now = %s, want %s", got, err, c.Now("w"), want)
		}
	}
	if got := c.Ahead("w"); got != 2*time.Hour {
		t.Errorf("Ahead = %s, want two hours", got)
	}
	if !c.Now("other").Equal(noon) || c.Ahead("other") != 0 {
		t.Errorf("another world's Now = %s, want %s", c.Now("other"), noon)
	}
	c.Reset("w")
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
			c := sandbox.NewClocks(atNoon)
			if tt.before > 0 {
				if _, err := c.Advance("w", tt.before); err != nil {
					t.Fatal(err)
				}
			}
			want := tt.before
			if tt.ok {
				want += tt.by
			}
			if _, err := c.Advance("w", tt.by); (err == nil) != tt.ok || err != nil && !fault.Is(err, fault.Invalid) {
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
	c := sandbox.NewClocks(atNoon)
	var moves sync.WaitGroup
	for range 64 {
		moves.Go(func() {
			if _, err := c.Advance("w", time.Second); err != nil {
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
