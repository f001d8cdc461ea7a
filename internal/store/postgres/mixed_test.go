//go:build postgres

package postgres

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/world"
)

// TestMixedLoad makes every kind of change at once on two replicas, also those that empty the account under the others: no
// call fails but as the interfaces say, and in the end the counts of places and the deliveries belong to something.
func TestMixedLoad(t *testing.T) {
	t.Parallel()
	stores := replicas(t, 2)
	seed := []world.Content{{
		Application: application.Application{ID: "application", AccountID: "account", Configuration: application.DefaultConfiguration()},
		Messages:    []message.Message{{ID: "message", AccountID: "account", ApplicationID: "application"}},
	}}
	_, errs := together(t, func(i int) (bool, error) {
		random := rand.New(rand.NewPCG(uint64(i), 1))
		ctx := t.Context()
		for round := range 25 {
			s := stores[random.IntN(2)]
			p, d, limits := sample(s, int64(i*1000+round))
			errs := []error{s.CreatePIN(ctx, p, d, limits)}
			again := d
			again.ID, _ = s.NewDeliveryID(ctx, p.ID)
			_, err := s.AddDelivery(ctx, again, pin.Rules{MaxAttempts: 3}, limits[:random.IntN(3)])
			checks := limits[0]
			checks.Kind = pin.LimitChecks
			_, tried := s.Attempt(ctx, p.ID, d.At, pin.Rules{MaxAttempts: 3}, checks, wrong)
			errs = append(errs, err, tried,
				s.FinishDelivery(ctx, pin.Outcome{DeliveryID: d.ID, State: delivery.StateWaiting, Carrier: "smsc", RemoteID: d.ID, Taken: random.IntN(2) == 0, At: d.At}),
				s.RecordReceipt(ctx, delivery.Receipt{AttemptID: again.ID, State: delivery.StateDelivered, At: d.At}))
			_, err = s.Attempt(ctx, p.ID, d.At, pin.Rules{MaxAttempts: 3}, checks, right)
			errs = append(errs, err)
			switch random.IntN(20) {
			case 0:
				errs = append(errs, s.ResetAccount(ctx, "account", seed))
			case 1:
				errs = append(errs, s.ClearAccount(ctx, "account"))
			case 2:
				errs = append(errs, s.PutSeed(ctx, seed))
			case 3:
				_, err := s.PurgePINs(ctx, d.At.Add(48*time.Hour), time.Hour, 50)
				errs = append(errs, err)
			}
			for _, err := range errs {
				if _, is := errors.AsType[*pin.StateError](err); is {
					continue
				}
				if _, is := errors.AsType[*pin.LimitError](err); is {
					continue
				}
				if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Unavailable) {
					return false, err
				}
			}
		}
		return true, nil
	})
	for _, err := range errs {
		t.Errorf("got error %v, want only what the interfaces say", err)
	}
	for what, query := range map[string]string{
		"remote ids without a PIN":           "SELECT count(*) FROM remotes r WHERE NOT EXISTS (SELECT 1 FROM pins p WHERE p.number = r.pin)",
		"PINs without a message":             "SELECT count(*) FROM pins p WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.seq = p.message)",
		"PINs without a place in the agenda": "SELECT count(*) FROM pins p WHERE NOT EXISTS (SELECT 1 FROM agenda a WHERE p.number = ANY (a.pins) AND a.task > 0)",
		"slots with a wrong number":          fmt.Sprintf(wrongCounts, slotMillis),
	} {
		rows, err := list(t.Context(), stores[0], "count", readNumber, query)
		if err != nil || rows[0] != 0 {
			t.Errorf("%s: got %v, error %v; want none", what, rows, err)
		}
	}
}
