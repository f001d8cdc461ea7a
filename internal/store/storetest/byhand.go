package storetest

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// handEvent is a send that took its places.
type handEvent struct {
	to phone.Number
	at time.Time
	id string
}

// limitByHand sends and gives back at random, over many hours and not quite in order, and counts along.
func limitByHand(t *testing.T, w *world) {
	random := rand.New(rand.NewPCG(1, 2))
	var events []handEvent
	now := start
	for range 200 {
		now = now.Add(time.Duration(random.Int64N(int64(8 * time.Minute))).Truncate(ms))
		if len(events) > 0 && random.IntN(5) == 0 {
			i := random.IntN(len(events))
			ok(t, w.FinishDelivery(t.Context(), pin.Outcome{DeliveryID: events[i].id, State: delivery.StateRejected, At: now}))
			events = slices.Delete(events, i, i+1)
		}
		to := []phone.Number{ana, ben}[random.IntN(2)]
		at := now.Add(-time.Duration(random.IntN(1000)) * ms) // another server's clock may be behind
		if random.IntN(2) == 0 {
			at = at.Truncate(5 * time.Minute) // on the edge of whatever an adapter may sum up
		}
		limits := []pin.Limit{w.numberLimit(to, 4, 53*time.Minute), w.wholeLimit(10+random.IntN(4), 95*time.Minute)}
		p, d := w.draft(to, at)
		err := w.CreatePIN(t.Context(), p, d, limits)
		if full, freeAt := fullByHand(events, limits, at); full != nil {
			wantFull(t, err, *full, freeAt)
			continue
		}
		ok(t, err)
		events = append(events, handEvent{to, at, d.ID})
	}
}

// fullByHand finds the first full limit and when it has a place again.
func fullByHand(events []handEvent, limits []pin.Limit, now time.Time) (*pin.Limit, time.Time) {
	for _, l := range limits {
		var window []time.Time
		for _, e := range events {
			if (l.To == "" || l.To == e.to) && now.Before(e.at.Add(l.Interval)) {
				window = append(window, e.at)
			}
		}
		if len(window) >= l.Max {
			slices.SortFunc(window, time.Time.Compare)
			return &l, window[len(window)-l.Max].Add(l.Interval)
		}
	}
	return nil, time.Time{}
}
