//go:build postgres

package postgres

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// crowd is how many calls are made at once, from several replicas in turn.
const crowd = 64

// replicas are stores on one new database, in which a PIN has something to belong to.
func replicas(t *testing.T, many int, opts ...Option) []*Store {
	t.Helper()
	database := pgtest.Empty(t)
	all := make([]*Store, many)
	for i := range all {
		all[i] = openIn(t, database, opts...)
	}
	furnish(t, all[0])
	return all
}

// together makes calls at once and gives how many of them do counts, and the errors of the others.
func together(t *testing.T, do func(i int) (bool, error)) (count int, errs []error) {
	t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	begin := make(chan struct{})
	for i := range crowd {
		group.Go(func() {
			<-begin
			counts, err := do(i)
			mu.Lock()
			defer mu.Unlock()
			if counts {
				count++
			}
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	close(begin)
	group.Wait()
	return count, errs
}

func TestReplicas_limits_are_exact(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]Option{"grouped": nil, "alone": {WithoutGroupCommit()}} {
		stores := replicas(t, 2, opts...)
		now := time.Now()
		admitted, errs := together(t, func(i int) (bool, error) {
			p, d, limits := sample(stores[0], int64(i))
			p.To, limits[0].To = "385915551234", "385915551234"
			d.At = now
			err := stores[i%2].CreatePIN(t.Context(), p, d, limits)
			return err == nil, err
		})
		if admitted != 3 || len(errs) != crowd-3 {
			t.Errorf("%s: got %d admitted and %d refused, want 3 and %d", name, admitted, len(errs), crowd-3)
		}
		for _, err := range errs {
			if _, is := errors.AsType[*pin.LimitError](err); !is {
				t.Errorf("%s: got error %v, want a full limit", name, err)
			}
		}
	}
}

func TestReplicas_the_limit_of_an_application_is_exact(t *testing.T) {
	t.Parallel()
	stores := replicas(t, 2)
	admitted, errs := together(t, func(i int) (bool, error) {
		p, d, limits := sample(stores[0], int64(i))
		limits[1].Max = 40
		err := stores[i%2].CreatePIN(t.Context(), p, d, limits)
		return err == nil, err
	})
	if admitted != 40 || len(errs) != crowd-40 {
		t.Errorf("got %d admitted and %d refused, want 40 and %d", admitted, len(errs), crowd-40)
	}
}

// TestReplicas_the_limit_of_an_application_with_many_events has a limit be full in the middle of a batch, with events in
// many slots and some that are over.
func TestReplicas_the_limit_of_an_application_with_many_events(t *testing.T) {
	t.Parallel()
	stores := replicas(t, 2)
	const before, over, free = 150, 10, 23
	now := time.Now()
	for i := range int64(before) {
		p, d, limits := sample(stores[0], 1000+i)
		d.At = now.Add(-time.Duration(i) * 9 * time.Minute)
		if i >= before-over {
			d.At = now.Add(-25 * time.Hour)
		}
		if err := stores[0].CreatePIN(t.Context(), p, d, limits); err != nil {
			t.Fatal(err)
		}
	}
	admitted, errs := together(t, func(i int) (bool, error) {
		p, d, limits := sample(stores[0], int64(i))
		d.At = now.Add(time.Duration(i) * time.Millisecond)
		limits[1].Max = before - over + free
		err := stores[i%2].CreatePIN(t.Context(), p, d, limits)
		return err == nil, err
	})
	if admitted != free || len(errs) != crowd-free {
		t.Errorf("got %d admitted and %d refused, want %d and %d", admitted, len(errs), free, crowd-free)
	}
	for _, err := range errs {
		full, is := errors.AsType[*pin.LimitError](err)
		if !is || full.FreeAt.Before(now) {
			t.Errorf("got error %v, want a full limit that is free later", err)
		}
	}
}

func TestReplicas_attempts_and_single_use_are_exact(t *testing.T) {
	t.Parallel()
	stores := replicas(t, 2)
	p, d, limits := sample(stores[0], 1)
	if err := stores[0].CreatePIN(t.Context(), p, d, limits); err != nil {
		t.Fatal(err)
	}
	checks := pin.Limit{
		Kind: pin.LimitChecks, AccountID: p.AccountID, ApplicationID: p.ApplicationID, To: p.To, Max: 1000, Interval: time.Second,
	}
	counted, errs := together(t, func(i int) (bool, error) {
		tried, err := stores[i%2].Attempt(t.Context(), p.ID, d.At, pin.Rules{MaxAttempts: 3}, checks, wrong)
		return err == nil && tried.State == pin.Live, err
	})
	if counted != 3 || len(errs) != 0 {
		t.Errorf("attempts: got %d counted, errors %v; want 3 and none", counted, errs)
	}
	p, d, limits = sample(stores[0], 2)
	if err := stores[0].CreatePIN(t.Context(), p, d, limits); err != nil {
		t.Fatal(err)
	}
	won, errs := together(t, func(i int) (bool, error) {
		tried, err := stores[i%2].Attempt(t.Context(), p.ID, d.At, pin.Rules{MaxAttempts: 3}, checks, right)
		return tried.Verified, err
	})
	if won != 1 || len(errs) != 0 {
		t.Errorf("single use: got %d winners, errors %v; want one and none", won, errs)
	}
}

// wrong and right say so of every PIN.
func wrong(pin.PIN) (bool, error) { return false, nil }

func right(pin.PIN) (bool, error) { return true, nil }

func TestReplicas_one_of_many_requests_with_a_key_is_the_first(t *testing.T) {
	t.Parallel()
	stores := replicas(t, 2)
	once := &pin.Once{KeyHash: [32]byte{7}}
	admitted, errs := together(t, func(i int) (bool, error) {
		p, d, _ := sample(stores[0], int64(i))
		d.Once = once
		err := stores[i%2].CreatePIN(t.Context(), p, d, nil)
		return err == nil, err
	})
	for _, err := range errs {
		if _, is := errors.AsType[*pin.RepeatError](err); !is {
			t.Errorf("got error %v, want a key that is taken", err)
		}
	}
	if admitted != 1 {
		t.Errorf("got %d admitted, want one", admitted)
	}
}

// TestReplicas_resends_with_a_key: without limits no row is locked that the two PINs share, so that the key itself decides.
func TestReplicas_resends_with_a_key(t *testing.T) {
	t.Parallel()
	stores := replicas(t, 2)
	pins := make([]pin.PIN, crowd)
	for i := range pins {
		p, d, _ := sample(stores[0], int64(i))
		if err := stores[0].CreatePIN(t.Context(), p, d, nil); err != nil {
			t.Fatal(err)
		}
		pins[i] = p
	}
	admitted, errs := together(t, func(i int) (bool, error) {
		id, err := stores[i%2].NewDeliveryID(t.Context(), pins[i].ID)
		if err != nil {
			return false, err
		}
		d := pin.Delivery{
			ID: id, PINID: pins[i].ID, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: pins[i].CreatedAt,
			Once: &pin.Once{KeyHash: [32]byte{7}},
		}
		_, err = stores[i%2].AddDelivery(t.Context(), d, pin.Rules{MaxAttempts: 3}, nil)
		return err == nil, err
	})
	for _, err := range errs {
		if _, is := errors.AsType[*pin.RepeatError](err); !is {
			t.Errorf("got error %v, want a key that is taken", err)
		}
	}
	if admitted != 1 {
		t.Errorf("got %d admitted, want one", admitted)
	}
}
