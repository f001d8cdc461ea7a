package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
	worlds "github.com/pinpost/pinpost/internal/world"
)

var seedChecks = []check{
	{"keep a new application and message", seedNew},
	{"replace an application in place", seedApplicationAgain},
	{"replace a message in place, in another application too", seedMessageAgain},
	{"refuse a message of an application that is not there", func(t *testing.T, w *world) {
		m := w.message
		m.ID, m.ApplicationID = w.id(), w.id()
		if err := w.putMessage(t.Context(), m); err == nil {
			t.Error("got no error, want one")
		}
	}},
	{"keep a seed whole, in place of what has its ids", seedWhole},
	{"keep nothing of a seed that fails in its middle", seedWholeOrNot},
}

// seed is the world's application with its message.
func (w *world) seed() []worlds.Content {
	return []worlds.Content{{Application: w.app, Messages: []message.Message{w.message}}}
}

func seedNew(t *testing.T, w *world) {
	app, m := w.app, w.message
	app.ID, app.Name = "my-app", "Seeded"
	m.ID, m.ApplicationID, m.Text = "my-message", app.ID, "Seeded <pin>"
	ok(t, w.putApplication(t.Context(), app))
	ok(t, w.putMessage(t.Context(), m))
	equal(t, "applications", must(w.Applications(t.Context(), w.account.ID))(t), []application.Application{w.app, app})
	equal(t, "messages", must(w.Messages(t.Context(), w.account.ID, app.ID))(t), []message.Message{m})
	equal(t, "messages as before", must(w.Messages(t.Context(), w.account.ID, w.app.ID))(t), []message.Message{w.message})
}

func seedApplicationAgain(t *testing.T, w *world) {
	p := w.fill()
	w.app.Name, w.app.Enabled, w.app.ProcessID = "Changed", false, w.id()
	w.app.Configuration.PINAttempts = 7
	w.app.CreatedAt = after(time.Hour)
	for range 2 {
		ok(t, w.putApplication(t.Context(), w.app))
		w.wantFull(p) // what belongs to it stays
	}
}

func seedMessageAgain(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	w.message.Text, w.message.PINType, w.message.PINLength = "Changed <pin>", message.PINTypeHex, 8
	w.message.CreatedAt = after(time.Hour)
	ok(t, w.putMessage(t.Context(), w.message))
	equal(t, "messages", must(w.Messages(t.Context(), w.account.ID, w.app.ID))(t), []message.Message{w.message})
	other := w.newApplication(w.account.ID, start)
	moved := w.message
	moved.ApplicationID = other.ID
	ok(t, w.putMessage(t.Context(), moved))
	equal(t, "messages of the other", must(w.Messages(t.Context(), w.account.ID, other.ID))(t), []message.Message{moved})
	equal(t, "PIN", w.stored(p), p)
	ok(t, w.ResetAccount(t.Context(), w.account.ID, nil)) // though its PIN is of an application that the message has left
}

func seedWhole(t *testing.T, w *world) {
	changed, m, more := w.app, w.message, w.message
	changed.Name, m.Text = "Changed", "Changed <pin>"
	fresh := w.app
	fresh.ID, more.ID, more.ApplicationID = "my-app", "my-message", "my-app"
	for range 2 {
		ok(t, w.PutSeed(t.Context(), []worlds.Content{
			{Application: changed, Messages: []message.Message{m}}, {Application: fresh, Messages: []message.Message{more}},
		}))
		equal(t, "applications", must(w.Applications(t.Context(), w.account.ID))(t), []application.Application{changed, fresh})
		equal(t, "messages", must(w.Messages(t.Context(), w.account.ID, changed.ID))(t), []message.Message{m})
		equal(t, "messages of the new", must(w.Messages(t.Context(), w.account.ID, fresh.ID))(t), []message.Message{more})
	}
	ok(t, w.PutSeed(t.Context(), nil))
}

func seedWholeOrNot(t *testing.T, w *world) {
	changed, fresh, lost := w.app, w.app, w.message
	changed.Name, fresh.ID = "Changed", "my-app"
	lost.ID, lost.ApplicationID = "my-message", w.id()
	err := w.PutSeed(t.Context(), []worlds.Content{
		{Application: changed}, {Application: fresh, Messages: []message.Message{lost}}, {Application: changed},
	})
	if err == nil {
		t.Error("got no error, want one for the message of an application that is not there")
	}
	equal(t, "applications", must(w.Applications(t.Context(), w.account.ID))(t), []application.Application{w.app})
	equal(t, "messages", must(w.Messages(t.Context(), w.account.ID, w.app.ID))(t), []message.Message{w.message})
}

// putApplication keeps an application by itself.
func (w *world) putApplication(ctx context.Context, a application.Application) error {
	return w.PutSeed(ctx, []worlds.Content{{Application: a}})
}

// putMessage keeps a message beside its application, which stays as it is.
func (w *world) putMessage(ctx context.Context, m message.Message) error {
	a, err := w.Application(ctx, m.AccountID, m.ApplicationID)
	if err != nil {
		return err
	}
	return w.PutSeed(ctx, []worlds.Content{{Application: a, Messages: []message.Message{m}}})
}
