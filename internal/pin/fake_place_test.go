package pin

import (
	"slices"
	"time"

	"github.com/pinpost/pinpost/internal/phone"
)

// place is one event that limits count.
type place struct {
	kind          LimitKind
	accountID     string
	applicationID string
	to            phone.Number
	at            time.Time
	deliveryID    string // empty for a check
}

// take adds an event where every limit has a place for it.
func (s *fakeStore) take(event place, limits ...Limit) error {
	for _, l := range limits {
		var counted []time.Time
		for _, e := range s.places {
			same := e.kind == l.Kind && e.accountID == l.AccountID && e.applicationID == l.ApplicationID &&
				(l.To == "" || l.To == e.to)
			if same && event.at.Before(e.at.Add(l.Interval)) {
				counted = append(counted, e.at)
			}
		}
		if len(counted) >= l.Max {
			slices.SortFunc(counted, time.Time.Compare)
			return &LimitError{l, counted[len(counted)-l.Max].Add(l.Interval)}
		}
	}
	s.places = append(s.places, event)
	return nil
}
