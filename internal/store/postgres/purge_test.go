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

// TestPurge_looks_at_others_in_the_place_of_held_PINs, when a step may touch no more than those that are held.
func TestPurge_looks_at_others_in_the_place_of_held_PINs(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	s := openIn(t, database, WithPatience(patience))
	furnish(t, s)
	for n := range int64(3) {
		if err := keep(s, n+1); err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Now()
	const grace = 20 * time.Hour
	for _, due := range []struct {
		name string
		at   time.Time
	}{
		{"give up", begin.Add(pin.AbandonedAfter + time.Second)},
		{"wipe", begin.Add(time.Hour + time.Second)},
	} {
		free := hold(t, database, "SELECT 1 FROM pins WHERE number = $1 FOR UPDATE", int64(1<<50+1))
		for round, want := range []int{1, 1, 0} {
			if n, err := s.PurgePINs(t.Context(), due.at, grace, 1); err != nil || n != want {
				t.Errorf("%s, step %d: got %d rows, error %v; want %d", due.name, round, n, err, want)
			}
		}
		free()
		if n, err := s.PurgePINs(t.Context(), due.at.Add((heldPause+1)*time.Millisecond), grace, 1); err != nil || n != 1 {
			t.Errorf("%s: got %d rows, error %v; want the one that was held", due.name, n, err)
		}
	}
}

// TestPurge_goes_on_beside_a_held_outcome: the outcome of a PIN that somebody holds is not waited for.
func TestPurge_goes_on_beside_a_held_outcome(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	s := openIn(t, database, WithPatience(patience))
	furnish(t, s)
	for n := range int64(2) {
		if err := keep(s, n+1); err != nil {
			t.Fatal(err)
		}
	}
	free := hold(t, database, "SELECT 1 FROM pins WHERE number = $1 FOR UPDATE", int64(1<<50+1))
	defer free()
	_, d, _ := sample(s, 1)
	lost := make(chan error, 1)
	taken := wasTaken(d)
	taken.Lost = func(err error) { lost <- err }
	if err := s.FinishDelivery(t.Context(), taken); err != nil {
		t.Fatal(err)
	}
	n, err := s.PurgePINs(t.Context(), time.Now().Add(time.Hour+time.Second), 20*time.Hour, 500)
	if n != 2 { // whether the outcome is given up while the PINs are cleaned, or before, is a matter of time
		t.Errorf("got %d rows, error %v; want the other PIN wiped and its delivery given up", n, err)
	}
	if err := <-lost; !fault.Is(err, fault.Unavailable) {
		t.Errorf("outcome: got error %v, want it unavailable", err)
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
