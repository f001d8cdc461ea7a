//go:build postgres

package postgres

import (
	"errors"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
	"github.com/pinpost/pinpost/internal/world"
)

// TestIDs has replicas that open an empty database at once make ids: no two are the same, and each knows those of the others.
func TestIDs(t *testing.T) {
	t.Parallel()
	database := pgtest.New(t, "template1")
	stores := make([]*Store, 4)
	var group sync.WaitGroup
	for i := range stores {
		group.Go(func() { stores[i] = openIn(t, database) })
	}
	group.Wait()
	seen := map[int64]bool{}
	for i := range 100 {
		s, other := stores[i%len(stores)], stores[(i+1)%len(stores)]
		id, err := s.NewPINID(t.Context())
		number, is := other.pinNumber(id)
		if err != nil || !is || seen[number] {
			t.Fatalf("PIN: got number %d, known %t, error %v; want one that nobody had", number, is, err)
		}
		seen[number] = true
		delivery, err := other.NewDeliveryID(t.Context(), id)
		of, is := s.deliveryNumber(delivery)
		if err != nil || !is || of.pin != number || seen[of.own] {
			t.Fatalf("delivery: got %v, known %t, error %v; want a number of its own, and PIN %d", of, is, err, number)
		}
		seen[of.own] = true
		if _, is := s.pinNumber(delivery); is {
			t.Error("the id of a delivery is taken for a PIN's")
		}
		if _, is := s.deliveryNumber(id); is {
			t.Error("the id of a PIN is taken for a delivery's")
		}
	}
}

// TestIDs_that_are_not_ours asks that nothing is kept under them, and that a delivery stays with its PIN.
func TestIDs_that_are_not_ours(t *testing.T) {
	t.Parallel()
	s := replicas(t, 1)[0]
	p, d, _ := sample(s, 1)
	_, others, _ := sample(s, 2)
	foreign := p
	foreign.ID = "00000000000000000000000000000001"
	for what, err := range map[string]error{
		"PIN":                          s.CreatePIN(t.Context(), foreign, d, nil),
		"PIN with another's delivery":  s.CreatePIN(t.Context(), p, others, nil),
		"PIN with a delivery's id":     s.CreatePIN(t.Context(), pin.PIN{ID: d.ID}, d, nil),
		"delivery that has its PIN id": s.CreatePIN(t.Context(), p, pin.Delivery{ID: p.ID}, nil),
	} {
		if !errors.Is(err, errForeignID) {
			t.Errorf("%s: got error %v, want that the id is not ours", what, err)
		}
	}
	if err := s.CreatePIN(t.Context(), p, d, nil); err != nil {
		t.Fatal(err)
	}
	others.PINID = p.ID
	if _, err := s.AddDelivery(t.Context(), others, pin.Rules{MaxAttempts: 3}, nil); !errors.Is(err, errForeignID) {
		t.Errorf("another PIN's delivery: got error %v, want that the id is not ours", err)
	}
}

// TestRenumbered removes an application on one replica and keeps it again, while another remembers the number it had.
func TestRenumbered(t *testing.T) {
	t.Parallel()
	stores := replicas(t, 2)
	seed := []world.Content{{
		Application: application.Application{ID: "application", AccountID: "account", Configuration: application.DefaultConfiguration()},
		Messages:    []message.Message{{ID: "message", AccountID: "account", ApplicationID: "application"}},
	}}
	for n := range int64(3) {
		if err := keep(stores[0], n); err != nil {
			t.Fatalf("PIN %d: got error %v, want none", n, err)
		}
		p, _, _ := sample(stores[0], n)
		got, err := stores[0].PIN(t.Context(), "account", p.ID)
		if err != nil || got.ApplicationID != "application" || got.MessageID != "message" {
			t.Errorf("PIN %d: got %+v, error %v; want it with its application and message", n, got, err)
		}
		if err := stores[1].ResetAccount(t.Context(), "account", seed); err != nil {
			t.Fatal(err)
		}
	}
}
