package postgres

import (
	"slices"

	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// slotMillis is the width of a slot of place_counts.
const slotMillis = 600_000

// scope is what a limit counts: the events of one number, or of the whole application when it has none.
type scope struct {
	kind                 pin.LimitKind
	account, application string
	phone                phone.Number
}

// windowKey is a limit without its name.
type windowKey struct {
	scope
	most     int
	interval int64
}

func keyOfLimit(l pin.Limit) windowKey {
	return windowKey{scope{l.Kind, l.AccountID, l.ApplicationID, l.To}, l.Max, l.Interval.Milliseconds()}
}

// window is what a batch must know of a limit: its Max-th newest event is the one that says whether it is full. Each place
// that the batch takes moves that on by one, so it knows some newer events too, and leaves out as many of the newest as
// it can do without.
type window struct {
	key   windowKey
	after int64   // events of this time and earlier count for none of the batch
	newer int     // how many of the newest events are not in times
	times []int64 // of the next newest events, falling
	never bool    // there are too few events for the batch to fill it
}

// skip says which events a batch needs that takes so many places: how many of the newest it leaves out, and how many
// it takes after those.
func (w *window) skip(places int) (skip, take int) {
	skip = max(0, w.key.most-places)
	return skip, max(0, w.key.most-skip)
}

// load takes what was found after skipping so many.
func (w *window) load(skip int, times []int64) {
	w.newer, w.times, w.never = skip, times, skip > 0 && len(times) == 0
}

// full finds the event that fills the limit, if it came later than after. It is the next one to leave.
func (w *window) full(after int64) (at int64, full bool) {
	i := w.key.most - 1 - w.newer
	if w.never || i < 0 || i >= len(w.times) || w.times[i] <= after {
		return 0, false
	}
	return w.times[i], true
}

// take adds an event.
func (w *window) take(at int64) {
	switch {
	case w.never:
	case w.newer > 0 && at >= w.times[0]:
		w.newer++
	default:
		i, _ := slices.BinarySearchFunc(w.times, at, func(one, at int64) int {
			if one > at {
				return -1
			}
			return 1
		})
		w.times = slices.Insert(w.times, i, at)
	}
}
