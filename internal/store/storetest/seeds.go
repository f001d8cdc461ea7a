package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
)

var seedChecks = []check{
	{"keep a new application and message", seedNew},
	{"replace an application in place", seedApplicationAgain},
	{"replace a message in place, in another application too", seedMessageAgain},
	{"refuse an id that another account has", seedTaken},
	{"refuse a message of an application that is not there", func(t *testing.T, w *world) {
		m := w.message
		m.ID, m.ApplicationID = w.id(), w.id()
		if err := w.PutMessage(t.Context(), m); err == nil {
			t.Error("got no error, want one")
		}
	}},
}

func seedNew(t *testing.T, w *world) {
	app, m := w.app, w.message
	app.ID, app.Name = "my-app", "Seeded"
	m.ID, m.ApplicationID, m.Text = "my-message", app.ID, "Seeded <pin>"
	ok(t, w.PutApplication(t.Context(), app))
	ok(t, w.PutMessage(t.Context(), m))
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
		ok(t, w.PutApplication(t.Context(), w.app))
		w.wantFull(p) // what belongs to it stays
	}
}

func seedMessageAgain(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	w.message.Text, w.message.PINType, w.message.PINLength = "Changed <pin>", message.PINTypeHex, 8
	w.message.CreatedAt = after(time.Hour)
	ok(t, w.PutMessage(t.Context(), w.message))
	equal(t, "messages", must(w.Messages(t.Context(), w.account.ID, w.app.ID))(t), []message.Message{w.message})
	other := w.newApplication(w.account.ID, start)
	moved := w.message
	moved.ApplicationID = other.ID
	ok(t, w.PutMessage(t.Context(), moved))
	equal(t, "messages of the other", must(w.Messages(t.Context(), w.account.ID, other.ID))(t), []message.Message{moved})
	equal(t, "PIN", w.stored(p), p)
	ok(t, w.ResetAccount(t.Context(), w.account.ID)) // though its PIN is of an application that the message has left
}

func seedTaken(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	mine := w.newApplication(other.ID, start)
	app, m := w.app, w.message
	app.AccountID, app.Name = other.ID, "Stolen"
	m.AccountID, m.ApplicationID, m.Text = other.ID, mine.ID, "Stolen <pin>"
	wantTaken(t, w.PutApplication(t.Context(), app), "applicationId")
	wantTaken(t, w.PutMessage(t.Context(), m), "messageId")
	equal(t, "application", must(w.Application(t.Context(), w.account.ID, w.app.ID))(t), w.app)
	equal(t, "message", must(w.Message(t.Context(), w.account.ID, w.app.ID, w.message.ID))(t), w.message)
	equal(t, "applications of the other", must(w.Applications(t.Context(), other.ID))(t), []application.Application{mine})
}
