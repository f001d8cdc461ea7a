package storetest

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
)

var worldChecks = []check{
	{"are listed with their parent, oldest first, and not as accounts", worldOrder},
	{"are found with their parent alone", worldFound},
	{"that are revoked are not found", worldRevoked},
	{"end with their parent", worldOfRevokedParent},
	{"are opened with their key at once", worldWithKey},
	{"are not opened under an account that is gone", worldOfNobody},
	{"opened while their parent is closed end with it or are refused", worldsAtOnce},
}

func (w *world) newWorld(parentID, name string, at time.Time) account.Account {
	w.t.Helper()
	id := w.id()
	a := account.Account{ID: id, Name: "world:" + id, ParentID: parentID, WorldName: name, CreatedAt: at}
	ok(w.t, w.CreateWorld(w.t.Context(), a, w.keyOf(a)))
	return a
}

// keyOf is a key of a world that is not in the store yet.
func (w *world) keyOf(a account.Account) account.Key {
	id := w.id()
	return account.Key{ID: id, AccountID: a.ID, Name: "world", Hash: sha256.Sum256([]byte(id)), CreatedAt: a.CreatedAt}
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
	below := w.newWorld(a.ID, "below", start)
	other := w.newWorld(w.newAccount("other", start).ID, "other", start)
	keys := []account.Key{w.newKey(a.ID, "world", start), w.newKey(below.ID, "world", start)}
	k := w.newKey(other.ID, "world", start)
	for _, k := range keys {
		equal(t, "account of the key", must(w.GoodKey(t.Context(), k.Hash))(t).AccountID, k.AccountID)
	}
	ok(t, w.RevokeAccount(t.Context(), w.account.Name, after(time.Minute)))
	for _, k := range keys {
		_, err := w.GoodKey(t.Context(), k.Hash)
		wantMissing(t, err, noKey)
	}
	equal(t, "account of another key", must(w.GoodKey(t.Context(), k.Hash))(t).AccountID, other.ID)
}

func worldWithKey(t *testing.T, w *world) {
	a := account.Account{ID: w.id(), Name: "world:one", ParentID: w.account.ID, CreatedAt: start}
	k := w.keyOf(a)
	ok(t, w.CreateWorld(t.Context(), a, k))
	equal(t, "account of the key", must(w.GoodKey(t.Context(), k.Hash))(t).AccountID, a.ID)
	again := account.Account{ID: w.id(), Name: "world:two", ParentID: w.account.ID, CreatedAt: start}
	k.AccountID = again.ID
	if err := w.CreateWorld(t.Context(), again, k); err == nil {
		t.Error("got no error, want one for the key that is there already")
	}
	equal(t, "worlds", must(w.Worlds(t.Context(), w.account.ID))(t), []account.Account{a})
}

func worldOfNobody(t *testing.T, w *world) {
	closed, revoked := w.newWorld(w.account.ID, "closed", start), w.newAccount("revoked", start)
	must(w.DeleteAccount(t.Context(), closed.ID))(t)
	ok(t, w.RevokeAccount(t.Context(), revoked.Name, start))
	for _, parent := range []string{closed.ID, revoked.ID, w.id(), ""} {
		a := account.Account{ID: w.id(), Name: "world:" + w.id(), ParentID: parent, CreatedAt: start}
		k := w.keyOf(a)
		wantMissing(t, w.CreateWorld(t.Context(), a, k), noWorld)
		_, err := w.AccountByName(t.Context(), a.Name)
		wantMissing(t, err, noAccount)
		_, err = w.GoodKey(t.Context(), k.Hash)
		wantMissing(t, err, noKey)
	}
}

// worldsAtOnce opens worlds under one that is closed meanwhile: nothing is left that nobody can close.
func worldsAtOnce(t *testing.T, w *world) {
	parent := w.newWorld(w.account.ID, "", start)
	opened := make([]account.Account, crowd)
	for i := range opened {
		opened[i] = account.Account{ID: w.id(), Name: "world:" + w.id(), ParentID: parent.ID, CreatedAt: start}
	}
	keys := make([]account.Key, crowd)
	for i, a := range opened {
		keys[i] = w.keyOf(a)
	}
	var removed []string
	for i, err := range together(func(i int) (err error) {
		if i == crowd/2 {
			removed, err = w.DeleteAccount(t.Context(), parent.ID)
			return err
		}
		if err := w.CreateWorld(t.Context(), opened[i], keys[i]); !fault.Is(err, fault.NotFound) {
			return err
		}
		return nil
	}) {
		ok(t, err)
		_, err = w.AccountByName(t.Context(), opened[i].Name)
		wantMissing(t, err, noAccount)
	}
	equal(t, "the first that is removed", removed[0], parent.ID)
}
