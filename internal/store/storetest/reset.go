package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
	worlds "github.com/pinpost/pinpost/internal/world"
)

var resetChecks = []check{
	{"removes everything but keys and the account", resetOne},
	{"leaves other accounts and worlds untouched", resetLeavesOthers},
	{"frees the limits of an application that comes back", resetLimits},
	{"of an unknown account does nothing", func(t *testing.T, w *world) {
		p := w.fill()
		ok(t, w.ResetAccount(t.Context(), w.id(), nil))
		must(w.DeleteAccount(t.Context(), w.id()))(t)
		must(w.DeleteAccount(t.Context(), ""))(t)
		w.wantFull(p)
	}},
	{"that deletes removes keys and the account too", deleteOne},
	{"that deletes removes the account's worlds", deleteWithWorlds},
	{"that deletes tells what it removed, of worlds of worlds too", deleteTells},
	{"of many at once works, whatever they send", resetAtOnce},
	{"keeps what it is given instead, or changes nothing", resetWith},
	{"shows nobody the account in between", resetUnseen},
	{"that clears leaves applications and messages alone", clearOne},
}

// fill puts one of everything into the world's account.
func (w *world) fill() pin.PIN {
	w.t.Helper()
	p, _ := w.finished(ana, start, w.limitsOf(ana, 1, time.Hour)...)
	_, _, err := w.guess(p.ID, start, again(3), w.checkLimit(ana, 1, time.Hour))
	ok(w.t, err)
	p.Attempts++
	w.entry(w.account.ID, p.ID, ana, start)
	return p
}

// wantFull asks that what fill put there is there.
func (w *world) wantFull(p pin.PIN) {
	w.t.Helper()
	t, ctx := w.t, w.t.Context()
	equal(t, "applications", must(w.Applications(ctx, w.account.ID))(t), []application.Application{w.app})
	equal(t, "messages", must(w.Messages(ctx, w.account.ID, w.app.ID))(t), []message.Message{w.message})
	equal(t, "PIN", w.stored(p), p)
	equal(t, "number of deliveries", len(must(w.Deliveries(ctx, w.account.ID, p.ID))(t)), 1)
	equal(t, "number of entries", len(w.entries(w.whole(), 10)), 1)
	limits := w.limitsOf(ana, 1, time.Hour)
	wantFull(t, w.send(ana, start, limits...), limits[0], after(time.Hour))
	wantFull(t, w.send(ben, start, limits[1]), limits[1], after(time.Hour))
}

// wantEmpty asks that nothing of it is.
func (w *world) wantEmpty(p pin.PIN) {
	w.t.Helper()
	t, ctx := w.t, w.t.Context()
	equal(t, "number of applications", len(must(w.Applications(ctx, w.account.ID))(t)), 0)
	_, err := w.Message(ctx, w.account.ID, w.app.ID, w.message.ID)
	wantMissing(t, err, noMessage)
	_, err = w.PIN(ctx, w.account.ID, p.ID)
	wantMissing(t, err, noPIN)
	equal(t, "number of deliveries", len(must(w.Deliveries(ctx, w.account.ID, p.ID))(t)), 0)
	equal(t, "number of verifications", len(w.verifications(anyOf, 10)), 0)
	order(t, "inbox", w.entries(w.whole(), 10), []string{})
}

// beside is the same store with an account that has nothing yet; each gives ids that the other does not.
func (w *world) beside(a account.Account) *world {
	o := &world{Store: w.Store, t: w.t, account: a}
	o.lastID.Store(w.lastID.Add(1000) * 1000)
	return o
}

// another is the same store with an account that has one of everything, too.
func (w *world) another(a account.Account) (*world, pin.PIN) {
	w.t.Helper()
	o := w.beside(a)
	o.app = o.newApplication(a.ID, start)
	o.message = o.newMessage(o.app, start)
	return o, o.fill()
}

func resetOne(t *testing.T, w *world) {
	k := w.newKey(w.account.ID, "laptop", start)
	p := w.fill()
	last := must(w.LastCursor(t.Context()))(t)
	for range 2 {
		ok(t, w.ResetAccount(t.Context(), w.account.ID, nil))
		w.wantEmpty(p)
	}
	equal(t, "account", must(w.AccountByName(t.Context(), w.account.Name))(t), w.account)
	equal(t, "account of the key", must(w.GoodKey(t.Context(), k.Hash))(t).AccountID, w.account.ID)
	equal(t, "last cursor", must(w.LastCursor(t.Context()))(t), last)
}

func resetLeavesOthers(t *testing.T, w *world) {
	p := w.fill()
	other, otherPIN := w.another(w.newAccount("other", start))
	world, worldPIN := w.another(w.newWorld(w.account.ID, "mine", start))
	ok(t, w.ResetAccount(t.Context(), w.account.ID, nil))
	w.wantEmpty(p)
	other.wantFull(otherPIN)
	world.wantFull(worldPIN)
	ok(t, w.ResetAccount(t.Context(), world.account.ID, nil))
	world.wantEmpty(worldPIN)
	other.wantFull(otherPIN)
}

func resetLimits(t *testing.T, w *world) {
	w.fill()
	ok(t, w.ResetAccount(t.Context(), w.account.ID, nil))
	ok(t, w.putApplication(t.Context(), w.app))
	ok(t, w.putMessage(t.Context(), w.message))
	w.wantFull(w.fill()) // which has one place for each number, and one in all
}

func deleteOne(t *testing.T, w *world) {
	k := w.newKey(w.account.ID, "laptop", start)
	p := w.fill()
	other, otherPIN := w.another(w.newAccount("other", start))
	otherKey := w.newKey(other.account.ID, "laptop", start)
	for range 2 {
		must(w.DeleteAccount(t.Context(), w.account.ID))(t)
		w.wantEmpty(p)
	}
	_, err := w.AccountByName(t.Context(), w.account.Name)
	wantMissing(t, err, noAccount)
	_, err = w.GoodKey(t.Context(), k.Hash)
	wantMissing(t, err, noKey)
	other.wantFull(otherPIN)
	equal(t, "account of the other key", must(w.GoodKey(t.Context(), otherKey.Hash))(t).AccountID, other.account.ID)
	equal(t, "accounts", must(w.Accounts(t.Context()))(t), []account.Account{other.account})
}

func deleteWithWorlds(t *testing.T, w *world) {
	child, p := w.another(w.newWorld(w.account.ID, "mine", start))
	k := w.newKey(child.account.ID, "world", start)
	must(w.DeleteAccount(t.Context(), w.account.ID))(t)
	child.wantEmpty(p)
	_, err := w.GoodKey(t.Context(), k.Hash)
	wantMissing(t, err, noKey)
	equal(t, "number of worlds", len(must(w.Worlds(t.Context(), w.account.ID))(t)), 0)
}

func resetAtOnce(t *testing.T, w *world) {
	kept := w.fill()
	worlds := make([]account.Account, crowd)
	for i := range worlds {
		worlds[i] = w.newWorld(w.account.ID, "", start)
	}
	for i, err := range together(func(i int) error {
		app := application.Application{ID: worlds[i].ID, AccountID: worlds[i].ID, CreatedAt: start}
		if err := w.putApplication(t.Context(), app); err != nil {
			return err
		}
		return w.ResetAccount(t.Context(), worlds[i].ID, nil)
	}) {
		ok(t, err)
		equal(t, "number of applications", len(must(w.Applications(t.Context(), worlds[i].ID))(t)), 0)
	}
	w.wantFull(kept)
	order(t, "inbox", w.entries(inbox.Filter{AccountID: worlds[0].ID}, 10), []string{})
}

func deleteTells(t *testing.T, w *world) {
	child := w.newWorld(w.account.ID, "child", start)
	below := w.newWorld(child.ID, "below", start)
	other := w.newWorld(w.account.ID, "other", start)
	equal(t, "removed", must(w.DeleteAccount(t.Context(), child.ID))(t), []string{child.ID, below.ID})
	equal(t, "removed again", len(must(w.DeleteAccount(t.Context(), child.ID))(t)), 0)
	equal(t, "removed with the account", must(w.DeleteAccount(t.Context(), w.account.ID))(t), []string{w.account.ID, other.ID})
}

func resetWith(t *testing.T, w *world) {
	p := w.fill()
	lost := w.message
	lost.ID, lost.ApplicationID = "lost", "nowhere"
	if err := w.ResetAccount(t.Context(), w.account.ID, append(w.seed(), worlds.Content{Application: w.app, Messages: []message.Message{lost}})); err == nil {
		t.Error("got no error, want one for the message of an application that is not there")
	}
	w.wantFull(p)
	w.app.Name = "Another"
	ok(t, w.ResetAccount(t.Context(), w.account.ID, w.seed()))
	_, err := w.PIN(t.Context(), w.account.ID, p.ID)
	wantMissing(t, err, noPIN)
	w.wantFull(w.fill())
}

// resetUnseen reads while resets go on: what each of them keeps is always there.
func resetUnseen(t *testing.T, w *world) {
	for _, err := range together(func(i int) error {
		for range 5 {
			if i%2 == 0 {
				if err := w.ResetAccount(t.Context(), w.account.ID, w.seed()); err != nil {
					return err
				}
			} else if _, err := w.Message(t.Context(), w.account.ID, w.app.ID, w.message.ID); err != nil {
				return err
			}
		}
		return nil
	}) {
		ok(t, err)
	}
}

func clearOne(t *testing.T, w *world) {
	k := w.newKey(w.account.ID, "laptop", start)
	w.fill()
	other, otherPIN := w.another(w.newWorld(w.account.ID, "mine", start))
	ok(t, w.SetClockAhead(t.Context(), w.account.ID, time.Hour))
	ok(t, w.ClearAccount(t.Context(), w.account.ID))
	order(t, "inbox", w.entries(w.whole(), 10), []string{})
	equal(t, "number of verifications", len(w.verifications(anyOf, 10)), 0)
	equal(t, "clocks", len(must(w.ClocksAhead(t.Context()))(t)), 0)
	equal(t, "account of the key", must(w.GoodKey(t.Context(), k.Hash))(t).AccountID, w.account.ID)
	w.wantFull(w.fill()) // its limits are free, and application and message are as they were
	other.wantFull(otherPIN)
}
