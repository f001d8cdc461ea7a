package sqlite

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// placesOf gives the places that the writer knows, and has it read them again first if it should.
func placesOf(t *testing.T, s *Store, again bool) map[line][]place {
	t.Helper()
	all := map[line][]place{}
	err := s.write(t.Context(), "look at places", func(tx *transaction) error {
		if again {
			tx.windows = nil
		}
		if err := tx.open(t.Context()); err != nil {
			return err
		}
		for l, w := range tx.windows {
			for position := w.events.begin; position < w.events.end; position++ {
				all[l] = append(all[l], w.events.at(position).place)
			}
			slices.SortFunc(all[l], func(a, b place) int { return int(a.number - b.number) })
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var errAfterwards = errors.New("fails afterwards")

// TestPlaceLog does what comes to limits in any order, several writes in a transaction and failing ones among them, and then reads from
// the log what it knew before.
func TestPlaceLog(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	keepApplications(t, s)
	random := rand.New(rand.NewPCG(3, 4))
	now := time.UnixMilli(1_000_000)
	application := []string{"application 0", "application 1"}
	var open []string // deliveries whose places may be given back
	for step := range 300 {
		now = now.Add(time.Duration(random.IntN(3000)) * time.Millisecond)
		switch dice := random.IntN(20); {
		case dice < 12:
			release := hold(t, s)
			results := make(chan string, 8)
			many := 1 + random.IntN(cap(results))
			for i := range many {
				p := pin.PIN{
					AccountID: "account", ApplicationID: application[random.IntN(2)], MessageID: "message", Sealed: []byte("s"),
					To: phone.Number("38591555123" + string(rune('0'+random.IntN(10)))), CreatedAt: now, ExpiresAt: now.Add(time.Minute),
				}
				go func() { results <- takePlace(t, s, p, i == 3) }()
			}
			waitFor(t, func() bool { return len(s.writes.queue) == many })
			cleared := make(chan error, 1)
			if clears := step%5 == 0; clears {
				go func() { cleared <- s.ClearAccount(t.Context(), "account") }()
				waitFor(t, func() bool { return len(s.writes.queue) == many+1 })
			} else {
				cleared <- nil
			}
			release()
			if err := <-cleared; err != nil {
				t.Fatal(err)
			}
			for range many {
				if id := <-results; id != "" {
					open = append(open, id)
				}
			}
		case dice < 16 && len(open) > 0:
			i := random.IntN(len(open))
			err := s.FinishDelivery(t.Context(), pin.Outcome{DeliveryID: open[i], State: delivery.StateRejected, At: now})
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			open = slices.Delete(open, i, i+1)
		case dice == 18:
			if _, err := s.PurgePINs(t.Context(), now.Add(24*time.Hour-time.Minute), time.Hour, 1+random.IntN(30)); err != nil {
				t.Fatal(err)
			}
		case dice == 19 && step%3 == 0:
			if err := s.ClearAccount(t.Context(), "account"); err != nil {
				t.Fatal(err)
			}
		}
		want := placesOf(t, s, false)
		if got := placesOf(t, s, true); !sameButOver(got, want, toMillis(now)) {
			t.Fatalf("step %d: the log has %v, want %v", step, got, want)
		}
	}
	purge(t, s, now.Add(365*24*time.Hour))
	if n := count(t, s, "SELECT count(*) FROM place_log"); n != 0 {
		t.Errorf("%d rows are left when nothing counts any more, want none", n)
	}
}

// takePlace sends one, and gives the id of its delivery; a write that fails has another one after it, which undoes the first.
func takePlace(t *testing.T, s *Store, p pin.PIN, fails bool) string {
	t.Helper()
	if fails {
		err := s.writePINs(t.Context(), "fail", func(tx *transaction) error {
			if err := tx.open(context.Background()); err != nil {
				return err
			}
			l := pin.Limit{Kind: pin.LimitSends, Max: 1 << 30, Interval: time.Hour}
			return errors.Join(tx.take(1, place{1, 2, 3}, p.CreatedAt, []pin.Limit{l}), refusal{errAfterwards})
		})
		if !errors.Is(err, errAfterwards) {
			t.Errorf("got error %v, want that of the write", err)
		}
		return ""
	}
	var err error
	if p.ID, err = s.NewPINID(t.Context()); err != nil {
		t.Error(err)
	}
	d := pin.Delivery{PINID: p.ID, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: p.CreatedAt}
	if d.ID, err = s.NewDeliveryID(t.Context(), p.ID); err != nil {
		t.Error(err)
	}
	l := pin.Limit{Kind: pin.LimitSends, Max: 1 << 30, Interval: 24 * time.Hour}
	if err := s.CreatePIN(t.Context(), p, d, []pin.Limit{l}); err != nil {
		t.Error(err)
	}
	return d.ID
}

// sameButOver compares places; the log may have some more that are over, beside one that is not.
func sameButOver(got, want map[line][]place, now int64) bool {
	over := func(p place) bool { return p.at <= now-60_000 }
	for l := range got {
		got[l] = slices.DeleteFunc(got[l], func(p place) bool { return over(p) && !slices.Contains(want[l], p) })
		if len(got[l]) == 0 {
			delete(got, l)
		}
	}
	return reflect.DeepEqual(got, want)
}

func TestPlaceLog_that_is_broken(t *testing.T) {
	t.Parallel()
	if (&window{newest: map[int64]int64{}}).replay(make([]byte, placeLength+1)) {
		t.Error("half a place is read, want it refused")
	}
}
