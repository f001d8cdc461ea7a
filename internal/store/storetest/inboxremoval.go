package storetest

import (
	"slices"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

var inboxRemovalChecks = []check{
	{"removes what fits and gives it", removeFitting},
	{"removes no more than asked for, the newest", removeMost},
	{"removes each entry once, for one of many", removeAtOnce},
	{"trims the oldest of an account", trimOldest},
	{"trims in bounded steps", trimBounded},
}

func removeFitting(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	first := w.entry(w.account.ID, "P1", ana, start)
	second := w.entry(w.account.ID, "P2", ben, start)
	third := w.entry(w.account.ID, "P3", ana, start)
	kept := w.entry(other.ID, "P4", ana, start)
	gone := must(w.DeleteEntries(t.Context(), inbox.Filter{AccountID: w.account.ID, To: ana}, 10))(t)
	equal(t, "removed", gone, []inbox.Entry{third, first})
	order(t, "left", w.entries(w.whole(), 10), []string{second.ID})
	order(t, "left of the other", w.entries(inbox.Filter{AccountID: other.ID}, 10), []string{kept.ID})
	order(t, "removed again", entryIDs(must(w.DeleteEntries(t.Context(), inbox.Filter{AccountID: w.account.ID, To: ana}, 10))(t)), []string{})
	_, err := w.Entry(t.Context(), w.account.ID, first.ID)
	wantMissing(t, err, noEntry)
}

func removeMost(t *testing.T, w *world) {
	first := w.entry(w.account.ID, "P", ana, start)
	second := w.entry(w.account.ID, "P", ana, start)
	third := w.entry(w.account.ID, "P", ana, start)
	for _, most := range []int{0, -1} {
		order(t, "none", entryIDs(must(w.DeleteEntries(t.Context(), w.whole(), most))(t)), []string{})
	}
	order(t, "two", entryIDs(must(w.DeleteEntries(t.Context(), w.whole(), 2))(t)), []string{third.ID, second.ID})
	order(t, "left", w.entries(w.whole(), 10), []string{first.ID})
}

func removeAtOnce(t *testing.T, w *world) {
	var want []string
	for range crowd {
		want = append(want, w.entry(w.account.ID, "P", ana, start).ID)
	}
	var got []string
	for _, gone := range together(func(int) []inbox.Entry {
		gone, err := w.DeleteEntries(t.Context(), w.whole(), 3)
		if err != nil {
			t.Errorf("got error %v, want none", err)
		}
		return gone
	}) {
		got = append(got, entryIDs(gone)...)
	}
	slices.Sort(got)
	slices.Sort(want)
	order(t, "removed", got, want)
}

func trimOldest(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	kept := w.entry(other.ID, "P", ana, start)
	first := w.entry(w.account.ID, "P", ana, start)
	second := w.entry(w.account.ID, "P", ana, start)
	third := w.entry(w.account.ID, "P", ana, start)
	for _, step := range []struct {
		keep, want int
		left       []string
	}{
		{4, 0, []string{third.ID, second.ID, first.ID}},
		{3, 0, []string{third.ID, second.ID, first.ID}},
		{2, 1, []string{third.ID, second.ID}},
		{2, 0, []string{third.ID, second.ID}},
		{0, 2, []string{}},
		{0, 0, []string{}},
	} {
		equal(t, "trimmed", must(w.TrimEntries(t.Context(), w.account.ID, step.keep))(t), step.want)
		order(t, "left", w.entries(w.whole(), 10), step.left)
	}
	order(t, "left of the other", w.entries(inbox.Filter{AccountID: other.ID}, 10), []string{kept.ID})
}

func trimBounded(t *testing.T, w *world) {
	const bound, more = 500, 3
	for range bound + more + 1 {
		w.entry(w.account.ID, "P", ana, start)
	}
	for _, want := range []int{bound, more, 0} {
		equal(t, "trimmed", must(w.TrimEntries(t.Context(), w.account.ID, 1))(t), want)
	}
	equal(t, "number left", len(w.entries(w.whole(), 10)), 1)
}
