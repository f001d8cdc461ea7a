package sqlite

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// modest is a window as simple as can be: it looks at all places each time.
type modest []place

func (m modest) refusal(l pin.Limit, number int64, now time.Time) error {
	var counted []int64
	for _, p := range m {
		if (l.To == "" || p.phone == number) && p.at > toMillis(now)-l.Interval.Milliseconds() {
			counted = append(counted, p.at)
		}
	}
	if len(counted) < l.Max {
		return nil
	}
	slices.Sort(counted)
	return &pin.LimitError{Limit: l, FreeAt: fromMillis(counted[len(counted)-l.Max]).Add(l.Interval)}
}

// TestWindow does what comes to a window, in any order, and compares it with the modest one after each step.
func TestWindow(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := windows{}.of(line{1, pin.LimitSends})
		var all modest
		now := time.UnixMilli(1_000_000)
		for i := range int64(2000) {
			now = now.Add(time.Duration(random.IntN(3)) * time.Millisecond)
			switch dice := random.IntN(20); {
			case dice < 14:
				p := place{i, int64(random.IntN(5)), toMillis(now) - int64(max(0, random.IntN(40)-30))}
				w.add(p)
				all = append(all, p)
			case dice < 17 && len(all) > 0:
				j := max(0, len(all)-1-random.IntN(10))
				if !w.remove(all[j]) {
					t.Fatalf("seed %d, step %d: place %v is not there", seed, i, all[j])
				}
				if w.remove(all[j]) {
					t.Fatalf("seed %d, step %d: place %v is there twice", seed, i, all[j])
				}
				all = slices.Delete(all, j, j+1)
			case dice == 19:
				over := toMillis(now) - 200
				for p, found := w.shift(over); found; p, found = w.shift(over) {
					j := slices.Index(all, p)
					if j < 0 || p.at > over {
						t.Fatalf("seed %d, step %d: got %v as over", seed, i, p)
					}
					all = slices.Delete(all, j, j+1)
				}
				if slices.ContainsFunc(all, func(p place) bool { return p.at <= over }) {
					t.Fatalf("seed %d, step %d: a place is left that is over", seed, i)
				}
			}
			l := pin.Limit{Max: 1 + random.IntN(20), Interval: time.Duration(random.IntN(300)) * time.Millisecond}
			number := int64(random.IntN(6))
			if random.IntN(2) == 0 {
				l.To = phone.Number("1")
			}
			if got, want := w.refusal(l, number, now), all.refusal(l, number, now); !sameRefusal(got, want) {
				t.Fatalf("seed %d, step %d: got %+v, want %+v", seed, i, got, want)
			}
			if w.events.len() != int64(len(all)) || len(w.newest) != numbersOf(all) {
				t.Fatalf("seed %d, step %d: %d places of %d numbers, want %d of %d", seed, i, w.events.len(), len(w.newest), len(all), numbersOf(all))
			}
		}
	}
}

func sameRefusal(a, b error) bool {
	one, isOne := errors.AsType[*pin.LimitError](a)
	other, isOther := errors.AsType[*pin.LimitError](b)
	return isOne == isOther && (!isOne || *one == *other)
}

func numbersOf(all modest) int {
	phones := make([]int64, len(all))
	for i, p := range all {
		phones[i] = p.phone
	}
	slices.SortFunc(phones, cmp.Compare)
	return len(slices.Compact(phones))
}

func TestWindow_of_a_limit_that_allows_nothing(t *testing.T) {
	t.Parallel()
	w := windows{}.of(line{})
	l := pin.Limit{Interval: time.Hour}
	limit, is := errors.AsType[*pin.LimitError](w.refusal(l, 1, time.UnixMilli(5)))
	if !is || !limit.FreeAt.Equal(time.UnixMilli(5).Add(time.Hour)) {
		t.Errorf("got %+v, want it full", limit)
	}
}

// BenchmarkWindow takes places in a window of a million.
func BenchmarkWindow(b *testing.B) {
	w := windows{}.of(line{})
	at := int64(0)
	add := func() {
		at++
		w.add(place{at, at * 7919 % 300_000, at})
	}
	for range 1_000_000 {
		add()
	}
	l := pin.Limit{Max: 5, Interval: time.Hour, To: "1"}
	b.ReportAllocs()
	for b.Loop() {
		_ = w.refusal(l, at*7919%300_000, time.UnixMilli(at))
		add()
		w.shift(at - 1_000_000)
	}
}
