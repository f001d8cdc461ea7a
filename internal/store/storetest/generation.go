package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
)

// Counting is a store that counts its changes, for a cache.
type Counting interface {
	Store
	Generation(ctx context.Context) (int64, error)
}

// Generations wants every change of accounts, keys, applications and messages to be counted, also when another store made it on
// the same data, and nothing else. open gives a store on the same data each time.
func Generations(t *testing.T, open func(t *testing.T) Counting) {
	s, other := open(t), open(t)
	w := newWorld(t, s)
	t.Cleanup(func() { ok(t, other.Close()) })
	last := int64(-1)
	generation := func() int64 {
		t.Helper()
		n := must(s.Generation(t.Context()))(t)
		equal(t, "generation of another store on the same data", must(other.Generation(t.Context()))(t), n)
		return n
	}
	counted := func(name string, err error) {
		t.Helper()
		ok(t, err)
		if n := generation(); n == last {
			t.Errorf("%s: is not counted", name)
		} else {
			last = n
		}
	}
	ignored := func(name string, err error) {
		t.Helper()
		ok(t, err)
		if n := generation(); n != last {
			t.Errorf("%s: is counted", name)
		}
	}
	last = generation()
	ctx := t.Context()
	ignored("nothing", nil)
	p, d := w.newPIN(ana, start, w.limitsOf(ana, 3, time.Hour)...)
	ignored("a PIN", nil)
	w.finish(d, start)
	ignored("an outcome", nil)
	_, _, err := w.guess(p.ID, start, again(3), w.manyChecks(ana))
	ignored("an attempt", err)

	key := account.Key{ID: w.id(), AccountID: w.account.ID, Hash: [32]byte{1}, CreatedAt: start}
	counted("a key", other.CreateKey(ctx, key))
	counted("a key's end", other.RevokeKey(ctx, key.ID, start))
	counted("an account", other.CreateAccount(ctx, account.Account{ID: w.id(), Name: "another", CreatedAt: start}))
	counted("an account's end", other.RevokeAccount(ctx, "another", start))
	_, err = other.UpdateApplication(ctx, w.account.ID, w.app.ID, func(a *application.Application) error { a.Enabled = false; return nil })
	counted("an application's change", err)
	_, err = other.UpdateMessage(ctx, w.account.ID, w.app.ID, w.message.ID, func(m *message.Message) error { m.Sender = "Other"; return nil })
	counted("a message's change", err)
	app := w.newApplication(w.account.ID, start)
	counted("an application", nil)
	w.newMessage(app, start)
	counted("a message", nil)
	counted("a seed", other.PutSeed(ctx, w.seed()))
	counted("a reset", other.ResetAccount(ctx, w.account.ID, nil))
	_, err = other.DeleteAccount(ctx, w.account.ID)
	counted("the end of an account", err)
}
