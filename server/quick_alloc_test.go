//go:build !race

package server

import (
	"net/http"
	"testing"
)

// TestQuick_allocations bounds what the gate allocates for right requests and their answers, over what a server without a gate
// does. Allocations do not depend on the machine, as times do; but the race detector makes pools forget at random.
func TestQuick_allocations(t *testing.T) {
	gate, none := gated(t, withQuick), gated(t, withoutGate)
	for name, most := range map[string]float64{"sendPinOverSms": 2, "getApplication": 2} {
		d := discard{http.Header{}}
		with := testing.AllocsPerRun(200, func() { calls[name].through(gate, d) })
		without := testing.AllocsPerRun(200, func() { calls[name].through(none, d) })
		t.Logf("%s: %v allocations with the gate, %v without", name, with, without)
		if with-without > most {
			t.Errorf("%s: the gate makes %v allocations, want at most %v", name, with-without, most)
		}
	}
}
