package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
)

var worldChecks = []check{
	{"are listed with their parent, oldest first, and not as accounts", worldOrder},
	{"are found with their parent alone", worldFound},
	{"that are revoked are not found", worldRevoked},
	{"end with their parent", worldOfRevokedParent},
}

func (w *world) newWorld(parentID, name string, at time.Time) account.Account {
	w.t.Helper()
	id := w.id()
	a := account.Account{ID: id, Name: "world:" + id, ParentID: parentID, WorldName: name, CreatedAt: at}
	ok(w.t, w.CreateAccount(w.t.Context(), a))
	return a
}

func worldOrder(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	late := w.newWorld(w.account.ID, "late", after(time.Hour))
	early := w.newWorld(w.account.ID, "early", start)
	same := w.newWorld(w.account.ID, "", start)
	others := w.newWorld(other.ID, "early", start)
	ctx := t.Context()
	equal(t, "worlds", must(w.Worlds(ctx, w.account.ID))(t), []account.Account{early, same, late})
	equal(t, "worlds of the other", must(w.Worlds(ctx, other.ID))(t), []account.Account{others})
	equal(t, "number of worlds of nobody", len(must(w.Worlds(ctx, ""))(t)), 0)
	equal(t, "number of worlds of a world", len(must(w.Worlds(ctx, early.ID))(t)), 0)
	equal(t, "accounts", must(w.Accounts(ctx))(t), []account.Account{w.account, other})
	equal(t, "world by name", must(w.AccountByName(ctx, early.Name))(t), early)
}

func worldFound(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	a := w.newWorld(w.account.ID, "mine", start)
	equal(t, "world", must(w.World(t.Context(), w.account.ID, a.ID))(t), a)
	for _, one := range []struct{ parent, id string }{
		{other.ID, a.ID}, {"", a.ID}, {a.ID, a.ID}, {w.account.ID, w.id()}, {w.account.ID, other.ID}, {"", other.ID},
	} {
		_, err := w.World(t.Context(), one.parent, one.id)
		wantMissing(t, err, noWorld)
	}
}

func worldRevoked(t *testing.T, w *world) {
	a := w.newWorld(w.account.ID, "mine", start)
	ok(t, w.RevokeAccount(t.Context(), a.Name, after(time.Minute)))
	equal(t, "number of worlds", len(must(w.Worlds(t.Context(), w.account.ID))(t)), 0)
	_, err := w.World(t.Context(), w.account.ID, a.ID)
	wantMissing(t, err, noWorld)
}

func worldOfRevokedParent(t *testing.T, w *world) {
	a := w.newWorld(w.account.ID, "mine", start)
	k := w.newKey(a.ID, "world", start)
	equal(t, "account of the key", must(w.GoodKey(t.Context(), k.Hash))(t).AccountID, a.ID)
	ok(t, w.RevokeAccount(t.Context(), w.account.Name, after(time.Minute)))
	_, err := w.GoodKey(t.Context(), k.Hash)
	wantMissing(t, err, noKey)
}
