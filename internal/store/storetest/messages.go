package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/message"
)

var messageChecks = []check{
	{"are found as they were kept", messageRoundTrip},
	{"of another account or application are not found", messageOfAnother},
	{"are listed oldest first, those of one application", messageOrder},
	{"are changed in one step", messageUpdate},
	{"stay as they are when the change fails", messageUpdateRefused},
	{"of another account or application are not changed", messageUpdateMissing},
}

// strangers are keys of messages that the world's account and application do not have.
func (w *world) strangers() [][3]string {
	other := w.newAccount("other", start)
	otherApp := w.newApplication(w.account.ID, start)
	return [][3]string{
		{w.account.ID, w.app.ID, w.id()},
		{w.account.ID, otherApp.ID, w.message.ID},
		{w.account.ID, w.id(), w.message.ID},
		{other.ID, w.app.ID, w.message.ID},
	}
}

func messageRoundTrip(t *testing.T, w *world) {
	m := message.Message{
		ID: w.id(), AccountID: w.account.ID, ApplicationID: w.app.ID,
		Text: "你好 {{pin}}\n— it's 100 % \"yours\"", Placeholder: "{{pin}}",
		PINType: message.PINTypeAlphanumeric, PINLength: 8, Sender: "+41793026727", CreatedAt: after(time.Second),
		Speech: message.Speech{Language: "pt_br", Rate: 0.75, RepeatDTMF: "1#"},
	}
	ok(t, w.CreateMessage(t.Context(), m))
	equal(t, "message", must(w.Message(t.Context(), m.AccountID, m.ApplicationID, m.ID))(t), m)
}

func messageOfAnother(t *testing.T, w *world) {
	for _, key := range w.strangers() {
		_, err := w.Message(t.Context(), key[0], key[1], key[2])
		wantMissing(t, err, noMessage)
	}
}

func messageOrder(t *testing.T, w *world) {
	otherApp := w.newApplication(w.account.ID, start)
	w.newMessage(otherApp, start)
	late := w.newMessage(w.app, after(time.Hour))
	early := w.newMessage(w.app, after(-time.Hour))
	same := w.newMessage(w.app, start)
	got := must(w.Messages(t.Context(), w.account.ID, w.app.ID))(t)
	equal(t, "messages", got, []message.Message{early, w.message, same, late})
	other := w.newAccount("other", start)
	equal(t, "number of messages for another account", len(must(w.Messages(t.Context(), other.ID, w.app.ID))(t)), 0)
}

func messageUpdate(t *testing.T, w *world) {
	other := w.newMessage(w.app, start)
	want := w.message
	want.Text, want.Placeholder, want.PINType, want.PINLength, want.Sender = "#1#", "#1#", message.PINTypeHex, 4, "Bank"
	want.Speech = message.Speech{Language: "fr", Rate: 2, RepeatDTMF: "*"}
	got, err := w.UpdateMessage(t.Context(), w.account.ID, w.app.ID, w.message.ID, func(m *message.Message) error {
		equal(t, "message before", *m, w.message)
		*m = want
		return nil
	})
	ok(t, err)
	equal(t, "message given back", got, want)
	equal(t, "message kept", must(w.Message(t.Context(), w.account.ID, w.app.ID, w.message.ID))(t), want)
	equal(t, "other message", must(w.Message(t.Context(), w.account.ID, w.app.ID, other.ID))(t), other)
}

func messageUpdateRefused(t *testing.T, w *world) {
	for _, refusal := range refusals {
		_, err := w.UpdateMessage(t.Context(), w.account.ID, w.app.ID, w.message.ID, func(m *message.Message) error {
			m.Text = "lost"
			return refusal
		})
		if err != refusal {
			t.Errorf("got error %v, want what change gave, as it is: %v", err, refusal)
		}
	}
	equal(t, "message", must(w.Message(t.Context(), w.account.ID, w.app.ID, w.message.ID))(t), w.message)
}

func messageUpdateMissing(t *testing.T, w *world) {
	for _, key := range w.strangers() {
		_, err := w.UpdateMessage(t.Context(), key[0], key[1], key[2], func(*message.Message) error {
			t.Error("change was called, want no call")
			return nil
		})
		wantMissing(t, err, noMessage)
	}
}
