package account

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/pinpost/pinpost/internal/fault"
)

func TestByKey(t *testing.T) {
	t.Parallel()
	service, store := setup(t)
	a := have(t, store, "shop")
	k, plain, err := service.CreateKey(t.Context(), a.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if caller, err := service.ByKey(t.Context(), plain); err != nil || caller.AccountID != a.ID || caller.KeyID == "" {
		t.Errorf("ByKey = %+v, %v, want %q", caller, err, a.ID)
	}
	for name, wrong := range map[string]string{
		"nothing": "", "cut short": plain[:68], "with a space": plain + " ", "in upper case": strings.ToUpper(plain), "its id": k.ID,
	} {
		if caller, err := service.ByKey(t.Context(), wrong); caller != (Caller{}) || !errors.Is(err, ErrRefused) {
			t.Errorf("ByKey %s = %+v, %v, want it refused", name, caller, err)
		}
	}
}

func TestByKey_ends_with_the_key(t *testing.T) {
	t.Parallel()
	service, store := setup(t)
	a := have(t, store, "shop")
	first, firstPlain, err := service.CreateKey(t.Context(), a.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	_, secondPlain, err := service.CreateKey(t.Context(), a.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := service.RevokeKey(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	if caller, err := service.ByKey(t.Context(), firstPlain); caller != (Caller{}) || !errors.Is(err, ErrRefused) {
		t.Errorf("ByKey of the revoked key = %+v, %v, want it refused", caller, err)
	}
	if caller, err := service.ByKey(t.Context(), secondPlain); err != nil || caller.AccountID != a.ID || caller.KeyID == "" {
		t.Errorf("ByKey of the other key = %+v, %v, want %q", caller, err, a.ID)
	}
}

func TestRevoked_account_has_neither_key_nor_password(t *testing.T) {
	t.Parallel()
	service, store := setup(t)
	a := have(t, store, "shop")
	_, plain, err := service.CreateKey(t.Context(), a.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.ByPassword(t.Context(), "shop", password); err != nil {
		t.Fatalf("ByPassword = %v, want it good before, and remembered", err)
	}
	if err := service.Revoke(t.Context(), "shop"); err != nil {
		t.Fatal(err)
	}
	if caller, err := service.ByKey(t.Context(), plain); caller != (Caller{}) || !errors.Is(err, ErrRefused) {
		t.Errorf("ByKey = %+v, %v, want it refused", caller, err)
	}
	if id, err := service.ByPassword(t.Context(), "shop", password); id != "" || !errors.Is(err, ErrRefused) {
		t.Errorf("ByPassword = %q, %v, want it refused", id, err)
	}
}

func TestByPassword(t *testing.T) {
	t.Parallel()
	service, store := setup(t)
	shop := have(t, store, "shop")
	have(t, store, "bank")
	tests := map[string]struct{ name, password, want string }{
		"the right ones":                {"shop", password, shop.ID},
		"a wrong password":              {"shop", "another horse battery", ""},
		"a password cut short":          {"shop", password[:len(password)-1], ""},
		"a password in another case":    {"shop", strings.ToUpper(password), ""},
		"no password":                   {"shop", "", ""},
		"a user nobody knows":           {"stall", password, ""},
		"a name in another case":        {"Shop", password, ""},
		"no name":                       {"", password, ""},
		"a password longer than any is": {"shop", strings.Repeat("p", MaxPasswordLength+1), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			id, err := service.ByPassword(t.Context(), tt.name, tt.password)
			if id != tt.want || (tt.want == "") != errors.Is(err, ErrRefused) || (tt.want != "" && err != nil) {
				t.Errorf("ByPassword = %q, %v, want %q", id, err, tt.want)
			}
		})
	}
}

func TestByPassword_forgets_a_password_that_was_changed(t *testing.T) {
	t.Parallel()
	service, store := setup(t)
	a := have(t, store, "shop")
	if _, err := service.ByPassword(t.Context(), "shop", password); err != nil {
		t.Fatal(err)
	}
	const changed = "a better password"
	hash, err := argon2id.CreateHash(changed, hashing)
	if err != nil {
		t.Fatal(err)
	}
	store.accounts[0].PasswordHash = hash
	if id, err := service.ByPassword(t.Context(), "shop", password); id != "" || !errors.Is(err, ErrRefused) {
		t.Errorf("ByPassword with the old password = %q, %v, want it refused", id, err)
	}
	if id, err := service.ByPassword(t.Context(), "shop", changed); id != a.ID || err != nil {
		t.Errorf("ByPassword with the new password = %q, %v, want %q", id, err, a.ID)
	}
}

// busy takes every slot for hashing, so that whatever needs one cannot be answered.
func busy(t *testing.T, p *passwords) {
	t.Helper()
	if cap(p.slots) != 2 {
		t.Fatalf("%d passwords are hashed at once, want 2", cap(p.slots))
	}
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
}

// TestByPassword_slow_path shows by full slots which answers are worth a slow hash.
func TestByPassword_slow_path(t *testing.T) {
	t.Parallel()
	service, store := setup(t)
	have(t, store, "shop")
	have(t, store, "closed")
	store.accounts[1].RevokedAt = noon
	if _, err := service.Create(t.Context(), "known", password); err != nil { // with a hash of its own to remember
		t.Fatal(err)
	}
	if _, err := service.ByPassword(t.Context(), "known", password); err != nil {
		t.Fatal(err)
	}
	busy(t, service.passwords)
	tests := map[string]struct {
		name, password string
		slow           bool
		refused        bool
	}{
		"a right password, first time":     {"shop", password, true, false},
		"a wrong password":                 {"shop", "another horse battery", true, false},
		"a user nobody knows":              {"stall", password, true, false},
		"a revoked user":                   {"closed", password, true, false},
		"a wrong password of a known user": {"known", "another horse battery", true, false},
		"a right password, remembered":     {"known", password, false, false},
		"a password longer than any is":    {"shop", strings.Repeat("p", MaxPasswordLength+1), false, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, hangUp := context.WithCancel(t.Context())
			hangUp()
			_, err := service.ByPassword(ctx, tt.name, tt.password)
			if got := fault.Is(err, fault.Unavailable); got != tt.slow {
				t.Errorf("ByPassword = %v, want a slow hash = %t", err, tt.slow)
			}
			if got := errors.Is(err, ErrRefused); got != tt.refused {
				t.Errorf("ByPassword = %v, want refused = %t", err, tt.refused)
			}
		})
	}
}

func TestByPassword_takes_as_long_for_a_user_nobody_knows(t *testing.T) {
	t.Parallel()
	good, params, err := argon2id.CheckHash(password, absentHash)
	if err != nil || good || *params != *hashing {
		t.Errorf("the absent user's hash: good %t with %+v, %v, want not good with %+v", good, params, err, hashing)
	}
}

func TestPasswords_gives_up_when_too_many_are_checked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPasswords()
		busy(t, p)
		start := time.Now()
		ok, err := p.check(t.Context(), password, absentHash)
		if took := time.Since(start); took != hasherWait {
			t.Errorf("check gave up after %v, want %v", took, hasherWait)
		}
		f, named := errors.AsType[*fault.Error](err)
		if ok || !named || f.Kind != fault.Unavailable || f.RetryAfter <= 0 {
			t.Errorf("check = %t, %#v, want Unavailable with a time to retry after", ok, err)
		}
	})
}

func TestPasswords_waits_for_a_slot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPasswords()
		busy(t, p)
		time.AfterFunc(hasherWait/2, func() { <-p.slots })
		if ok, err := p.check(t.Context(), password, absentHash); ok || err != nil {
			t.Errorf("check = %t, %v, want a plain no once a slot is free", ok, err)
		}
		if len(p.slots) != hashersMost-1 {
			t.Errorf("%d slots are taken, want %d: the check gave its own back", len(p.slots), hashersMost-1)
		}
	})
}

func TestPasswords_remembers_no_failure(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	for range 2 {
		if ok, err := p.check(t.Context(), password, "no hash at all"); ok || err == nil {
			t.Errorf("check = %t, %v, want an error for a broken hash", ok, err)
		}
		if ok, err := p.check(t.Context(), password, absentHash); ok || err != nil {
			t.Errorf("check = %t, %v, want a plain no", ok, err)
		}
	}
	if p.good.Len() != 0 || len(p.slots) != 0 {
		t.Errorf("%d are remembered and %d slots taken, want none", p.good.Len(), len(p.slots))
	}
}

func TestPasswords_checks_many_at_once(t *testing.T) {
	t.Parallel()
	hash, err := slowHash()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		p := newPasswords()
		var all sync.WaitGroup
		for range 3 * hashersMost {
			all.Go(func() {
				if ok, err := p.check(t.Context(), password, hash); !ok || err != nil {
					t.Errorf("check = %t, %v, want it good", ok, err)
				}
			})
		}
		all.Wait()
		if len(p.slots) != 0 || p.good.Len() != 1 {
			t.Errorf("%d slots are taken and %d passwords remembered, want none and one", len(p.slots), p.good.Len())
		}
	})
}
