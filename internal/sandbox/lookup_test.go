package sandbox_test

import (
	"errors"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/sandbox"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// number is the first number of a scenario.
func number(t *testing.T, name string) phone.Number {
	t.Helper()
	for _, s := range sandbox.Scenarios() {
		if s.Name == name {
			first, _ := s.Block(false)
			return first
		}
	}
	t.Fatalf("there is no scenario %s", name)
	return ""
}

func TestLookup(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		to    phone.Number
		reach delivery.Reach
		err   error
	}{
		"reachable":                     {number(t, "ok"), delivery.Reachable, nil},
		"not reachable":                 {number(t, "not-reachable"), delivery.NotReachable, nil},
		"cannot tell":                   {number(t, "lookup-unknown"), delivery.ReachUnknown, nil},
		"not configured":                {number(t, "lookup-not-configured"), 0, sandbox.ErrNotConfigured},
		"a scenario that says nothing":  {number(t, "slow"), 0, sandbox.ErrNotConfigured},
		"a number without any scenario": {"41793026727", 0, sandbox.ErrNotConfigured},
	}
	lookup, err := sandbox.NewLookup(atNoon)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := delivery.NumberInfo{Reach: tt.reach, Source: lookup.Name(), At: noon}
			if tt.err != nil {
				want = delivery.NumberInfo{}
			}
			if got, err := lookup.Lookup(t.Context(), tt.to); got != want || !errors.Is(err, tt.err) {
				t.Errorf("Lookup = %+v, %v, want %+v, %v", got, err, want, tt.err)
			}
		})
	}
	if lookup, err := sandbox.NewLookup(nil); lookup != nil || err == nil {
		t.Errorf("NewLookup without a clock = %v, %v, want an error", lookup, err)
	}
}
