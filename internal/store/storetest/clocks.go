package storetest

import (
	"testing"
	"time"
)

var clockChecks = []check{
	{"go with real time at first", func(t *testing.T, w *world) { w.wantAhead(nil) }},
	{"are kept, each for its world", clockKept},
	{"go back with a reset, and end with their world", clockEnds},
	{"of a world that is gone are refused", func(t *testing.T, w *world) {
		wantMissing(t, w.SetClockAhead(t.Context(), w.id(), time.Hour), noWorld)
		w.wantAhead(nil)
	}},
}

func (w *world) wantAhead(want map[string]time.Duration) {
	w.t.Helper()
	got := must(w.ClocksAhead(w.t.Context()))(w.t)
	equal(w.t, "number of clocks ahead", len(got), len(want))
	for id, ahead := range want {
		equal(w.t, "ahead", got[id], ahead)
	}
}

func clockKept(t *testing.T, w *world) {
	mine := w.newWorld(w.account.ID, "mine", start)
	for _, ahead := range []time.Duration{time.Millisecond, 3650 * day} {
		ok(t, w.SetClockAhead(t.Context(), w.account.ID, ahead))
		ok(t, w.SetClockAhead(t.Context(), mine.ID, 2*ahead))
		w.wantAhead(map[string]time.Duration{w.account.ID: ahead, mine.ID: 2 * ahead})
	}
	ok(t, w.SetClockAhead(t.Context(), mine.ID, 0))
	w.wantAhead(map[string]time.Duration{w.account.ID: 3650 * day})
}

func clockEnds(t *testing.T, w *world) {
	mine := w.newWorld(w.account.ID, "mine", start)
	ok(t, w.SetClockAhead(t.Context(), w.account.ID, time.Hour))
	ok(t, w.SetClockAhead(t.Context(), mine.ID, time.Minute))
	ok(t, w.ResetAccount(t.Context(), w.account.ID, w.seed()))
	w.wantAhead(map[string]time.Duration{mine.ID: time.Minute})
	must(w.DeleteAccount(t.Context(), mine.ID))(t)
	w.wantAhead(nil)
}
