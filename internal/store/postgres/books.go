package postgres

import (
	"slices"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// books are what a batch has locked and read, as the changes that were played have left it, and what is to be written.
type books struct {
	applications map[ownID]bool // those that are there
	messages     map[ownID]bool
	deliveries   map[string]*heldDelivery
	pins         map[string]*heldPIN
	firsts       map[firstKey]pin.First
	windows      map[scope][]*window
	sent         map[string]int64 // by PIN: when a carrier took it
	loaded       func()           // sorts what was read of limits

	newPINs       []pin.PIN
	newDeliveries []newDelivery
	newFirsts     []pin.First
	replaced      []firstKey // firsts that make room for others
	places        []place
	answers       []givenAnswer
	entries       []*putEntry
}

// heldPIN is a PIN that is locked.
type heldPIN struct {
	pin.PIN
	changed, wiped bool
}

// wipe leaves nothing that could be compared again.
func (p *heldPIN) wipe() {
	if p.Sealed != nil {
		p.Sealed, p.changed, p.wiped = nil, true, true
	}
}

// heldDelivery is a delivery that is locked.
type heldDelivery struct {
	pin.Delivery
	open, reported, changed bool
}

// become gives a delivery another state, and adds that to its history. A state that stays adds nothing.
func (d *heldDelivery) become(state delivery.State, at time.Time) {
	if d.State != state {
		d.State = state
		d.History = append(slices.Clip(d.History), delivery.Change{State: state, At: at})
	}
}

// newDelivery is a delivery with the account of its PIN.
type newDelivery struct {
	pin.Delivery
	account string
}

// place is what an event takes in limits.
type place struct {
	scope
	at         int64
	deliveryID string // of a send; empty for a verify request
}

// givenAnswer is what the first request with a delivery was answered.
type givenAnswer struct {
	deliveryID string
	answer     pin.Answer
}

func newBooks() *books {
	return &books{
		applications: map[ownID]bool{}, messages: map[ownID]bool{}, deliveries: map[string]*heldDelivery{},
		pins: map[string]*heldPIN{}, firsts: map[firstKey]pin.First{}, sent: map[string]int64{}, windows: map[scope][]*window{},
	}
}

// noteSent keeps the first time that a carrier took a PIN. The PIN itself need not be locked for it: its row is changed
// only if it has no such time yet.
func (b *books) noteSent(pinID string, at time.Time) {
	if p := b.pins[pinID]; p != nil && p.SentAt.IsZero() {
		p.SentAt = fromMillis(toMillis(at))
	}
	if _, is := b.sent[pinID]; !is {
		b.sent[pinID] = toMillis(at)
	}
}

// refuseRepeat gives a *pin.RepeatError when the key of a new delivery is taken.
func (b *books) refuseRepeat(accountID string, d pin.Delivery) error {
	if d.Once == nil {
		return nil
	}
	if f, is := b.firsts[firstKey{accountID, string(d.Once.KeyHash[:])}]; is && f.Alive(d.At) {
		return &pin.RepeatError{First: f}
	}
	return nil
}

// keepDelivery keeps a delivery of p, and the key that it was asked for with.
func (b *books) keepDelivery(p pin.PIN, d pin.Delivery) {
	b.newDeliveries = append(b.newDeliveries, newDelivery{d, p.AccountID})
	if d.Once == nil {
		return
	}
	key := firstKey{p.AccountID, string(d.Once.KeyHash[:])}
	if _, is := b.firsts[key]; is {
		b.replaced = append(b.replaced, key)
		b.newFirsts = slices.DeleteFunc(b.newFirsts, func(f pin.First) bool {
			return f.AccountID == p.AccountID && f.KeyHash == d.Once.KeyHash
		})
	}
	f := pin.First{
		Once: *d.Once, AccountID: p.AccountID, PINID: p.ID, DeliveryID: d.ID, Channel: d.Channel, To: p.To,
		At: fromMillis(toMillis(d.At)),
	}
	b.firsts[key] = f
	b.newFirsts = append(b.newFirsts, f)
}

// event is what takes a place in limits.
type event struct {
	to         phone.Number
	at         time.Time
	deliveryID string // of a send; empty for a verify request
}

// takePlaces takes a place in each limit, or gives a *pin.LimitError for the first that has none. It looks at all of
// them before it takes any.
func (b *books) takePlaces(e event, limits []pin.Limit) error {
	for _, l := range limits {
		if err := b.checkLimit(l, e.at); err != nil {
			return err
		}
	}
	at := toMillis(e.at)
	for i, l := range limits {
		// One row serves all limits of a kind and application: those of the number, and those of all numbers.
		if slices.ContainsFunc(limits[:i], func(earlier pin.Limit) bool {
			return earlier.Kind == l.Kind && earlier.AccountID == l.AccountID && earlier.ApplicationID == l.ApplicationID
		}) {
			continue
		}
		counted := scope{l.Kind, l.AccountID, l.ApplicationID, e.to}
		b.places = append(b.places, place{counted, at, e.deliveryID})
		whole := counted
		whole.phone = ""
		for _, w := range slices.Concat(b.windows[counted], b.windows[whole]) {
			w.take(at)
		}
	}
	return nil
}

// checkLimit gives a *pin.LimitError when the limit is full at now.
func (b *books) checkLimit(l pin.Limit, now time.Time) error {
	if !b.applications[ownID{l.AccountID, l.ApplicationID}] {
		return errGone()
	}
	if l.Max < 1 {
		return &pin.LimitError{Limit: l, FreeAt: now.Add(l.Interval)}
	}
	key := keyOfLimit(l)
	for _, w := range b.windows[key.scope] {
		if w.key == key {
			if at, full := w.full(toMillis(now) - key.interval); full {
				return &pin.LimitError{Limit: l, FreeAt: fromMillis(at).Add(l.Interval)}
			}
		}
	}
	return nil
}

// putEntry is an entry of the inbox that gets its cursor as it is written.
type putEntry struct {
	entry  inbox.Entry
	cursor int64
}

func (e *putEntry) want(*wants) {}

func (e *putEntry) play(b *books) error {
	b.entries = append(b.entries, e)
	return nil
}
