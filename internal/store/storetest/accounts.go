package storetest

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
)

var accountChecks = []check{
	{"are found by name as they were kept", accountRoundTrip},
	{"of an unknown name are not found", func(t *testing.T, w *world) {
		_, err := w.AccountByName(t.Context(), "nobody")
		wantMissing(t, err, noAccount)
	}},
	{"with a taken name are refused", accountNameTaken},
	{"are listed oldest first", accountOrder},
	{"are revoked once", accountRevoked},
	{"of an unknown name are not revoked", func(t *testing.T, w *world) {
		wantMissing(t, w.RevokeAccount(t.Context(), "nobody", start), noAccount)
	}},
}

func accountRoundTrip(t *testing.T, w *world) {
	a := account.Account{
		ID: w.id(), Name: "Zoë O'Neil; --", PasswordHash: "$argon2id$v=19$m=1,t=2,p=1$c2FsdA$aGFzaA",
		CreatedAt: after(time.Minute),
	}
	ok(t, w.CreateAccount(t.Context(), a))
	equal(t, "account", must(w.AccountByName(t.Context(), a.Name))(t), a)
}

func accountNameTaken(t *testing.T, w *world) {
	second := account.Account{ID: w.id(), Name: w.account.Name, PasswordHash: "another", CreatedAt: after(time.Hour)}
	err := w.CreateAccount(t.Context(), second)
	wantKind(t, err, fault.Invalid)
	if f, is := errors.AsType[*fault.Error](err); !is || len(f.Members["name"]) == 0 {
		t.Errorf("got error %#v, want one that names the member name", err)
	}
	equal(t, "account of the name", must(w.AccountByName(t.Context(), w.account.Name))(t), w.account)
	equal(t, "number of accounts", len(must(w.Accounts(t.Context()))(t)), 1)
}

func accountOrder(t *testing.T, w *world) {
	late := w.newAccount("late", after(time.Hour))
	early := w.newAccount("early", after(-time.Hour))
	same := w.newAccount("as old as tester", start)
	ok(t, w.RevokeAccount(t.Context(), "early", start))
	got := ids(must(w.Accounts(t.Context()))(t), func(a account.Account) string { return a.ID })
	order(t, "accounts", got, []string{early.ID, w.account.ID, same.ID, late.ID})
}

func accountRevoked(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	for _, at := range []time.Time{after(time.Minute), after(time.Hour)} {
		ok(t, w.RevokeAccount(t.Context(), w.account.Name, at))
	}
	got := must(w.AccountByName(t.Context(), w.account.Name))(t)
	equal(t, "revoked at", got.RevokedAt, after(time.Minute))
	equal(t, "other account", must(w.AccountByName(t.Context(), "other"))(t), other)
}

var keyChecks = []check{
	{"name their account", func(t *testing.T, w *world) {
		k := w.newKey(w.account.ID, "laptop", start)
		equal(t, "account", must(w.GoodKey(t.Context(), k.Hash))(t).AccountID, w.account.ID)
	}},
	{"that are unknown are not found", func(t *testing.T, w *world) {
		w.newKey(w.account.ID, "laptop", start)
		_, err := w.GoodKey(t.Context(), sha256.Sum256([]byte("another")))
		wantMissing(t, err, noKey)
	}},
	{"are listed oldest first, those of one account", keyOrder},
	{"that are revoked are no good, once and for all", keyRevoked},
	{"of a revoked account are no good", keyOfRevokedAccount},
	{"that are unknown are not revoked", func(t *testing.T, w *world) {
		wantMissing(t, w.RevokeKey(t.Context(), w.id(), start), noKey)
	}},
	{"with a hash that another has are refused", func(t *testing.T, w *world) {
		k := w.newKey(w.account.ID, "laptop", start)
		k.ID = w.id()
		if err := w.CreateKey(t.Context(), k); err == nil {
			t.Error("got no error, want one for the second key with one hash")
		}
	}},
}

func (w *world) newKey(accountID, name string, at time.Time) account.Key {
	w.t.Helper()
	k := account.Key{ID: w.id(), AccountID: accountID, Name: name, CreatedAt: at}
	k.Hash = sha256.Sum256([]byte(k.ID))
	ok(w.t, w.CreateKey(w.t.Context(), k))
	return k
}

func keyOrder(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	w.newKey(other.ID, "of other", start)
	late := w.newKey(w.account.ID, "", after(time.Hour))
	early := w.newKey(w.account.ID, "early", start)
	same := w.newKey(w.account.ID, "as old", start)
	equal(t, "keys", must(w.Keys(t.Context(), w.account.ID))(t), []account.Key{early, same, late})
	equal(t, "number of keys of nobody", len(must(w.Keys(t.Context(), w.id()))(t)), 0)
}

func keyRevoked(t *testing.T, w *world) {
	k, other := w.newKey(w.account.ID, "laptop", start), w.newKey(w.account.ID, "desktop", start)
	for _, at := range []time.Time{after(time.Minute), after(time.Hour)} {
		ok(t, w.RevokeKey(t.Context(), k.ID, at))
	}
	_, err := w.GoodKey(t.Context(), k.Hash)
	wantMissing(t, err, noKey)
	k.RevokedAt = after(time.Minute)
	equal(t, "keys", must(w.Keys(t.Context(), w.account.ID))(t), []account.Key{k, other})
	equal(t, "account of the other key", must(w.GoodKey(t.Context(), other.Hash))(t).AccountID, w.account.ID)
}

func keyOfRevokedAccount(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	k, kept := w.newKey(w.account.ID, "laptop", start), w.newKey(other.ID, "laptop", start)
	ok(t, w.RevokeAccount(t.Context(), w.account.Name, after(time.Minute)))
	_, err := w.GoodKey(t.Context(), k.Hash)
	wantMissing(t, err, noKey)
	equal(t, "account of the other key", must(w.GoodKey(t.Context(), kept.Hash))(t).AccountID, other.ID)
}
