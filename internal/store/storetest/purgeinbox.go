package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

var purgeInboxChecks = []check{
	{"entries go after the grace when their PIN is gone", purgeEntries},
	{"entries go with their PIN", purgeEntriesWithPIN},
	{"entries go in bounded steps, whatever must stay before them", purgeEntriesBounded},
}

func purgeEntries(t *testing.T, w *world) {
	lives := w.lives()
	kept := w.entry(w.account.ID, lives.ID, ana, start)
	orphan := w.entry(w.account.ID, w.id(), ana, start)
	late := w.entry(w.account.ID, w.id(), ben, after(ms))
	w.purge(after(day), day, false) // none is older than the grace
	order(t, "entries", w.entries(w.whole(), 10), []string{late.ID, orphan.ID, kept.ID})
	w.purge(after(day+ms), day, true)
	order(t, "entries", w.entries(w.whole(), 10), []string{late.ID, kept.ID})
	w.purge(after(30*day), day, true)
	order(t, "entries", w.entries(w.whole(), 10), []string{kept.ID})
	w.purge(after(30*day), day, false)
	equal(t, "PIN of the entry that stays", w.stored(lives), lives)
}

func purgeEntriesWithPIN(t *testing.T, w *world) {
	p, _ := w.finished(ana, start)
	first := w.entry(w.account.ID, p.ID, ana, start)
	second := w.entry(w.account.ID, p.ID, ana, after(time.Minute))
	w.purge(p.ExpiresAt.Add(day), day, true) // the PIN is wiped, and can still be read
	order(t, "entries", w.entries(inbox.Filter{AccountID: w.account.ID, PINID: p.ID}, 10), []string{second.ID, first.ID})
	w.purge(p.ExpiresAt.Add(day+ms), day, true)
	order(t, "entries", w.entries(w.whole(), 10), []string{})
}

func purgeEntriesBounded(t *testing.T, w *world) {
	lives := w.lives()
	var kept []string
	for range 3 {
		kept = append([]string{w.entry(w.account.ID, lives.ID, ana, start).ID}, kept...)
	}
	var gone []string // newest first
	for i := range 5 {
		gone = append([]string{w.entry(w.account.ID, w.id(), ana, after(time.Duration(i+1)*ms)).ID}, gone...)
	}
	for step, want := range []int{2, 2, 1, 0} {
		got := must(w.PurgePINs(t.Context(), after(10*day), day, 2))(t)
		if got != want {
			t.Errorf("rows touched in step %d: got %d, want %d", step, got, want)
		}
		gone = gone[:len(gone)-want]
		order(t, "entries", w.entries(w.whole(), 10), append(gone[:len(gone):len(gone)], kept...))
	}
}
