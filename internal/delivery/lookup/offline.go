package lookup

import (
	"context"
	"errors"

	"github.com/nyaruka/phonenumbers"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// Offline knows the numbering plans of all countries, as the program carries them.
type Offline struct{}

var _ delivery.Lookup = Offline{}

// Name is "offline".
func (Offline) Name() string { return "offline" }

var errNoPlan = errors.New("no country has such a number")

// Lookup answers NotReachable for a number in no range that its country has given out, and ReachUnknown for all others: a plan does
// not tell who has a phone, and a fixed line may have its texts read aloud.
func (Offline) Lookup(_ context.Context, to phone.Number) (delivery.NumberInfo, error) {
	info := delivery.NumberInfo{Source: "offline"}
	number, err := phonenumbers.Parse("+"+to.Digits(), "")
	if err != nil {
		return info, errNoPlan // the library's error would show the number
	}
	if !phonenumbers.IsValidNumber(number) {
		info.Reach = delivery.NotReachable
	}
	return info, nil
}
