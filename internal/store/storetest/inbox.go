package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/phone"
)

var inboxChecks = []check{
	{"gives entries as they were kept", inboxRoundTrip},
	{"gives the newest first", inboxOrder},
	{"gives no more than asked for, the newest", inboxMost},
	{"narrows by account, number and PIN", inboxFilters},
}

func (w *world) entry(accountID, pinID string, to phone.Number, at time.Time) inbox.Entry {
	w.t.Helper()
	e := inbox.Entry{
		Origin: delivery.Origin{AccountID: accountID, ApplicationID: w.app.ID, MessageID: w.message.ID, PINID: pinID},
		ID:     w.id(), Channel: "SMS", To: to, From: "Shop", Text: "Your PIN is 123456", PIN: "123456",
		Encoding: "GSM-7", Segments: 1, At: at,
	}
	ok(w.t, w.PutEntry(w.t.Context(), e))
	return e
}

func (w *world) entries(f inbox.Filter, most int) []string {
	w.t.Helper()
	return ids(must(w.Entries(w.t.Context(), f, most))(w.t), func(e inbox.Entry) string { return e.ID })
}

func inboxRoundTrip(t *testing.T, w *world) {
	text := w.entry(w.account.ID, w.id(), ana, start)
	call := inbox.Entry{
		Origin: delivery.Origin{AccountID: "a", ApplicationID: "b", MessageID: "c", PINID: "d"},
		ID:     w.id(), Channel: "VOICE", To: ben, From: "385915550000", Text: "你的 PIN: 48", Spoken: "你的 PIN: 4. 8.",
		PIN: "48", At: after(time.Minute),
	}
	ok(t, w.PutEntry(t.Context(), call))
	equal(t, "entries", must(w.Entries(t.Context(), inbox.Filter{}, 10))(t), []inbox.Entry{call, text})
}

func inboxOrder(t *testing.T, w *world) {
	late := w.entry(w.account.ID, "P", ana, after(time.Hour))
	early := w.entry(w.account.ID, "P", ana, start)
	same := w.entry(w.account.ID, "P", ana, start) // kept later, so newer
	want := []string{late.ID, same.ID, early.ID}
	for _, f := range []inbox.Filter{{}, {AccountID: w.account.ID}, {To: ana}, {PINID: "P"}} {
		order(t, "entries", w.entries(f, 10), want)
	}
}

func inboxMost(t *testing.T, w *world) {
	first := w.entry(w.account.ID, "P", ana, start)
	second := w.entry(w.account.ID, "P", ana, after(time.Minute))
	third := w.entry(w.account.ID, "P", ana, after(time.Hour))
	order(t, "none", w.entries(inbox.Filter{}, 0), []string{})
	order(t, "two", w.entries(inbox.Filter{}, 2), []string{third.ID, second.ID})
	order(t, "three", w.entries(inbox.Filter{}, 3), []string{third.ID, second.ID, first.ID})
}

func inboxFilters(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	first := w.entry(w.account.ID, "P1", ana, start)
	second := w.entry(w.account.ID, "P2", ben, after(time.Minute))
	third := w.entry(other.ID, "P3", ana, after(time.Hour))
	for _, one := range []struct {
		name   string
		filter inbox.Filter
		want   []string
	}{
		{"of the account", inbox.Filter{AccountID: w.account.ID}, []string{second.ID, first.ID}},
		{"of another account", inbox.Filter{AccountID: other.ID}, []string{third.ID}},
		{"of a number", inbox.Filter{To: ana}, []string{third.ID, first.ID}},
		{"of a PIN", inbox.Filter{PINID: "P2"}, []string{second.ID}},
		{"of an account and number", inbox.Filter{AccountID: w.account.ID, To: ana}, []string{first.ID}},
		{"of all three", inbox.Filter{AccountID: other.ID, To: ana, PINID: "P3"}, []string{third.ID}},
		{"of an account and another's PIN", inbox.Filter{AccountID: w.account.ID, PINID: "P3"}, []string{}},
		{"of nobody", inbox.Filter{AccountID: w.id()}, []string{}},
	} {
		order(t, "entries "+one.name, w.entries(one.filter, 10), one.want)
	}
}
