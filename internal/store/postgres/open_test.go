//go:build postgres

package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// TestOpenAtOnce opens an empty database many times at once: a second migration would fail on the tables of the first.
func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	address := pgtest.Shared.URL(pgtest.New(t, "template1"))
	const many = 8
	stores, errs := make([]*Store, many), make([]error, many)
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() { stores[i], errs[i] = Open(context.Background(), address) })
	}
	group.Wait()
	for i, s := range stores {
		if errs[i] != nil {
			t.Errorf("open: got error %v, want none", errs[i])
			continue
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("ping: got error %v, want none", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: got error %v, want none", err)
		}
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	database := pgtest.New(t, pgtest.Template)
	if err := pgtest.Shared.AdminIn(database, "INSERT INTO migrations VALUES (9999)"); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), pgtest.Shared.URL(database))
	if err == nil || !strings.Contains(err.Error(), "version 9999") || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("got error %v, want one that names version 9999 and a newer program", err)
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	steps, err := loadSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	s := openIn(t, pgtest.New(t, pgtest.Template))
	half := append(steps[:len(steps):len(steps)], "CREATE TABLE half (a BIGINT); INSERT INTO nowhere VALUES (1)")
	if err := s.apply(t.Context(), half); err == nil {
		t.Error("a step that fails: got no error, want one")
	}
	more := append(steps[:len(steps):len(steps)], "CREATE TABLE half (a BIGINT); INSERT INTO half VALUES (1)")
	for range 2 {
		if err := s.apply(t.Context(), more); err != nil {
			t.Errorf("a step that works: got error %v, want none", err)
		}
	}
	rows, err := list(t.Context(), s, "count", readNumber, "SELECT count(*) FROM half")
	if err != nil || rows[0] != 1 {
		t.Errorf("rows: got %v, error %v; want one", rows, err)
	}
}

// TestSettingsThatLosePINs asks that a database which answers before a PIN is safe is refused.
func TestSettingsThatLosePINs(t *testing.T) {
	t.Parallel()
	for setting, works := range map[string]bool{
		"off": false, "local": true, "on": true, "remote_write": true, // there are no synchronous standbys
	} {
		database := pgtest.New(t, pgtest.Template)
		if err := pgtest.Shared.Admin(fmt.Sprintf("ALTER DATABASE %s SET synchronous_commit = %s", database, setting)); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), pgtest.Shared.URL(database))
		if (err == nil) != works {
			t.Errorf("synchronous_commit=%s: got error %v, want it to work: %t", setting, err, works)
		}
		if err == nil {
			err = s.Close()
		} else if strings.Contains(err.Error(), "synchronous_commit is off") {
			err = nil
		}
		if err != nil {
			t.Errorf("synchronous_commit=%s: got error %v", setting, err)
		}
	}
}

// TestSettingsThatChange turns a setting off while the store works: the next connection that it opens is refused.
func TestSettingsThatChange(t *testing.T) {
	t.Parallel()
	database := pgtest.New(t, pgtest.Template)
	s := openIn(t, database, WithPatience(patience))
	furnish(t, s)
	if err := pgtest.Shared.Admin(
		"ALTER DATABASE "+database+" SET synchronous_commit = off",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+database+"'",
	); err != nil {
		t.Fatal(err)
	}
	wantInTime(t, "write", func() error { return keep(s, 1) })
}

func TestClosedStore(t *testing.T) {
	t.Parallel()
	s := openIn(t, pgtest.Empty(t))
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("close: got error %v, want none", err)
		}
	}
	for what, err := range map[string]error{
		"ping": s.Ping(t.Context()), "write": keep(s, 1),
		"create": s.CreateAccount(t.Context(), account.Account{ID: "id", Name: "name"}),
	} {
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: got error %v, want one of kind Unavailable", what, err)
		}
	}
}

// TestErrorsHoldNoValues makes the server refuse values, and looks for them in what it said.
func TestErrorsHoldNoValues(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	s := openIn(t, database)
	furnish(t, s)
	p, d, limits := sample(s, 1)
	p.Sealed = []byte("s3cret")
	if err := s.CreatePIN(t.Context(), p, d, limits); err != nil {
		t.Fatal(err)
	}
	again := s.CreatePIN(t.Context(), p, d, limits)
	twice := s.CreateAccount(t.Context(), account.Account{ID: "account", Name: "secret name"})
	for what, err := range map[string]error{"PIN": again, "account": twice} {
		if err == nil {
			t.Errorf("%s: got no error, want one for an id that is taken", what)
			continue
		}
		for _, value := range []string{p.ID, p.To.Digits(), "s3cret", "secret name"} {
			if strings.Contains(err.Error(), value) {
				t.Errorf("%s: got %q in error %q, want it left out", what, value, err)
			}
		}
	}
}

func TestSealedSample(t *testing.T) {
	t.Parallel()
	s := openIn(t, pgtest.Empty(t))
	furnish(t, s)
	if _, found, err := s.SealedSample(t.Context()); found || err != nil {
		t.Errorf("sample of no PINs: got one: %t, error %v; want none", found, err)
	}
	for n := range int64(2) {
		if err := keep(s, n); err != nil {
			t.Fatal(err)
		}
		want, _, _ := sample(s, n)
		p, found, err := s.SealedSample(t.Context())
		if !found || err != nil || p.ID != want.ID {
			t.Errorf("sample: got %v, found %t, error %v; want the newest", p.ID, found, err)
		}
	}
}
