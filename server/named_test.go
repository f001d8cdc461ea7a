package server_test

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/wire"
)

// named is a store whose PINs of the fixture go by the ids that the documentation's examples give them. A store makes its ids by
// itself, so that the examples could not be asked for as they stand.
type named struct {
	wire.Store
	real, given map[string]string
}

// The names of the fixtures' PINs, by the store that has them.
var fixtureNames sync.Map

func storeOf(settings config.Settings) string { return cmp.Or(settings.Store, settings.Data) }

// openNamed opens a store that a fixture was written into.
func openNamed(t *testing.T, settings config.Settings) wire.Store {
	t.Helper()
	s, err := wire.OpenStore(t.Context(), settings)
	must(t, err)
	names, found := fixtureNames.Load(storeOf(settings))
	if !found {
		return s
	}
	n := named{s, names.(map[string]string), map[string]string{}}
	for given, real := range n.real {
		n.given[real] = given
	}
	return n
}

func (n named) in(id string) string { return cmp.Or(n.real[id], id) }

func (n named) out(id string) string { return cmp.Or(n.given[id], id) }

// repeated names the PIN of a request that was made before.
func (n named) repeated(err error) error {
	if repeat, is := errors.AsType[*pin.RepeatError](err); is {
		repeat.First.PINID = n.out(repeat.First.PINID)
	}
	return err
}

func (n named) SealedSample(ctx context.Context) (pin.PIN, bool, error) {
	p, found, err := n.Store.SealedSample(ctx)
	p.ID = n.out(p.ID)
	return p, found, err
}

func (n named) PIN(ctx context.Context, accountID, id string) (pin.PIN, error) {
	p, err := n.Store.PIN(ctx, accountID, n.in(id))
	p.ID = n.out(p.ID)
	return p, err
}

func (n named) KnownPIN(ctx context.Context, accountID, id string) (pin.PIN, error) {
	p, err := n.Store.KnownPIN(ctx, accountID, n.in(id))
	p.ID = n.out(p.ID)
	return p, err
}

func (n named) CreatePIN(ctx context.Context, p pin.PIN, d pin.Delivery, limits []pin.Limit) error {
	return n.repeated(n.Store.CreatePIN(ctx, p, d, limits))
}

func (n named) NewDeliveryID(ctx context.Context, pinID string) (string, error) {
	return n.Store.NewDeliveryID(ctx, n.in(pinID))
}

func (n named) AddDelivery(ctx context.Context, d pin.Delivery, rules pin.Rules, limits []pin.Limit) (pin.PIN, error) {
	d.PINID = n.in(d.PINID)
	p, err := n.Store.AddDelivery(ctx, d, rules, limits)
	p.ID = n.out(p.ID)
	return p, n.repeated(err)
}

func (n named) First(ctx context.Context, accountID string, keyHash [32]byte) (pin.First, error) {
	f, err := n.Store.First(ctx, accountID, keyHash)
	f.PINID = n.out(f.PINID)
	return f, err
}

func (n named) Attempt(
	ctx context.Context, id string, now time.Time, rules pin.Rules, limit pin.Limit, right func(pin.PIN) (bool, error),
) (pin.Attempted, error) {
	tried, err := n.Store.Attempt(ctx, n.in(id), now, rules, limit, func(p pin.PIN) (bool, error) {
		p.ID = n.out(p.ID)
		return right(p)
	})
	tried.PIN.ID = n.out(tried.PIN.ID)
	return tried, err
}

func (n named) Deliveries(ctx context.Context, accountID, pinID string) ([]pin.Delivery, error) {
	return n.Store.Deliveries(ctx, accountID, n.in(pinID))
}
