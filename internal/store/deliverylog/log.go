// Package deliverylog keeps the deliveries of one PIN together, in one value of its row, and says how they change. Every store of
// PINs has them so: a send is one row, and what a carrier makes of it changes that row alone.
package deliverylog

import (
	"cmp"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
)

// Entry is one delivery. Its number is the store's own, and another one for each delivery of a PIN.
type Entry struct {
	Number   int64
	Channel  pin.Channel
	State    delivery.State
	Carrier  string
	RemoteID string
	At       time.Time // whole milliseconds, as all times here
	Open     bool      // until an outcome, a receipt or a purge closes it
	Reported bool      // whether a receipt brought the state
	History  []delivery.Change
	Attempts []delivery.Attempt
}

// Log is the deliveries of a PIN, in the order in which they were asked for.
type Log []Entry

// New is the entry of a delivery that nobody has seen to yet.
func New(number int64, d pin.Delivery) Entry {
	at := whole(d.At)
	return Entry{
		Number: number, Channel: d.Channel, State: d.State, Carrier: d.Carrier, RemoteID: d.RemoteID, At: at, Open: true,
		History: []delivery.Change{{State: d.State, At: at}},
	}
}

// whole is a time as it is read from where it was stored.
func whole(t time.Time) time.Time { return t.Truncate(time.Millisecond).UTC() }

// Find gives the delivery with a number, to be changed in place, or nil.
func (l Log) Find(number int64) *Entry {
	for i := range l {
		if l[i].Number == number {
			return &l[i]
		}
	}
	return nil
}

// OpenSince gives the time of the oldest delivery that is open, or zero when none is.
func (l Log) OpenSince() (oldest time.Time) {
	for _, e := range l {
		if e.Open && (oldest.IsZero() || e.At.Before(oldest)) {
			oldest = e.At
		}
	}
	return oldest
}

// GiveUp closes what is open and older than before, and gives how many that were: they become StateUnknown at now.
func (l Log) GiveUp(before, now time.Time) (n int) {
	for i := range l {
		if e := &l[i]; e.Open && e.At.Before(before) {
			e.change(delivery.StateUnknown, now)
			n++
		}
	}
	return n
}

// Finish notes what a carrier made of a delivery and closes it, as pin.Store says of FinishDelivery.
func (e *Entry) Finish(o pin.Outcome) {
	state := e.State
	if !e.Reported && !settled(state) {
		state = o.State
	}
	e.Attempts = nil // an outcome may be told twice
	for _, a := range o.Attempts {
		a.At, a.Took = whole(a.At), a.Took.Truncate(time.Millisecond)
		e.Attempts = append(e.Attempts, a)
	}
	e.Carrier, e.RemoteID = cmp.Or(o.Carrier, e.Carrier), cmp.Or(o.RemoteID, e.RemoteID)
	e.change(state, o.At)
}

// Receive notes a carrier's receipt and closes the delivery, as pin.Store says of RecordReceipt.
func (e *Entry) Receive(r delivery.Receipt) {
	state := e.State
	if !settled(state) {
		state = r.State
	}
	e.Reported = true
	e.change(state, r.At)
}

func (e *Entry) change(to delivery.State, at time.Time) {
	e.Open = false
	if e.State != to {
		e.State, e.History = to, append(e.History, delivery.Change{State: to, At: whole(at)})
	}
}

// settled tells whether a state is final and says more than that nothing more is known.
func settled(s delivery.State) bool {
	return s.Final() && s != delivery.StateUnknown && s != delivery.StateAccepted
}

// Delivery is the entry as pin.Store gives it.
func (e Entry) Delivery(pinID, id string) pin.Delivery {
	return pin.Delivery{
		ID: id, PINID: pinID, Channel: e.Channel, State: e.State, Carrier: e.Carrier, RemoteID: e.RemoteID, At: e.At,
		History: e.History, Attempts: e.Attempts,
	}
}
