package sqlite

import (
	"cmp"
	"context"
	"errors"
	"math"
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
			waitFor(t, func() bool { return s.writes.queue.len() == many })
			cleared := make(chan error, 1)
			if clears := step%5 == 0; clears {
				go func() { cleared <- s.ClearAccount(t.Context(), "account") }()
				waitFor(t, func() bool { return s.writes.queue.len() == many+1 })
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

// TestPlaceLog_cleaning_undone cleans places in transactions of which most fail: places, rows and the order of each phone's places are
// as before.
func TestPlaceLog_cleaning_undone(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	keepApplications(t, s)
	random := rand.New(rand.NewPCG(1, 2))
	const phones, first = 20, 385910000000
	limit := pin.Limit{Kind: pin.LimitSends, Max: math.MaxInt32, Interval: time.Hour}
	l := line{1, limit.Kind}
	type state struct {
		places []place
		rows   []logged
		newest [phones][]int64 // times, newest first
	}
	look := func() (k state) {
		if err := s.write(t.Context(), "look", func(tx *transaction) error {
			w := tx.windows.of(l)
			for at := w.events.begin; at < w.events.end; at++ {
				k.places = append(k.places, w.events.at(at).place)
			}
			slices.SortFunc(k.places, func(a, b place) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.number, b.number)) })
			k.rows = slices.Clone(w.rows)
			for i := range k.newest {
				for at := w.nth(first+int64(i), 1); at >= max(w.events.begin, 0); at = w.events.at(at).earlier {
					k.newest[i] = append(k.newest[i], w.events.at(at).at)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return k
	}
	now, number := int64(10_000), int64(0)
	for step := range 100 {
		if err := s.writePINs(t.Context(), "take", func(tx *transaction) error {
			err := tx.open(t.Context())
			for range random.IntN(300) {
				number++
				now += random.Int64N(3)
				p := place{number, first + random.Int64N(phones), now - random.Int64N(5)}
				err = errors.Join(err, tx.take(l.application, p, fromMillis(now), []pin.Limit{limit}))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		before := look()
		most, since, fails := random.IntN(400), now-random.Int64N(400), random.IntN(4) > 0
		err := s.writePINs(t.Context(), "clean", func(tx *transaction) error {
			_, err := tx.purgePlaces(t.Context(), fromMillis(since).Add(24*time.Hour), most)
			if !fails {
				return err
			}
			tx.changed = true // or nothing is undone
			if step%2 == 0 {
				err = errors.Join(err, tx.clearPlaces(t.Context(), l.application))
			}
			return errors.Join(err, errAfterwards)
		})
		if fails != errors.Is(err, errAfterwards) {
			t.Fatal(err)
		}
		if after := look(); fails && !reflect.DeepEqual(after, before) {
			t.Fatalf("step %d: %d places and %d rows after cleaning was undone, want %d and %d in the same order",
				step, len(after.places), len(after.rows), len(before.places), len(before.rows))
		}
	}
	read := map[place]bool{} // some that are over come back, while they share a row with others
	known := placesOf(t, s, false)[l]
	for _, p := range placesOf(t, s, true)[l] {
		read[p] = true
	}
	for _, p := range known {
		if !read[p] {
			t.Errorf("place %v was not read again", p)
		}
	}
	if len(known) == 0 {
		t.Error("no place was kept")
	}
}
