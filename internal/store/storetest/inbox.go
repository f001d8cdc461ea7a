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
	{"gives the newest first, whatever their times", inboxOrder},
	{"gives no more than asked for, the newest", inboxMost},
	{"narrows by every member of a filter", inboxFilters},
	{"gives the oldest that fits", inboxOldest},
	{"pages by cursor", inboxPages},
	{"gives one entry of an account", inboxOne},
	{"gives cursors that rise, from above 0", inboxCursors},
}

// whole is the inbox of the world's account.
func (w *world) whole() inbox.Filter { return inbox.Filter{AccountID: w.account.ID} }

func (w *world) entry(accountID, pinID string, to phone.Number, at time.Time) inbox.Entry {
	w.t.Helper()
	return w.keep(inbox.Entry{
		Origin: delivery.Origin{AccountID: accountID, ApplicationID: w.app.ID, MessageID: w.message.ID, PINID: pinID},
		ID:     w.id(), Channel: inbox.ChannelSMS, To: to, From: "Shop", Text: "Your PIN is 123456", PIN: "123456",
		Encoding: "GSM-7", Segments: 1, At: at,
	})
}

func (w *world) keep(e inbox.Entry) inbox.Entry {
	w.t.Helper()
	e.Cursor = must(w.PutEntry(w.t.Context(), e))(w.t)
	return e
}

func (w *world) entries(f inbox.Filter, most int) []string {
	w.t.Helper()
	return entryIDs(must(w.Entries(w.t.Context(), f, most))(w.t))
}

func entryIDs(entries []inbox.Entry) []string {
	return ids(entries, func(e inbox.Entry) string { return e.ID })
}

func inboxRoundTrip(t *testing.T, w *world) {
	text := w.entry(w.account.ID, w.id(), ana, start)
	call := w.keep(inbox.Entry{
		Origin: delivery.Origin{AccountID: w.account.ID, ApplicationID: "b", MessageID: "c", PINID: "d"},
		ID:     w.id(), Channel: inbox.ChannelVoice, To: ben, From: "385915550000", Text: "你的 PIN: 48",
		Spoken: "你的 PIN: 4. 8.", PIN: "48", NCStatus: "NC_DESTINATION_REACHABLE", CallStatus: "PROCESSED",
		At: after(time.Minute),
	})
	equal(t, "entries", must(w.Entries(t.Context(), w.whole(), 10))(t), []inbox.Entry{call, text})
	equal(t, "entry", must(w.Entry(t.Context(), w.account.ID, call.ID))(t), call)
	oldest, found, err := w.OldestEntry(t.Context(), w.whole())
	ok(t, err)
	equal(t, "found", found, true)
	equal(t, "oldest", oldest, text)
}

func inboxOrder(t *testing.T, w *world) {
	late := w.entry(w.account.ID, "P", ana, after(time.Hour))
	early := w.entry(w.account.ID, "P", ana, start)
	same := w.entry(w.account.ID, "P", ana, start)
	want := []string{same.ID, early.ID, late.ID} // a world's clock says nothing about what came first
	for _, f := range []inbox.Filter{{}, {To: ana}, {PINID: "P"}, {ApplicationID: w.app.ID}} {
		f.AccountID = w.account.ID
		order(t, "entries", w.entries(f, 10), want)
	}
}

func inboxMost(t *testing.T, w *world) {
	first := w.entry(w.account.ID, "P", ana, start)
	second := w.entry(w.account.ID, "P", ana, after(time.Minute))
	third := w.entry(w.account.ID, "P", ana, after(time.Hour))
	order(t, "none", w.entries(w.whole(), 0), []string{})
	order(t, "fewer than none", w.entries(w.whole(), -1), []string{})
	order(t, "two", w.entries(w.whole(), 2), []string{third.ID, second.ID})
	order(t, "three", w.entries(w.whole(), 3), []string{third.ID, second.ID, first.ID})
}

// inboxFilters also holds what the store gives against what inbox.Filter.Fits says.
func inboxFilters(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	mine, app := w.account.ID, w.app.ID
	first := w.entry(mine, "P1", ana, start)
	second := w.entry(mine, "P2", ben, after(time.Minute))
	third := w.entry(other.ID, "P3", ana, after(time.Hour))
	fourth := w.keep(inbox.Entry{
		Origin: delivery.Origin{AccountID: mine, ApplicationID: "A4", PINID: "P2"},
		ID:     w.id(), Channel: inbox.ChannelVoice, To: ben, At: after(time.Hour),
	})
	all := []inbox.Entry{fourth, third, second, first}
	for _, one := range []struct {
		name   string
		filter inbox.Filter
		want   []string
	}{
		{"of the account", inbox.Filter{AccountID: mine}, []string{fourth.ID, second.ID, first.ID}},
		{"of another account", inbox.Filter{AccountID: other.ID}, []string{third.ID}},
		{"of no account", inbox.Filter{}, []string{}},
		{"of no account and a number", inbox.Filter{To: ana}, []string{}},
		{"of a number", inbox.Filter{AccountID: mine, To: ana}, []string{first.ID}},
		{"of a PIN", inbox.Filter{AccountID: mine, PINID: "P2"}, []string{fourth.ID, second.ID}},
		{"of an application", inbox.Filter{AccountID: mine, ApplicationID: app}, []string{second.ID, first.ID}},
		{"of a channel", inbox.Filter{AccountID: mine, Channel: inbox.ChannelVoice}, []string{fourth.ID}},
		{"since a time", inbox.Filter{AccountID: mine, Since: after(time.Minute)}, []string{fourth.ID, second.ID}},
		{"since just after", inbox.Filter{AccountID: mine, Since: after(time.Minute + ms)}, []string{fourth.ID}},
		{"behind a cursor", inbox.Filter{AccountID: mine, After: first.Cursor}, []string{fourth.ID, second.ID}},
		{"before a cursor", inbox.Filter{AccountID: mine, Before: second.Cursor}, []string{first.ID}},
		{"between cursors", inbox.Filter{AccountID: mine, After: first.Cursor, Before: fourth.Cursor}, []string{second.ID}},
		{"behind the last", inbox.Filter{AccountID: mine, After: fourth.Cursor}, []string{}},
		{"of all members", inbox.Filter{
			AccountID: mine, To: ben, PINID: "P2", ApplicationID: app, Channel: inbox.ChannelSMS, Since: start,
			After: first.Cursor, Before: fourth.Cursor,
		}, []string{second.ID}},
		{"of an account and another's PIN", inbox.Filter{AccountID: mine, PINID: "P3"}, []string{}},
		{"of nobody", inbox.Filter{AccountID: w.id()}, []string{}},
	} {
		order(t, "entries "+one.name, w.entries(one.filter, 10), one.want)
		fit := []string{}
		for _, e := range all {
			if one.filter.Fits(e) {
				fit = append(fit, e.ID)
			}
		}
		order(t, "entries that fit "+one.name, fit, one.want)
	}
}

func inboxOldest(t *testing.T, w *world) {
	first := w.entry(w.account.ID, "P1", ana, after(time.Hour))
	second := w.entry(w.account.ID, "P2", ben, start)
	third := w.entry(w.account.ID, "P3", ana, start)
	w.entry(w.newAccount("other", start).ID, "P4", ana, start)
	for _, one := range []struct {
		filter inbox.Filter
		want   string
	}{
		{inbox.Filter{}, first.ID},
		{inbox.Filter{To: ben}, second.ID},
		{inbox.Filter{After: first.Cursor}, second.ID},
		{inbox.Filter{To: ana, After: first.Cursor}, third.ID},
		{inbox.Filter{After: third.Cursor}, ""},
	} {
		one.filter.AccountID = w.account.ID
		e, found, err := w.OldestEntry(t.Context(), one.filter)
		ok(t, err)
		equal(t, "found", found, one.want != "")
		equal(t, "oldest", e.ID, one.want)
	}
}

func inboxPages(t *testing.T, w *world) {
	var want []string
	for range 5 {
		want = append([]string{w.entry(w.account.ID, "P", ana, start).ID}, want...)
	}
	var got []string
	f := w.whole()
	for {
		page := must(w.Entries(t.Context(), f, 2))(t)
		if len(page) == 0 {
			break
		}
		got = append(got, entryIDs(page)...)
		f.Before = page[len(page)-1].Cursor
		w.entry(w.account.ID, "P", ana, start) // what comes meanwhile is on no further page
	}
	order(t, "pages", got, want)
}

func inboxOne(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	e := w.entry(w.account.ID, "P", ana, start)
	equal(t, "entry", must(w.Entry(t.Context(), w.account.ID, e.ID))(t), e)
	_, err := w.Entry(t.Context(), other.ID, e.ID)
	wantMissing(t, err, noEntry)
	_, err = w.Entry(t.Context(), w.account.ID, w.id())
	wantMissing(t, err, noEntry)
}

func inboxCursors(t *testing.T, w *world) {
	last := must(w.LastCursor(t.Context()))(t)
	if last < 1 {
		t.Errorf("last cursor of an empty store: got %d, want it above 0", last)
	}
	for range 3 {
		e := w.entry(w.account.ID, "P", ana, start)
		if e.Cursor <= last {
			t.Errorf("cursor: got %d, want it above %d", e.Cursor, last)
		}
		last = e.Cursor
		equal(t, "last cursor", must(w.LastCursor(t.Context()))(t), last)
	}
	must(w.DeleteEntries(t.Context(), w.whole(), 10))(t)
	equal(t, "last cursor of an emptied store", must(w.LastCursor(t.Context()))(t), last)
	if e := w.entry(w.account.ID, "P", ana, start); e.Cursor <= last {
		t.Errorf("cursor after removal: got %d, want it above %d", e.Cursor, last)
	}
}
