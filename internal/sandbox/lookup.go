package sandbox

import (
	"context"
	"errors"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// Name is the sandbox's name as a carrier and as a lookup.
const Name = "sandbox"

// ErrNotConfigured says that no lookup is set up for a number.
var ErrNotConfigured = delivery.ErrNotConfigured

// Lookup answers by the table of scenarios.
type Lookup struct{ now func() time.Time }

var _ delivery.Lookup = (*Lookup)(nil)

// NewLookup makes a lookup that dates its answers by now.
func NewLookup(now func() time.Time) (*Lookup, error) {
	if now == nil {
		return nil, errors.New("sandbox lookup needs a clock")
	}
	return &Lookup{now}, nil
}

// Name is "sandbox".
func (*Lookup) Name() string { return Name }

// Lookup gives what the number's scenario says; ErrNotConfigured when it says that no lookup is set up, or nothing.
func (l *Lookup) Lookup(_ context.Context, to phone.Number) (delivery.NumberInfo, error) {
	info := delivery.NumberInfo{Source: Name, At: l.now()}
	switch s, _, _ := Find(to); s.NC {
	case ncUnknown:
		info.Reach = delivery.ReachUnknown
	case ncReachable:
		info.Reach = delivery.Reachable
	case ncNotReachable:
		info.Reach = delivery.NotReachable
	default:
		return delivery.NumberInfo{}, ErrNotConfigured
	}
	return info, nil
}
