package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
)

var applicationChecks = []check{
	{"are found as they were kept", applicationRoundTrip},
	{"of another account are not found", func(t *testing.T, w *world) {
		other := w.newAccount("other", start)
		for _, accountID := range []string{other.ID, w.id(), ""} {
			_, err := w.Application(t.Context(), accountID, w.app.ID)
			wantMissing(t, err, noApplication)
		}
	}},
	{"of an unknown id are not found", func(t *testing.T, w *world) {
		_, err := w.Application(t.Context(), w.account.ID, w.id())
		wantMissing(t, err, noApplication)
	}},
	{"are listed oldest first, those of one account", applicationOrder},
	{"are changed in one step", applicationUpdate},
	{"stay as they are when the change fails", applicationUpdateRefused},
	{"of another account or an unknown id are not changed", applicationUpdateMissing},
}

func applicationRoundTrip(t *testing.T, w *world) {
	a := application.Application{
		ID: w.id(), AccountID: w.account.ID, Name: "Größe 'n' \"quotes\"", Enabled: false,
		Configuration: application.Configuration{
			PINTimeToLive: 365 * 24 * time.Hour, PINAttempts: 1<<31 - 1,
			VerificationAttempts: 2, VerificationInterval: time.Millisecond,
			InitiationAttempts: 3, InitiationInterval: 4 * time.Second,
			OverallInitiationAttempts: 5, OverallInitiationInterval: 6 * time.Minute,
			AllowMultiplePINVerifications: false,
		},
		ProcessID: w.id(), CreatedAt: after(time.Millisecond),
	}
	ok(t, w.CreateApplication(t.Context(), a))
	equal(t, "application", must(w.Application(t.Context(), a.AccountID, a.ID))(t), a)
	equal(t, "first application", must(w.Application(t.Context(), w.account.ID, w.app.ID))(t), w.app)
}

func applicationOrder(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	w.newApplication(other.ID, start)
	late := w.newApplication(w.account.ID, after(time.Hour))
	early := w.newApplication(w.account.ID, after(-time.Hour))
	same := w.newApplication(w.account.ID, start)
	got := must(w.Applications(t.Context(), w.account.ID))(t)
	equal(t, "applications", got, []application.Application{early, w.app, same, late})
	equal(t, "number of applications of nobody", len(must(w.Applications(t.Context(), w.id()))(t)), 0)
}

func applicationUpdate(t *testing.T, w *world) {
	other := w.newApplication(w.account.ID, start)
	want := w.app
	want.Name, want.Enabled = "Bank", false
	want.Configuration.PINAttempts = 4
	want.Configuration.InitiationInterval = time.Minute
	got, err := w.UpdateApplication(t.Context(), w.account.ID, w.app.ID, func(a *application.Application) error {
		equal(t, "application before", *a, w.app)
		*a = want
		return nil
	})
	ok(t, err)
	equal(t, "application given back", got, want)
	equal(t, "application kept", must(w.Application(t.Context(), w.account.ID, w.app.ID))(t), want)
	equal(t, "other application", must(w.Application(t.Context(), w.account.ID, other.ID))(t), other)
}

// refusals are what a change may give; none is the store's own failure.
var refusals = []error{errors.New("not like this"), context.DeadlineExceeded, fault.Invalidf("Not like this")}

func applicationUpdateRefused(t *testing.T, w *world) {
	for _, refusal := range refusals {
		_, err := w.UpdateApplication(t.Context(), w.account.ID, w.app.ID, func(a *application.Application) error {
			a.Name = "Bank"
			return refusal
		})
		if err != refusal {
			t.Errorf("got error %v, want what change gave, as it is: %v", err, refusal)
		}
	}
	equal(t, "application", must(w.Application(t.Context(), w.account.ID, w.app.ID))(t), w.app)
}

func applicationUpdateMissing(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	for _, key := range [][2]string{{other.ID, w.app.ID}, {w.account.ID, w.id()}} {
		_, err := w.UpdateApplication(t.Context(), key[0], key[1], func(*application.Application) error {
			t.Error("change was called, want no call")
			return nil
		})
		wantMissing(t, err, noApplication)
	}
}
