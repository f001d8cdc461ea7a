//go:build postgres

package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// hold has another session lock what a query finds, until the function that it gives is called.
func hold(t *testing.T, database, query string, args ...any) (free func()) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), pgtest.Shared.URL(database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	exec := func(statement string, args ...any) {
		if _, err := conn.Exec(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("BEGIN")
	exec(query, args...)
	return func() { exec("ROLLBACK") }
}

// TestPurge_passes_over_a_held_PIN has another session hold one of three PINs: the others are cleaned, and that one is a while after
// it is free.
func TestPurge_passes_over_a_held_PIN(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	s := openIn(t, database, WithPatience(patience))
	furnish(t, s)
	const held, grace = 2, 20 * time.Hour // before any place is over
	var ids []string
	for n := range int64(3) {
		if err := keep(s, n+1); err != nil {
			t.Fatal(err)
		}
		p, _, _ := sample(s, n+1)
		ids = append(ids, p.ID)
	}
	load := func(id string) pin.PIN {
		p, err := s.PIN(t.Context(), "account", id)
		if err != nil && !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		return p
	}
	begin := time.Now()
	for _, step := range []struct {
		name string
		at   time.Time
		done func(id string) bool
	}{
		{"give up", begin.Add(pin.AbandonedAfter + time.Second), func(id string) bool {
			sent, err := s.Deliveries(t.Context(), "account", id)
			return err == nil && sent[0].State == delivery.StateUnknown
		}},
		{"wipe", begin.Add(time.Hour + time.Second), func(id string) bool { return len(load(id).Sealed) == 0 }},
		{"remove", begin.Add(time.Hour + grace + time.Second), func(id string) bool { return load(id).ID == "" }},
	} {
		free := hold(t, database, "SELECT 1 FROM pins WHERE number = $1 FOR UPDATE", int64(1<<50+held))
		purge := func(at time.Time, want int) {
			t.Helper()
			if n, err := s.PurgePINs(t.Context(), at, grace, 500); err != nil || n != want {
				t.Errorf("%s: got %d rows, error %v; want %d", step.name, n, err, want)
			}
		}
		purge(step.at, 2)
		for i, id := range ids {
			if step.done(id) != (i != held-1) {
				t.Errorf("%s: PIN %d is done: %t", step.name, i+1, step.done(id))
			}
		}
		free()
		purge(step.at, 0)
		purge(step.at.Add(heldPause*time.Millisecond+time.Second), 1)
		if !step.done(ids[held-1]) {
			t.Errorf("%s: the PIN that was held is not done once it is free", step.name)
		}
	}
}

// TestPurge_goes_on_beside_a_held_application: its places have to wait, and PINs do not.
func TestPurge_goes_on_beside_a_held_application(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	s := openIn(t, database, WithPatience(patience))
	furnish(t, s)
	if err := keep(s, 1); err != nil {
		t.Fatal(err)
	}
	p, _, _ := sample(s, 1)
	free := hold(t, database, "SELECT 1 FROM applications FOR UPDATE")
	const grace = 48 * time.Hour
	later := time.Now().Add(25 * time.Hour)
	if n, err := s.PurgePINs(t.Context(), later, grace, 500); !fault.Is(err, fault.Unavailable) || n != 2 {
		t.Errorf("got %d rows, error %v; want a PIN wiped and a delivery given up, and the places to be unavailable", n, err)
	}
	if got, err := s.PIN(t.Context(), p.AccountID, p.ID); err != nil || len(got.Sealed) != 0 {
		t.Errorf("PIN: got %d sealed bytes, error %v; want none", len(got.Sealed), err)
	}
	free()
	if n, err := s.PurgePINs(t.Context(), later, grace, 500); err != nil || n != 1 {
		t.Errorf("got %d rows, error %v; want the place removed", n, err)
	}
}
