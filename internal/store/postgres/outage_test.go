//go:build postgres

package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// patience is how long a call may take in these tests; slack is what the machine may add.
const (
	patience = time.Second
	slack    = 3 * time.Second
)

// wantInTime asks that a call fails as unavailable, and no later than its patience allows.
func wantInTime(t *testing.T, what string, call func() error) {
	t.Helper()
	begin := time.Now()
	err := call()
	if f, is := errors.AsType[*fault.Error](err); !is || f.Kind != fault.Unavailable || f.RetryAfter == 0 {
		t.Errorf("%s: got error %v, want one of kind Unavailable", what, err)
	}
	if took := time.Since(begin); took > patience+slack {
		t.Errorf("%s: took %v, want at most %v", what, took, patience)
	}
}

// keep keeps one more PIN.
func keep(s *Store, n int64) error {
	p, d, limits := sample(s, n)
	return s.CreatePIN(context.Background(), p, d, limits)
}

// TestAdministratorEndsConnections has the server end every connection of ours: most calls do not notice.
func TestAdministratorEndsConnections(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	s := openIn(t, database, WithPatience(patience))
	furnish(t, s)
	for n := range int64(20) {
		if err := pgtest.Shared.Admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database + "'"); err != nil {
			t.Fatal(err)
		}
		if err := keep(s, n); err != nil {
			t.Errorf("write: got error %v, want none", err)
		}
		if _, err := s.Accounts(t.Context()); err != nil {
			t.Errorf("read: got error %v, want none", err)
		}
	}
}

// TestNoConnections has others use up all connections that the store's role may have: calls fail in time, and work once
// there is one.
func TestNoConnections(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	furnish(t, openIn(t, database))
	role := database + "_few"
	if err := pgtest.Shared.Admin("CREATE ROLE "+role+" LOGIN CONNECTION LIMIT 2", "GRANT tester TO "+role); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pgtest.Shared.Admin("DROP ROLE " + role); err != nil {
			t.Error(err)
		}
	})
	address := strings.Replace(pgtest.Shared.URL(database), "user=tester", "user="+role, 1)
	s, err := Open(t.Context(), address, WithPatience(patience))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := pgtest.Shared.Admin("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = '" + role + "'"); err != nil {
		t.Fatal(err)
	}
	var others []*pgx.Conn
	for range 2 {
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		others = append(others, conn)
	}
	wantInTime(t, "write", func() error { return keep(s, 1) })
	wantInTime(t, "read", func() error { _, err := s.Accounts(t.Context()); return err })
	for _, conn := range others {
		if err := conn.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(100 * time.Millisecond) // the server notices that they have gone
	if err := keep(s, 2); err != nil {
		t.Errorf("write: got error %v, want none", err)
	}
}

// TestLock has another session hold the row that a PIN needs: calls about it fail in time, others work, and all do once
// it is free.
func TestLock(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	s := openIn(t, database, WithPatience(patience))
	furnish(t, s)
	free := hold(t, database, "SELECT 1 FROM applications FOR UPDATE")
	wantInTime(t, "write", func() error { return keep(s, 1) })
	if _, err := s.Application(t.Context(), "account", "application"); err != nil {
		t.Errorf("read: got error %v, want none", err)
	}
	free()
	if err := keep(s, 2); err != nil {
		t.Errorf("write: got error %v, want none", err)
	}
	p, _, _ := sample(s, 1)
	if _, err := s.PIN(t.Context(), p.AccountID, p.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("PIN of the call that failed: got error %v, want it not found", err)
	}
}

// TestFullQueue has more calls wait than there is room for: those that find none are refused at once.
func TestFullQueue(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	s := openIn(t, database, withRoom(4))
	furnish(t, s)
	free := hold(t, database, "SELECT 1 FROM applications FOR UPDATE")
	var calls sync.WaitGroup
	errs := make([]error, crowd)
	for i := range errs {
		calls.Go(func() {
			begin := time.Now()
			if errs[i] = keep(s, int64(i)); errs[i] != nil && time.Since(begin) > slack {
				t.Errorf("call %d: was refused after %v, want it refused at once", i, time.Since(begin))
			}
		})
	}
	time.Sleep(200 * time.Millisecond)
	free()
	calls.Wait()
	kept := 0
	for i, err := range errs {
		f, is := errors.AsType[*fault.Error](err)
		switch {
		case err == nil:
			kept++
		case !is || f.Kind != fault.Unavailable || f.RetryAfter == 0:
			t.Errorf("call %d: got error %v, want one of kind Unavailable that says when to try again", i, err)
		}
	}
	if kept < 1 || kept == crowd {
		t.Errorf("calls: got %d kept, want some, and not all", kept)
	}
}

// TestReadOnly has the database refuse to write, as a standby does.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	database := pgtest.New(t, pgtest.Template)
	furnish(t, openIn(t, database))
	if err := pgtest.Shared.Admin(fmt.Sprintf("ALTER DATABASE %s SET default_transaction_read_only = on", database)); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), pgtest.Shared.URL(database), WithPatience(patience))
	if err == nil {
		t.Error("open: got no error, want one for a database that cannot be written to")
	}
}
