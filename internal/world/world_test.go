package world_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/world"
)

func TestNew_needs_everything(t *testing.T) {
	t.Parallel()
	if _, err := world.New(world.Deps{}); err == nil {
		t.Error("New takes nothing, want an error")
	}
	b := setup(t)
	if _, err := world.New(world.Deps{Store: b.store, Keys: b.accounts}); err == nil {
		t.Error("New does without applications, want an error")
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, key := b.open(b.ana, "checkout test")
	caller, err := b.accounts.ByKey(t.Context(), key)
	must(t, err)
	equal(t, "the key's account", caller.AccountID, id)
	found, err := b.Find(t.Context(), b.ana, id)
	must(t, err)
	equal(t, "the world", found, world.World{ID: id, Name: "checkout test"})
	all, err := b.accounts.List(t.Context())
	must(t, err)
	for _, a := range all {
		if a.ID == id {
			t.Error("the world is listed among the accounts")
		}
	}
	a, err := b.accounts.Find(t.Context(), "world:"+id)
	must(t, err)
	if a.PasswordHash != "" || !strings.Contains(a.Name, ":") {
		t.Errorf("the world is the account %q with password hash %q, want a name that nobody can authenticate with", a.Name, a.PasswordHash)
	}
}

func TestFind_gives_worlds_of_the_account_alone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, _ := b.open(b.ana, "")
	for name, c := range map[string]struct{ owner, id string }{
		"a world of another account": {b.ben, id},
		"a world by itself":          {id, id},
		"an account":                 {b.ana, b.ben},
		"the account itself":         {b.ana, b.ana},
		"no id":                      {b.ana, ""},
		"nobody's":                   {"", id},
		"an unknown id":              {b.ana, "NONE"},
	} {
		w, err := b.Find(t.Context(), c.owner, c.id)
		wantKind(t, "Find of "+name, err, fault.NotFound)
		if w != (world.World{}) {
			t.Errorf("Find of %s gives %+v beside its error", name, w)
		}
	}
}

func TestList_is_by_account_and_in_order(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := func(owner string) []world.World {
		t.Helper()
		worlds, err := b.List(t.Context(), owner)
		must(t, err)
		return worlds
	}
	first, _ := b.open(b.ana, "first")
	b.open(b.ben, "other")
	second, _ := b.open(b.ana, "second")
	equal(t, "worlds", list(b.ana), []world.World{{ID: first, Name: "first"}, {ID: second, Name: "second"}})
	equal(t, "worlds of a world", list(first), []world.World{})
}

func TestClose_removes_the_world_and_its_key(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, key := b.open(b.ana, "gone")
	other, _ := b.open(b.ana, "stays")
	must(t, b.Load(t.Context(), id, seed(seedOf("app", "Shop", "message"))))
	must(t, b.Load(t.Context(), other, seed(seedOf("app", "Other", "message"))))
	_, _, err := b.Close(t.Context(), b.ben, id)
	wantKind(t, "Close by another account", err, fault.NotFound)
	if len(b.dumped(id)) != 1 {
		t.Error("Close by another account emptied the world")
	}
	w, closed, err := b.Close(t.Context(), b.ana, id)
	must(t, err)
	equal(t, "the closed world", w, world.World{ID: id, Name: "gone"})
	equal(t, "what was closed", closed, []string{id})
	if _, err := b.accounts.ByKey(t.Context(), key); !errors.Is(err, account.ErrRefused) {
		t.Errorf("the key of a closed world gives %v, want it refused", err)
	}
	_, _, err = b.Close(t.Context(), b.ana, id)
	wantKind(t, "closing again", err, fault.NotFound)
	equal(t, "the other world", b.dumped(other), map[string]map[string]string{"app Other": {"message": "Other <pin>"}})
}

// TestClose_removes_worlds_below wants nothing left of what a world's own key opened.
func TestClose_removes_worlds_below(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, _ := b.open(b.ana, "first")
	below, key := b.open(id, "second")
	last, lastKey := b.open(below, "third")
	must(t, b.Load(t.Context(), last, seed(seedOf("app", "Deep", "message"))))
	w, closed, err := b.Close(t.Context(), b.ana, id)
	must(t, err)
	equal(t, "the closed world", w, world.World{ID: id, Name: "first"})
	equal(t, "what was closed", closed, []string{id, below, last})
	for _, key := range []string{key, lastKey} {
		if _, err := b.accounts.ByKey(t.Context(), key); !errors.Is(err, account.ErrRefused) {
			t.Errorf("the key of a world below gives %v, want it refused", err)
		}
	}
	equal(t, "the last world", b.dumped(last), map[string]map[string]string{})
	_, _, err = b.Open(t.Context(), below, "late")
	wantKind(t, "opening a world below one that is closed", err, fault.NotFound)
}

func TestReset_keeps_what_a_refused_seed_would_replace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	must(t, b.Load(t.Context(), b.ana, seed(seedOf("app", "Ana's"))))
	wantKind(t, "a reset with a wrong seed", b.Reset(t.Context(), b.ana, seed(seedOf("", "Nameless"))), fault.Invalid)
	equal(t, "the world", b.dumped(b.ana), map[string]map[string]string{"app Ana's": {}})
	must(t, b.Reset(t.Context(), b.ana, seed(seedOf("other", "New"))))
	equal(t, "the world", b.dumped(b.ana), map[string]map[string]string{"other New": {}})
}

// dying is a store whose process ends, or whose caller leaves, as the second of two transactions begins.
type dying struct {
	world.Store
	left int
}

var errDead = errors.New("the process is gone")

func (d *dying) write() error {
	if d.left--; d.left < 0 {
		return errDead
	}
	return nil
}

func (d *dying) ResetAccount(ctx context.Context, id string, contents []world.Content) error {
	if err := d.write(); err != nil {
		return err
	}
	return d.Store.ResetAccount(ctx, id, contents)
}

func (d *dying) PutSeed(ctx context.Context, contents []world.Content) error {
	if err := d.write(); err != nil {
		return err
	}
	return d.Store.PutSeed(ctx, contents)
}

func TestReset_is_one_transaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	must(t, b.Load(t.Context(), b.ana, seed(seedOf("app", "Ana's"))))
	for left, want := range []map[string]map[string]string{{"app Ana's": {}}, {"other New": {}}} {
		reset := b.on(&dying{b.store, left}).Reset(t.Context(), b.ana, seed(seedOf("other", "New")))
		if (reset != nil) != (left == 0) {
			t.Errorf("Reset with %d transactions left gives %v", left, reset)
		}
		equal(t, "the world", b.dumped(b.ana), want)
	}
}

func TestClear_leaves_applications(t *testing.T) {
	t.Parallel()
	b := setup(t)
	must(t, b.Load(t.Context(), b.ana, seed(seedOf("app", "Ana's", "message"))))
	must(t, b.store.SetClockAhead(t.Context(), b.ana, time.Hour))
	must(t, b.Clear(t.Context(), b.ana))
	equal(t, "the world", b.dumped(b.ana), map[string]map[string]string{"app Ana's": {"message": "Ana's <pin>"}})
	ahead, err := b.store.ClocksAhead(t.Context())
	must(t, err)
	equal(t, "the clocks", ahead, map[string]time.Duration{})
}

func TestReset_empties_its_own_world(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, key := b.open(b.ana, "")
	must(t, b.Load(t.Context(), b.ana, seed(seedOf("app", "Ana's"))))
	must(t, b.Load(t.Context(), id, seed(seedOf("app", "World's", "message"))))
	must(t, b.Reset(t.Context(), id, world.Seed{}))
	equal(t, "the world", b.dumped(id), map[string]map[string]string{})
	equal(t, "its owner", b.dumped(b.ana), map[string]map[string]string{"app Ana's": {}})
	if _, err := b.accounts.ByKey(t.Context(), key); err != nil {
		t.Errorf("the key gives %v after a reset, want it good", err)
	}
	must(t, b.Load(t.Context(), id, seed(seedOf("app", "Again"))))
	must(t, b.Reset(t.Context(), b.ana, world.Seed{}))
	equal(t, "the owner", b.dumped(b.ana), map[string]map[string]string{})
	equal(t, "its world", b.dumped(id), map[string]map[string]string{"app Again": {}})
	if _, err := b.Find(t.Context(), b.ana, id); err != nil {
		t.Errorf("the world is gone with a reset of its owner: %v", err)
	}
}
