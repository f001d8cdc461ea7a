package postgres

import (
	"context"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

// CreatePIN keeps a new PIN and its first delivery and takes a place in each limit, or fails with a *pin.LimitError, or
// before that with a *pin.RepeatError when the key in d.Once is taken.
func (s *Store) CreatePIN(ctx context.Context, p pin.PIN, d pin.Delivery, limits []pin.Limit) error {
	number, isPIN := s.pinNumber(p.ID)
	own, isDelivery := s.deliveryNumber(d.ID)
	if !isPIN || !isDelivery || own.pin != number {
		return s.fail("create PIN", errForeignID)
	}
	return s.do(ctx, "create PIN", s.placing, &createPIN{p, d, limits, own})
}

type createPIN struct {
	pin      pin.PIN
	delivery pin.Delivery
	limits   []pin.Limit
	number   deliveryNumber
}

func (c *createPIN) want(w *wants) {
	application := ownID{c.pin.AccountID, c.pin.ApplicationID}
	w.applications[application] = true
	w.messages[ownID{c.pin.AccountID, c.pin.MessageID}] = application
	w.limits(c.limits, c.delivery.At)
	if once := c.delivery.Once; once != nil {
		w.firsts[firstKey{c.pin.AccountID, string(once.KeyHash[:])}] = true
	}
}

func (c *createPIN) play(b *books) error {
	if err := b.refuseRepeat(c.pin.AccountID, c.delivery); err != nil {
		return err
	}
	application, hasApplication := b.applications[ownID{c.pin.AccountID, c.pin.ApplicationID}]
	message, hasMessage := b.messages[ownID{c.pin.AccountID, c.pin.MessageID}]
	if !hasApplication || !hasMessage {
		return errGone()
	}
	if !storable(c.pin.From) {
		return errUnstorable()
	}
	to, err := toPhone(c.pin.To)
	if err != nil {
		return err
	}
	if err := b.takePlaces(event{c.pin.To, c.delivery.At, c.number.own}, c.limits); err != nil {
		return err
	}
	p := &heldPIN{storedPIN: storedPIN{
		PIN: c.pin, number: c.number.pin, application: application, message: message, phone: to,
	}}
	if len(p.Sealed) == 0 {
		p.Sealed = nil // NULL, and not an empty text, is what a wiped PIN has
	}
	b.newPINs = append(b.newPINs, p)
	b.keepDelivery(p, c.delivery, c.number.own)
	return nil
}

// PIN gives one PIN of the account, or fault.NotFound.
func (s *Store) PIN(ctx context.Context, accountID, id string) (pin.PIN, error) {
	p, err := s.pinOf(ctx, accountID, id)
	if err != nil {
		return pin.PIN{}, err
	}
	return p.PIN, nil
}

// KnownPIN is PIN for those who go on to AddDelivery or Attempt, which find out under the lock what the PIN is by then. One that this
// replica made is given as it was made.
func (s *Store) KnownPIN(ctx context.Context, accountID, id string) (pin.PIN, error) {
	number, _ := s.pinNumber(id)
	if p, is := s.kept.get(number); is && p.AccountID == accountID {
		return *p, nil
	}
	return s.PIN(ctx, accountID, id)
}

// pinOf gives one PIN of the account with all that is stored of it, or fault.NotFound.
func (s *Store) pinOf(ctx context.Context, accountID, id string) (*storedPIN, error) {
	number, _ := s.pinNumber(id)
	p, err := s.readers.pins.get(ctx, number)
	if err == nil && p.AccountID != accountID {
		return nil, fault.NotFoundf("%s", noPIN)
	}
	return p, err
}

// The agenda has the PINs that may have a sealed code, by the time that they expire.
const sealedSampleQuery = `
	SELECT p.number FROM agenda a CROSS JOIN LATERAL (
		SELECT number FROM pins WHERE number = ANY (a.pins) AND sealed IS NOT NULL ORDER BY number DESC LIMIT 1) p
	WHERE a.task = 1 ORDER BY a.at DESC, a.seq DESC LIMIT 1`

// SealedSample gives the PIN with a sealed code that expires last, of whatever account, and whether there is one. Whoever can
// open it has the keys that this database was written with.
func (s *Store) SealedSample(ctx context.Context) (pin.PIN, bool, error) {
	number, err := one(ctx, s, "load a sealed PIN", noPIN, readNumber, sealedSampleQuery)
	var p *storedPIN
	if err == nil {
		p, err = s.readers.pins.get(ctx, number)
	}
	if fault.Is(err, fault.NotFound) {
		return pin.PIN{}, false, nil
	}
	if err != nil {
		return pin.PIN{}, false, err
	}
	return p.PIN, p.Sealed != nil, nil
}

// AddDelivery keeps one more delivery of a PIN that is Live at d.At and takes a place in each limit. It fails with a
// *pin.RepeatError when the key in d.Once is taken, then with a *pin.StateError when the PIN is not live, then with a
// *pin.LimitError, and with fault.NotFound for an unknown id.
func (s *Store) AddDelivery(ctx context.Context, d pin.Delivery, rules pin.Rules, limits []pin.Limit) (pin.PIN, error) {
	number, _ := s.pinNumber(d.PINID)
	own, is := s.deliveryNumber(d.ID)
	c := &addDelivery{delivery: d, rules: rules, limits: limits, pinNumber: number, number: own, valid: is && own.pin == number}
	if err := s.do(ctx, "add delivery", s.placing, c); err != nil {
		return pin.PIN{}, err
	}
	return c.found, nil
}

type addDelivery struct {
	delivery  pin.Delivery
	rules     pin.Rules
	limits    []pin.Limit
	pinNumber int64
	number    deliveryNumber
	valid     bool // the delivery's number is one of the PIN's
	found     pin.PIN
}

func (c *addDelivery) want(w *wants) {
	w.pins[c.pinNumber] = true
	w.limits(c.limits, c.delivery.At)
	if once := c.delivery.Once; once != nil {
		w.firstsOfPINs[firstOfPIN{c.pinNumber, string(once.KeyHash[:])}] = true
	}
}

func (c *addDelivery) play(b *books) error {
	p := b.pins[c.pinNumber]
	if p == nil {
		return fault.NotFoundf("%s", noPIN)
	}
	if !c.valid {
		return errForeignID
	}
	if err := b.refuseRepeat(p.AccountID, c.delivery); err != nil {
		return err
	}
	if state := p.State(c.delivery.At, c.rules); state != pin.Live {
		return &pin.StateError{State: state}
	}
	if _, err := p.deliveriesOf(); err != nil {
		return err
	}
	if err := b.takePlaces(event{p.To, c.delivery.At, c.number.own}, c.limits); err != nil {
		return err
	}
	c.found = p.PIN
	b.keepDelivery(p, c.delivery, c.number.own)
	p.changed = true
	return nil
}

// PutEntry keeps an entry and gives its cursor; it is durable when the call returns.
func (s *Store) PutEntry(ctx context.Context, e inbox.Entry) (int64, error) {
	number, _ := s.pinNumber(e.PINID)
	c := &putEntry{entry: e, pin: number}
	if err := s.do(ctx, "put inbox entry", s.settling, c); err != nil {
		return 0, err
	}
	return c.cursor, nil
}
