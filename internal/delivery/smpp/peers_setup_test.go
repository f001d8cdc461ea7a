//go:build peers

package smpp_test

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/foreign"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
)

func eventually(t *testing.T, what string, seen func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !seen(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("never %s", what)
		}
	}
}

// bindTo starts a carrier for a foreign SMSC and waits until it is bound.
func bindTo(t *testing.T, f *foreign.SMSC, change func(*smpp.Config, *smpp.Deps)) bench {
	t.Helper()
	b := bench{log: &logBook{}}
	b.carrier = start(t, f.Address(), b.log, change)
	b.until(t, "bound", func() bool { return b.carrier.Health().Up })
	return b
}
