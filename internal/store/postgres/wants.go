package postgres

import (
	"slices"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

// wants is what the changes of a batch are about: what is locked and read before they are played.
type wants struct {
	applications map[ownID]bool // locked
	pins         map[int64]bool // locked
	freed        []deliveryNumber
	messages     map[ownID]ownID // each with an application of its account, which is locked
	firsts       map[firstKey]bool
	firstsOfPINs map[firstOfPIN]bool
	windows      map[windowKey]*window
	places       int // how many may be taken
}

// firstKey is an account's key of a request, firstOfPIN a key in the account that a PIN has.
type (
	firstKey   struct{ account, hash string }
	firstOfPIN struct {
		pin  int64
		hash string
	}
)

func newWants() *wants {
	return &wants{
		applications: map[ownID]bool{}, pins: map[int64]bool{}, messages: map[ownID]ownID{},
		firsts: map[firstKey]bool{}, firstsOfPINs: map[firstOfPIN]bool{}, windows: map[windowKey]*window{},
	}
}

// limits wants a place in each of the limits for an event at that time.
func (w *wants) limits(limits []pin.Limit, at time.Time) {
	for _, l := range limits {
		w.applications[ownID{l.AccountID, l.ApplicationID}] = true
		key := keyOfLimit(l)
		after := toMillis(at) - l.Interval.Milliseconds()
		if one := w.windows[key]; one != nil {
			one.after = min(one.after, after)
			continue
		}
		w.windows[key] = &window{key: key, after: after}
	}
	if len(limits) > 0 {
		w.places++
	}
}

// ownIDsOf are ids in an order.
func ownIDsOf[T any](set map[ownID]T) []ownID {
	all := make([]ownID, 0, len(set))
	for id := range set {
		all = append(all, id)
	}
	slices.SortFunc(all, func(a, b ownID) int {
		if c := strings.Compare(a.account, b.account); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	return all
}

func numbersOf(set map[int64]bool) []int64 {
	all := make([]int64, 0, len(set))
	for n := range set {
		all = append(all, n)
	}
	return all
}
