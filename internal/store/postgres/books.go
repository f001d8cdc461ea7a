package postgres

import (
	"slices"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/deliverylog"
)

// books are what a batch has locked and read, as the changes that were played have left it, and what is to be written.
type books struct {
	applications map[ownID]int64 // numbers of those that are there
	messages     map[ownID]int64
	pins         map[int64]*heldPIN
	firsts       map[firstKey]pin.First
	windows      map[scope][]*window

	newPINs   []*heldPIN
	begun     []*heldPIN // PINs with a delivery that is open from now on
	open      []dueAt    // since when that is
	remotes   []remote
	newFirsts []pin.First
	replaced  []firstKey // firsts that make room for others
	places    []place
	answers   []givenAnswer
	entries   []*putEntry
}

// heldPIN is a PIN that is locked, or a new one.
type heldPIN struct {
	storedPIN
	log            deliverylog.Log
	changed, wiped bool
}

// deliveriesOf gives the deliveries of a PIN, to be changed in place. Whoever changes them says that the PIN changed.
func (p *heldPIN) deliveriesOf() (deliverylog.Log, error) {
	if p.log != nil {
		return p.log, nil
	}
	var err error
	p.log, err = deliverylog.Parse(p.deliveries)
	return p.log, err
}

// wipe leaves nothing that could be compared again.
func (p *heldPIN) wipe() {
	if p.Sealed != nil {
		p.Sealed, p.changed, p.wiped = nil, true, true
	}
}

// noteSent keeps the first time that a carrier took a PIN.
func (p *heldPIN) noteSent(at time.Time) {
	if p.SentAt.IsZero() {
		p.SentAt = fromMillis(toMillis(at))
	}
}

// place is what an event takes in limits.
type place struct{ tally, phone, at, event int64 }

// givenAnswer is what the first request with a delivery was answered.
type givenAnswer struct {
	deliveryID string
	answer     pin.Answer
}

func newBooks() *books {
	return &books{
		applications: map[ownID]int64{}, messages: map[ownID]int64{}, pins: map[int64]*heldPIN{},
		firsts: map[firstKey]pin.First{}, windows: map[scope][]*window{},
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
func (b *books) keepDelivery(p *heldPIN, d pin.Delivery, number int64) {
	e := deliverylog.New(number, d)
	p.log = append(p.log, e)
	b.begun = append(b.begun, p)
	b.open = append(b.open, dueAt{toMillis(d.At), p.number})
	b.noteRemote(p, &e, d.ID)
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

// noteRemote keeps what a carrier calls the delivery with an id, if it calls it anything else.
func (b *books) noteRemote(p *heldPIN, e *deliverylog.Entry, id string) {
	if e.RemoteID != "" && e.RemoteID != id {
		b.remotes = append(b.remotes, remote{hashOfRemote(e.Carrier, e.RemoteID), toMillis(e.At), e.Number, p.number})
	}
}

// event is what takes a place in limits.
type event struct {
	to     phone.Number
	at     time.Time
	number int64
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
		to, err := toPhone(e.to)
		if err != nil {
			return err
		}
		counted := scope{l.Kind, l.AccountID, l.ApplicationID, e.to}
		b.places = append(b.places, place{b.tally(counted), to, at, e.number})
		whole := counted
		whole.phone = ""
		for _, of := range []scope{counted, whole} {
			for _, w := range b.windows[of] {
				w.take(at)
			}
		}
	}
	return nil
}

// tally is the number that places of a kind have in an application that is there.
func (b *books) tally(of scope) int64 {
	return tallyOf(b.applications[ownID{of.account, of.application}], of.kind)
}

// checkLimit gives a *pin.LimitError when the limit is full at now.
func (b *books) checkLimit(l pin.Limit, now time.Time) error {
	if _, is := b.applications[ownID{l.AccountID, l.ApplicationID}]; !is {
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
	pin    int64
	cursor int64
}

func (e *putEntry) want(*wants) {}

func (e *putEntry) play(b *books) error {
	b.entries = append(b.entries, e)
	return nil
}
