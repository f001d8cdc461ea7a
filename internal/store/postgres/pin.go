package postgres

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

// CreatePIN keeps a new PIN and its first delivery and takes a place in each limit, or fails with a *pin.LimitError, or
// before that with a *pin.RepeatError when the key in d.Once is taken.
func (s *Store) CreatePIN(ctx context.Context, p pin.PIN, d pin.Delivery, limits []pin.Limit) error {
	return s.do(ctx, "create PIN", s.placing, &createPIN{p, d, limits})
}

type createPIN struct {
	pin      pin.PIN
	delivery pin.Delivery
	limits   []pin.Limit
}

func (c *createPIN) want(w *wants) {
	w.applications[ownID{c.pin.AccountID, c.pin.ApplicationID}] = true
	w.messages[ownID{c.pin.AccountID, c.pin.MessageID}] = true
	w.limits(c.limits, c.delivery.At)
	if once := c.delivery.Once; once != nil {
		w.firsts[firstKey{c.pin.AccountID, string(once.KeyHash[:])}] = true
	}
}

func (c *createPIN) play(b *books) error {
	if err := b.refuseRepeat(c.pin.AccountID, c.delivery); err != nil {
		return err
	}
	account := c.pin.AccountID
	if !b.applications[ownID{account, c.pin.ApplicationID}] || !b.messages[ownID{account, c.pin.MessageID}] {
		return errGone()
	}
	if !storable(c.pin.From) {
		return errUnstorable()
	}
	if err := b.takePlaces(event{c.pin.To, c.delivery.At, c.delivery.ID}, c.limits); err != nil {
		return err
	}
	b.newPINs = append(b.newPINs, c.pin)
	b.keepDelivery(c.pin, c.delivery)
	return nil
}

// PIN gives one PIN of the account, or fault.NotFound.
func (s *Store) PIN(ctx context.Context, accountID, id string) (pin.PIN, error) {
	p, err := s.readers.pins.get(ctx, id)
	if err == nil && p.AccountID != accountID {
		return pin.PIN{}, fault.NotFoundf("%s", noPIN)
	}
	return p, err
}

// The index has the PINs with a sealed code alone, which are few.
const sealedSampleQuery = "SELECT " + pinColumns + " FROM pins WHERE sealed IS NOT NULL ORDER BY seq DESC LIMIT 1"

// SealedSample gives the newest PIN that has a sealed code, of whatever account, and whether there is one. Whoever can
// open it has the keys that this database was written with.
func (s *Store) SealedSample(ctx context.Context) (pin.PIN, bool, error) {
	p, err := one(ctx, s, "load a sealed PIN", noPIN, FromDBPIN, sealedSampleQuery)
	if fault.Is(err, fault.NotFound) {
		return pin.PIN{}, false, nil
	}
	return p, err == nil, err
}

// AddDelivery keeps one more delivery of a PIN that is Live at d.At and takes a place in each limit. It fails with a
// *pin.RepeatError when the key in d.Once is taken, then with a *pin.StateError when the PIN is not live, then with a
// *pin.LimitError, and with fault.NotFound for an unknown id.
func (s *Store) AddDelivery(ctx context.Context, d pin.Delivery, rules pin.Rules, limits []pin.Limit) (pin.PIN, error) {
	c := &addDelivery{delivery: d, rules: rules, limits: limits}
	if err := s.do(ctx, "add delivery", s.placing, c); err != nil {
		return pin.PIN{}, err
	}
	return c.found, nil
}

type addDelivery struct {
	delivery pin.Delivery
	rules    pin.Rules
	limits   []pin.Limit
	found    pin.PIN
}

func (c *addDelivery) want(w *wants) {
	w.pins[c.delivery.PINID] = true
	w.limits(c.limits, c.delivery.At)
	if once := c.delivery.Once; once != nil {
		w.firstsOfPINs[firstOfPIN{c.delivery.PINID, string(once.KeyHash[:])}] = true
	}
}

func (c *addDelivery) play(b *books) error {
	p := b.pins[c.delivery.PINID]
	if p == nil {
		return fault.NotFoundf("%s", noPIN)
	}
	if err := b.refuseRepeat(p.AccountID, c.delivery); err != nil {
		return err
	}
	if state := p.State(c.delivery.At, c.rules); state != pin.Live {
		return &pin.StateError{State: state}
	}
	if err := b.takePlaces(event{p.To, c.delivery.At, c.delivery.ID}, c.limits); err != nil {
		return err
	}
	c.found = p.PIN
	b.keepDelivery(p.PIN, c.delivery)
	return nil
}

// CountAttempt takes a place in limit and, when the PIN is live, counts one attempt before anybody compares. It gives
// the PIN as it stands after counting, with Sealed as it was before, and the state it was in before. On the last
// attempt, and when the PIN is found in any state but Live, the stored Sealed is wiped, so that no change of the
// application's limits brings it back to life. *pin.LimitError, fault.NotFound.
func (s *Store) CountAttempt(
	ctx context.Context, id string, now time.Time, rules pin.Rules, limit pin.Limit,
) (pin.PIN, pin.State, error) {
	c := &countAttempt{id: id, now: now, rules: rules, limit: limit}
	if err := s.do(ctx, "count attempt", s.placing, c); err != nil {
		return pin.PIN{}, 0, err
	}
	return c.found, c.state, nil
}

type countAttempt struct {
	id    string
	now   time.Time
	rules pin.Rules
	limit pin.Limit
	found pin.PIN
	state pin.State
}

func (c *countAttempt) want(w *wants) {
	w.pins[c.id] = true
	w.limits([]pin.Limit{c.limit}, c.now)
}

func (c *countAttempt) play(b *books) error {
	p := b.pins[c.id]
	if p == nil {
		return fault.NotFoundf("%s", noPIN)
	}
	if err := b.takePlaces(event{to: p.To, at: c.now}, []pin.Limit{c.limit}); err != nil {
		return err
	}
	c.state = p.State(c.now, c.rules)
	if c.state == pin.Live {
		p.Attempts, p.changed = p.Attempts+1, true
	}
	c.found = p.PIN
	if c.state != pin.Live || p.Attempts >= c.rules.MaxAttempts {
		p.wipe()
	}
	return nil
}

// ConsumePIN marks a PIN verified at now. When rules.Multiple is false only one call for a PIN gives true, and the
// stored Sealed is wiped by it. fault.NotFound for an unknown id.
func (s *Store) ConsumePIN(ctx context.Context, id string, now time.Time, rules pin.Rules) (bool, error) {
	c := &consumePIN{id: id, now: now, rules: rules}
	if err := s.do(ctx, "consume PIN", s.settling, c); err != nil {
		return false, err
	}
	return c.won, nil
}

type consumePIN struct {
	id    string
	now   time.Time
	rules pin.Rules
	won   bool
}

func (c *consumePIN) want(w *wants) { w.pins[c.id] = true }

func (c *consumePIN) play(b *books) error {
	p := b.pins[c.id]
	if p == nil {
		return fault.NotFoundf("%s", noPIN)
	}
	first := p.VerifiedAt.IsZero()
	c.won = first || c.rules.Multiple
	if first {
		p.VerifiedAt, p.changed = fromMillis(toMillis(c.now)), true
		if !c.rules.Multiple {
			p.wipe()
		}
	}
	return nil
}

// PutEntry keeps an entry and gives its cursor; it is durable when the call returns.
func (s *Store) PutEntry(ctx context.Context, e inbox.Entry) (int64, error) {
	c := &putEntry{entry: e}
	if err := s.do(ctx, "put inbox entry", s.settling, c); err != nil {
		return 0, err
	}
	return c.cursor, nil
}
