package inbox_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

// soon is how long a wait may take to wake, in the middle of many.
const soon = 50 * time.Millisecond

// wakes measures how long after Capture a wait gives its entry, again and again while next says so, among a crowd that
// waits for other texts.
func wakes(tb testing.TB, next func() bool) []time.Duration {
	tb.Helper()
	box, store := setup(tb)
	ctx, hangUp := context.WithCancel(tb.Context())
	_, all := waiting(ctx, tb, box, unfitting)
	defer all.Wait()
	defer hangUp()
	store.awaitReads(tb, crowd)
	var took []time.Duration
	for n := 0; next(); n++ {
		m := textOf("A", fmt.Sprint("p", n))
		woken := make(chan time.Time, 1)
		before := store.read()
		go func() {
			if _, err := box.Wait(ctx, inbox.Filter{AccountID: "A", PINID: m.PINID}); err != nil {
				tb.Errorf("Wait %d = %v, want its text", n, err)
			}
			woken <- time.Now()
		}()
		store.awaitReads(tb, before+1)
		if _, err := box.Capture(ctx, m); err != nil {
			tb.Fatal(err)
		}
		captured := time.Now()
		took = append(took, max(0, (<-woken).Sub(captured)))
		store.empty()
	}
	slices.Sort(took)
	return took
}

// awaitReads waits until there were so many readings: then that many have looked, and sleep or are about to.
func (s *entries) awaitReads(tb testing.TB, want int) {
	tb.Helper()
	for began := time.Now(); s.read() < want; time.Sleep(100 * time.Microsecond) {
		if time.Since(began) > time.Minute {
			tb.Fatalf("%d readings after a minute, want %d", s.read(), want)
		}
	}
}

func TestWait_wakes_soon(t *testing.T) {
	t.Parallel()
	left := 50
	took := wakes(t, func() bool { left--; return left >= 0 })
	if median := took[len(took)/2]; median > soon {
		t.Errorf("a wait wakes after %v, the slowest after %v, want within %v", median, took[len(took)-1], soon)
	}
}

// BenchmarkWait_wakes reports how long a wait takes to give its entry once Capture has returned, with a thousand others
// waiting.
func BenchmarkWait_wakes(b *testing.B) {
	took := wakes(b, b.Loop)
	for name, at := range map[string]int{"p50-µs": len(took) / 2, "p99-µs": len(took) * 99 / 100, "max-µs": len(took) - 1} {
		b.ReportMetric(float64(took[at])/float64(time.Microsecond), name)
	}
}
