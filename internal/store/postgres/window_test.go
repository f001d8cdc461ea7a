package postgres

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestWindow takes places at random, not quite in order, and holds what a window says against a count by hand.
func TestWindow(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		most, places := 1+random.IntN(12), 1+random.IntN(12)
		var events []int64
		for range random.IntN(20) {
			events = append(events, random.Int64N(50))
		}
		slices.SortFunc(events, func(a, b int64) int { return int(b - a) })
		w := &window{key: windowKey{most: most}}
		skip, take := w.skip(places)
		found := events[min(skip, len(events)):min(skip+take, len(events))]
		w.load(skip, slices.Clone(found))
		for range places {
			after := random.Int64N(50)
			at, full := w.full(after)
			wantFull := len(events) >= most && events[most-1] > after
			if full != wantFull || full && at != events[most-1] {
				t.Fatalf("%d events, limit %d: got full %t at %d, want %t: %v", len(events), most, full, at, wantFull, events)
			}
			one := random.Int64N(60)
			w.take(one)
			events = append(events, one)
			slices.SortFunc(events, func(a, b int64) int { return int(b - a) })
		}
	}
}
