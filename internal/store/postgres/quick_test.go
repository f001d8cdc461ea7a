//go:build postgres

package postgres

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// wasTaken is the outcome of a delivery that a carrier took.
func wasTaken(d pin.Delivery) pin.Outcome {
	return pin.Outcome{
		DeliveryID: d.ID, State: delivery.StateWaiting, Carrier: "smsc", RemoteID: d.ID, Taken: true, At: d.At.Add(time.Second),
	}
}

// TestFinish_beside_others notes outcomes of PINs that changed since this replica stored them: by a receipt, an attempt or one
// more delivery on another replica, or not at all. Each outcome is noted on what is there by then.
func TestFinish_beside_others(t *testing.T) {
	t.Parallel()
	stores := replicas(t, 2)
	s, other := stores[0], stores[1]
	changes := []func(p pin.PIN, d pin.Delivery) error{
		func(pin.PIN, pin.Delivery) error { return nil },
		func(_ pin.PIN, d pin.Delivery) error {
			return other.RecordReceipt(t.Context(), delivery.Receipt{AttemptID: d.ID, State: delivery.StateDelivered, At: d.At})
		},
		func(p pin.PIN, d pin.Delivery) error {
			checks := pin.Limit{Kind: pin.LimitChecks, AccountID: p.AccountID, ApplicationID: p.ApplicationID, To: p.To, Max: 1000}
			_, err := other.Attempt(t.Context(), p.ID, d.At, pin.Rules{MaxAttempts: 3}, checks, right)
			return err
		},
		func(p pin.PIN, d pin.Delivery) (err error) {
			d.ID, err = other.NewDeliveryID(t.Context(), p.ID)
			if err == nil {
				_, err = other.AddDelivery(t.Context(), d, pin.Rules{MaxAttempts: 3}, nil)
			}
			return err
		},
	}
	_, errs := together(t, func(i int) (bool, error) {
		p, d, limits := sample(s, int64(i))
		if err := s.CreatePIN(t.Context(), p, d, limits); err != nil {
			return false, err
		}
		if err := changes[i%4](p, d); err != nil {
			return false, err
		}
		return true, s.FinishDelivery(t.Context(), wasTaken(d))
	})
	if len(errs) != 0 {
		t.Fatalf("got errors %v, want none", errs)
	}
	for i := range crowd {
		p, d, _ := sample(s, int64(i))
		got, err := s.PIN(t.Context(), p.AccountID, p.ID)
		deliveries, also := s.Deliveries(t.Context(), p.AccountID, p.ID)
		if err != nil || also != nil || len(deliveries) < 1 {
			t.Fatalf("PIN %d: got errors %v and %v, deliveries %v; want it there", i, err, also, deliveries)
		}
		state, many := delivery.StateWaiting, 1
		switch i % 4 {
		case 1:
			state = delivery.StateDelivered
		case 3:
			many = 2
		}
		first := deliveries[0]
		if first.ID != d.ID || first.State != state || first.Carrier != "smsc" || len(deliveries) != many {
			t.Errorf("PIN %d: got deliveries %+v, want %d, the first in state %s", i, deliveries, many, state)
		}
		if got.SentAt.IsZero() || (got.Attempts == 1) != (i%4 == 2) || (got.Sealed == nil) != (i%4 == 2) {
			t.Errorf("PIN %d: got %+v, want it sent, and the attempt kept", i, got)
		}
		if err := s.RecordReceipt(t.Context(), delivery.Receipt{Carrier: "smsc", RemoteID: d.ID, State: delivery.StateDelivered}); err != nil {
			t.Errorf("PIN %d: got error %v, want it found by its carrier's id", i, err)
		}
	}
}

// TestFinish_handed_over closes a store at once, and changes PINs on another replica before their outcomes are written.
func TestFinish_handed_over(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	s, other := openIn(t, database), openIn(t, database)
	furnish(t, s)
	const many = 20
	for n := range int64(many) {
		_, d, _ := sample(s, n)
		if err := keep(s, n); err != nil {
			t.Fatal(err)
		}
		o := wasTaken(d)
		o.Lost = func(err error) { t.Errorf("an outcome is lost: %v", err) }
		if err := s.FinishDelivery(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if n%2 == 0 {
			if err := other.RecordReceipt(t.Context(), delivery.Receipt{AttemptID: d.ID, State: delivery.StateDelivered, At: d.At}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for n := range int64(many) {
		p, _, _ := sample(other, n)
		got, err := other.Deliveries(t.Context(), p.AccountID, p.ID)
		if err != nil || len(got) != 1 || got[0].Carrier != "smsc" || (got[0].State == delivery.StateDelivered) != (n%2 == 0) {
			t.Errorf("PIN %d: got deliveries %+v, error %v; want the outcome, and the receipt of every other", n, got, err)
		}
	}
}

// TestKnownPIN has a replica remember PINs that another one uses up: what it does with them next is refused.
func TestKnownPIN(t *testing.T) {
	t.Parallel()
	stores := replicas(t, 2)
	s, other := stores[0], stores[1]
	p, d, _ := sample(s, 1)
	if err := keep(s, 1); err != nil {
		t.Fatal(err)
	}
	checks := pin.Limit{Kind: pin.LimitChecks, AccountID: p.AccountID, ApplicationID: p.ApplicationID, To: p.To, Max: 1000}
	rules := pin.Rules{MaxAttempts: 3}
	if tried, err := other.Attempt(t.Context(), p.ID, d.At, rules, checks, right); err != nil || !tried.Verified {
		t.Fatalf("got %+v, error %v", tried, err)
	}
	known, err := s.KnownPIN(t.Context(), p.AccountID, p.ID)
	if err != nil || known.ID != p.ID || known.To != p.To || known.ApplicationID != p.ApplicationID {
		t.Errorf("got %+v, error %v", known, err)
	}
	if tried, err := s.Attempt(t.Context(), p.ID, d.At, rules, checks, right); err != nil || tried.Verified {
		t.Errorf("attempt: got %+v, error %v; want it used", tried, err)
	}
	if d.ID, err = s.NewDeliveryID(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddDelivery(t.Context(), d, rules, nil); err == nil {
		t.Error("it is sent again")
	}
	if err := s.ClearAccount(t.Context(), p.AccountID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.KnownPIN(t.Context(), p.AccountID, p.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("got error %v, want none of an account that is empty", err)
	}
}

// TestCommitted wants what the server says for certain to be told from a COMMIT of which nobody heard the end.
func TestCommitted(t *testing.T) {
	t.Parallel()
	for code, unknown := range map[string]bool{
		"23505": false, "40001": false, "57014": false, // a statement that took too long comes before the COMMIT
		"57P01": true, "57P02": true, "57P05": true, "": true,
	} {
		err := error(&pgconn.PgError{Code: code})
		if code == "" {
			err = io.ErrUnexpectedEOF
		}
		if got := errors.Is(committed(nil, err), errUnknown); got != unknown {
			t.Errorf("%v: unknown %t, want %t", err, got, unknown)
		}
	}
}

// TestKnownPIN_is_forgotten has PINs used and purged: what is remembered of them holds no code then.
func TestKnownPIN_is_forgotten(t *testing.T) {
	t.Parallel()
	stores := replicas(t, 2)
	s, other := stores[0], stores[1]
	p, _, _ := sample(s, 1)
	if err := keep(s, 1); err != nil {
		t.Fatal(err)
	}
	number, _ := s.pinNumber(p.ID)
	if known, is := s.kept.get(number); !is || len(known.Sealed) == 0 {
		t.Fatalf("got %+v, want the PIN remembered", known)
	}
	for _, replica := range []*Store{other, s} { // whichever wipes it
		for _, now := range []time.Time{p.ExpiresAt.Add(-time.Millisecond), p.ExpiresAt, p.ExpiresAt.Add(forgetEvery)} {
			if _, err := replica.PurgePINs(t.Context(), now, time.Hour, 500); err != nil {
				t.Fatal(err)
			}
		}
	}
	if known, is := s.kept.get(number); is {
		t.Errorf("got %+v, want it forgotten", known)
	}
}

// TestFinish_after_the_connection_broke asks that an outcome is noted all the same.
func TestFinish_after_the_connection_broke(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	s := openIn(t, database, WithPatience(patience))
	furnish(t, s)
	for n := range int64(10) {
		_, d, _ := sample(s, n)
		if err := keep(s, n); err != nil {
			t.Fatal(err)
		}
		if err := pgtest.Shared.Admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database + "'"); err != nil {
			t.Fatal(err)
		}
		if err := s.FinishDelivery(t.Context(), wasTaken(d)); err != nil {
			t.Errorf("outcome: got error %v, want none", err)
		}
	}
}

// TestFinish_of_a_locked_PIN has another session hold the PIN: the call fails in time, though there are two ways to try.
func TestFinish_of_a_locked_PIN(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	const long = 6 * time.Second // so that twice as long is told from what the machine may add
	s := openIn(t, database, WithPatience(long))
	furnish(t, s)
	if err := keep(s, 1); err != nil {
		t.Fatal(err)
	}
	free := hold(t, database, "SELECT 1 FROM pins FOR UPDATE")
	p, d, _ := sample(s, 1)
	begin := time.Now()
	if err := s.FinishDelivery(t.Context(), wasTaken(d)); !fault.Is(err, fault.Unavailable) || time.Since(begin) > long+2*time.Second {
		t.Errorf("outcome: got error %v after %v, want it unavailable after %v", err, time.Since(begin), long)
	}
	free()
	if err := s.FinishDelivery(t.Context(), wasTaken(d)); err != nil {
		t.Errorf("outcome: got error %v, want none", err)
	}
	if got, err := s.PIN(t.Context(), p.AccountID, p.ID); err != nil || got.SentAt.IsZero() {
		t.Errorf("PIN: got %+v, error %v; want it sent", got, err)
	}
}

// TestChangesTouchNoIndex sends, with the longest ids that carriers give: what becomes of a PIN stays on its page.
func TestChangesTouchNoIndex(t *testing.T) {
	t.Parallel()
	s := openIn(t, pgtest.New(t, pgtest.Template))
	furnish(t, s)
	const rounds = 10
	_, errs := together(t, func(i int) (bool, error) {
		for round := range rounds {
			p, d, limits := sample(s, int64(i*rounds+round))
			if err := s.CreatePIN(t.Context(), p, d, limits); err != nil {
				return false, err
			}
			if err := s.FinishDelivery(t.Context(), wasTaken(d)); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if len(errs) != 0 {
		t.Fatal(errs)
	}
	const query = "SELECT n_tup_upd * 1000000 + n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'pins'"
	var updated, hot int64
	for end := time.Now().Add(20 * time.Second); updated < crowd*rounds && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		both, err := list(t.Context(), s, "count", readNumber, query) // the server tells a while later
		if err != nil {
			t.Fatal(err)
		}
		updated, hot = both[0]/1_000_000, both[0]%1_000_000
	}
	if updated < crowd*rounds || hot < updated*9/10 {
		t.Errorf("got %d changes, %d of them on their page; want %d, and nearly all", updated, hot, crowd*rounds)
	}
}
