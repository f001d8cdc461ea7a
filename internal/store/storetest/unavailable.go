package storetest

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
)

var unavailableChecks = []check{
	{"is what a cancelled call gives, and it keeps nothing", unavailableCancelled},
	{"is what a call gives whose time is over", unavailableLate},
	{"is what a closed store gives", unavailableClosed},
}

func unavailableCancelled(t *testing.T, w *world) {
	p, d := w.newPIN(ana, start)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.wantUnavailable(ctx, p, d)
	equal(t, "number of accounts", len(must(w.Accounts(t.Context()))(t)), 1)
	equal(t, "number of keys", len(must(w.Keys(t.Context(), w.account.ID))(t)), 0)
	equal(t, "applications", must(w.Applications(t.Context(), w.account.ID))(t), []application.Application{w.app})
	equal(t, "messages", must(w.Messages(t.Context(), w.account.ID, w.app.ID))(t), []message.Message{w.message})
	equal(t, "number of PINs", len(w.verifications(anyOf, 10)), 1)
	equal(t, "PIN", w.stored(p), p)
	equal(t, "deliveries", must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t), []pin.Delivery{d})
	order(t, "inbox", w.entries(w.whole(), 10), []string{})
	limit := w.checkLimit(ana, 1, time.Hour)
	_, _, err := w.guess(p.ID, start, again(3), limit)
	ok(t, err) // so the cancelled call took no place
}

func unavailableLate(t *testing.T, w *world) {
	p, d := w.newPIN(ana, start)
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	w.wantUnavailable(ctx, p, d)
}

func unavailableClosed(t *testing.T, w *world) {
	p, d := w.newPIN(ana, start)
	ok(t, w.Close())
	w.wantUnavailable(t.Context(), p, d)
}

// wantUnavailable makes every call there is, on a PIN that is there.
func (w *world) wantUnavailable(ctx context.Context, p pin.PIN, d pin.Delivery) {
	w.t.Helper()
	for name, err := range w.everyCall(ctx, p, d) {
		if !fault.Is(err, fault.Unavailable) {
			w.t.Errorf("%s: got error %v, want one of kind Unavailable", name, err)
		}
	}
}

func (w *world) everyCall(ctx context.Context, p pin.PIN, d pin.Delivery) map[string]error {
	errs := map[string]error{
		"CreateAccount":     w.CreateAccount(ctx, account.Account{ID: w.id(), Name: "new", CreatedAt: start}),
		"RevokeAccount":     w.RevokeAccount(ctx, w.account.Name, start),
		"CreateKey":         w.CreateKey(ctx, account.Key{ID: w.id(), AccountID: w.account.ID, CreatedAt: start}),
		"RevokeKey":         w.RevokeKey(ctx, w.id(), start),
		"CreateApplication": w.CreateApplication(ctx, application.Application{ID: w.id(), AccountID: w.account.ID}),
		"CreateMessage":     w.CreateMessage(ctx, message.Message{ID: w.id(), ApplicationID: w.app.ID}),
		"CreatePIN":         w.createDraft(ctx),
		"FinishDelivery":    w.FinishDelivery(ctx, accepted(d, "r-1")),
		"RecordReceipt":     w.RecordReceipt(ctx, receipt(d, "MESSAGE_DELIVERED")),
		"ResetAccount":      w.ResetAccount(ctx, w.account.ID, w.seed()),
		"ClearAccount":      w.ClearAccount(ctx, w.account.ID),
		"SetClockAhead":     w.SetClockAhead(ctx, w.account.ID, time.Hour),
		"PutSeed":           w.PutSeed(ctx, w.seed()),
	}
	_, errs["AccountByName"] = w.AccountByName(ctx, w.account.Name)
	_, errs["Accounts"] = w.Accounts(ctx)
	_, errs["GoodKey"] = w.GoodKey(ctx, [sha256.Size]byte{})
	_, errs["Keys"] = w.Keys(ctx, w.account.ID)
	_, errs["Application"] = w.Application(ctx, w.account.ID, w.app.ID)
	_, errs["Applications"] = w.Applications(ctx, w.account.ID)
	_, errs["UpdateApplication"] = w.UpdateApplication(ctx, w.account.ID, w.app.ID,
		func(a *application.Application) error { a.Name = "new"; return nil })
	_, errs["Message"] = w.Message(ctx, w.account.ID, w.app.ID, w.message.ID)
	_, errs["Messages"] = w.Messages(ctx, w.account.ID, w.app.ID)
	_, errs["UpdateMessage"] = w.UpdateMessage(ctx, w.account.ID, w.app.ID, w.message.ID,
		func(m *message.Message) error { m.Text = "new"; return nil })
	_, errs["PIN"] = w.PIN(ctx, w.account.ID, p.ID)
	_, errs["First"] = w.First(ctx, w.account.ID, key("a", "").KeyHash)
	_, errs["KeepAnswer"] = w.KeepAnswer(ctx, d.ID, pin.Answer{})
	_, errs["AddDelivery"] = w.AddDelivery(ctx, w.delivery(p.ID, start), again(3), nil)
	_, errs["Attempt"] = w.Attempt(ctx, p.ID, start, again(3), w.checkLimit(ana, 1, time.Hour), right)
	_, errs["Deliveries"] = w.Deliveries(ctx, w.account.ID, p.ID)
	_, errs["Verifications"] = w.Verifications(ctx, w.account.ID, w.app.ID, anyOf, 10)
	_, errs["PurgePINs"] = w.PurgePINs(ctx, after(365*day), 0, 10)
	_, errs["DeleteAccount"] = w.DeleteAccount(ctx, w.account.ID)
	_, errs["ClocksAhead"] = w.ClocksAhead(ctx)
	errs["CreateWorld"] = w.CreateWorld(ctx, account.Account{ID: w.id(), Name: "world", ParentID: w.account.ID}, account.Key{ID: w.id()})
	_, errs["Worlds"] = w.Worlds(ctx, w.account.ID)
	_, errs["World"] = w.World(ctx, w.account.ID, w.id())
	_, errs["PutEntry"] = w.PutEntry(ctx, inbox.Entry{Origin: delivery.Origin{AccountID: w.account.ID}, ID: w.id(), At: start})
	_, errs["Entries"] = w.Entries(ctx, w.whole(), 10)
	_, _, errs["OldestEntry"] = w.OldestEntry(ctx, w.whole())
	_, errs["Entry"] = w.Entry(ctx, w.account.ID, w.id())
	_, errs["DeleteEntries"] = w.DeleteEntries(ctx, w.whole(), 10)
	_, errs["LastCursor"] = w.LastCursor(ctx)
	_, errs["TrimEntries"] = w.TrimEntries(ctx, w.account.ID, 0)
	return errs
}

func (w *world) createDraft(ctx context.Context) error {
	p, d := w.draft(ben, start)
	return w.CreatePIN(ctx, p, d, []pin.Limit{w.numberLimit(ben, 1, time.Hour)})
}
