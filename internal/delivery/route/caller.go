package route

import (
	"context"

	"github.com/pinpost/pinpost/internal/delivery"
)

// Caller gives calls to the first of several carriers that takes them.
type Caller struct{ table[delivery.Caller] }

var _ delivery.Caller = (*Caller)(nil)

// NewCaller joins carriers of calls. It owns them from now on: close it, and not them.
func NewCaller(ways []Way[delivery.Caller], deps Deps) (*Caller, error) {
	t, err := newTable(ways, deps)
	if err != nil {
		return nil, err
	}
	return &Caller{t}, nil
}

// Name is "routes": records name the carrier that took a call.
func (*Caller) Name() string { return "routes" }

// dialBudget is how long after the first try another carrier is still asked; ctx bounds the whole call, and not that.
const dialBudget = delivery.SendTimeout

// Dial tries the carriers of the number one after the other until a call is under way, or one refuses it for a reason that
// holds for all. A call that may be ringing is tried once more. A refusal is a *delivery.Error with the tries that led to it.
func (c *Caller) Dial(ctx context.Context, call delivery.Call) (delivery.Ongoing, error) {
	ways := c.to(call.To)
	if len(ways) == 0 {
		return nil, noWay()
	}
	o := outcome{deps: c.deps, elsewhere: callElsewhere}
	began := c.deps.Now()
	var ongoing delivery.Ongoing
	round(ways, func(w *way[delivery.Caller], trial bool) bool {
		err := o.try(ctx, w.Carrier.Name(), func() (err error) {
			ongoing, err = w.Carrier.Dial(ctx, call)
			return err
		})
		w.learn(err, trial)
		return o.over(ctx, err) || c.deps.Now().Sub(began) >= dialBudget
	})
	if o.err != nil {
		return nil, o.refusal()
	}
	return delivery.WithTries(ongoing, o.attempts, c.deps.Now), nil
}

// Health is up while any carrier is.
func (c *Caller) Health() delivery.Health { return healthOf(distinct(c.table)) }

// Close closes all carriers.
func (c *Caller) Close(ctx context.Context) error { return closeAll(ctx, distinct(c.table)) }
