package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
)

var historyChecks = []check{
	{"begins with the state that a delivery is kept with", historyBegins},
	{"has each change in order, at the time that its bringer says", historyOrder},
	{"is of one delivery, not of its PIN's others", historyOfOne},
	{"has nothing for a state that stays", historySame},
	{"has a receipt that overtakes the outcome, and not the outcome", historyOvertaken},
	{"has a receipt that overtakes the outcome and then later ones", historyOvertakenWaiting},
	{"has the outcome and the receipt after a state that says nothing more is known", historyUnsettled},
	{"ends with a settled state", historySettled},
	{"keeps the order of changes whose times go back", historyTimesBack},
	{"has the giving up of a delivery, and what comes late", historyAbandoned},
	{"has the giving up of a delivery once", historyAbandonedOnce},
	{"ends with the state of the delivery when outcome and receipts come at once", historyRace},
}

// began is a delivery with the history that every one begins with.
func began(d pin.Delivery) pin.Delivery {
	d.History = []delivery.Change{{State: d.State, At: d.At}}
	return d
}

// became is a delivery after a change.
func became(d pin.Delivery, state delivery.State, at time.Time) pin.Delivery {
	d.State = state
	d.History = append(slices.Clone(d.History), delivery.Change{State: state, At: at})
	return d
}

// storedDelivery is a delivery as the store has it.
func (w *world) storedDelivery(d pin.Delivery) pin.Delivery {
	w.t.Helper()
	all := must(w.Deliveries(w.t.Context(), w.account.ID, d.PINID))(w.t)
	i := slices.IndexFunc(all, func(kept pin.Delivery) bool { return kept.ID == d.ID })
	if i < 0 {
		w.t.Fatalf("delivery %s: got none, want one", d.ID)
	}
	return all[i]
}

// wantHistory asks for the state and history that a delivery should have, and for its At to be what it was.
func (w *world) wantHistory(d pin.Delivery) {
	w.t.Helper()
	kept := w.storedDelivery(d)
	equal(w.t, "history", kept.History, d.History)
	equal(w.t, "state", kept.State, d.State)
	equal(w.t, "time of the delivery", kept.At, d.At)
}

func (w *world) outcome(d pin.Delivery, state delivery.State, at time.Time) {
	w.t.Helper()
	ok(w.t, w.FinishDelivery(w.t.Context(), pin.Outcome{
		DeliveryID: d.ID, State: state, Carrier: "smsc", RemoteID: d.ID, Taken: true, At: at,
	}))
}

func (w *world) report(d pin.Delivery, state delivery.State, at time.Time) {
	w.t.Helper()
	ok(w.t, w.RecordReceipt(w.t.Context(), delivery.Receipt{Carrier: "smsc", AttemptID: d.ID, State: state, At: at}))
}

func historyBegins(t *testing.T, w *world) {
	p, text := w.draft(ana, start)
	text.History = nil // what a caller says of it does not count
	ok(t, w.CreatePIN(t.Context(), p, text, nil))
	w.wantHistory(began(text))
	call := w.call(p.ID, after(time.Minute))
	call.History = []delivery.Change{{State: delivery.StateDelivered, At: start}, {State: delivery.StateExpired, At: start}}
	must(w.AddDelivery(t.Context(), call, again(3), nil))(t)
	w.wantHistory(began(call))
}

func historyOrder(t *testing.T, w *world) {
	_, d := w.newPIN(ana, start)
	w.outcome(d, delivery.StateWaiting, after(1234*ms))
	d = became(d, delivery.StateWaiting, after(1234*ms))
	w.wantHistory(d)
	for i, state := range []delivery.State{delivery.StateNotSent, delivery.StateWaiting, delivery.StateAccepted} {
		at := after(time.Duration(i+1) * time.Minute)
		w.report(d, state, at)
		d = became(d, state, at)
	}
	ok(t, w.RecordReceipt(t.Context(), remoteReceipt("smsc", d.ID, delivery.StateExpired))) // a minute after the start
	w.wantHistory(became(d, delivery.StateExpired, after(time.Minute)))
}

func historyOfOne(t *testing.T, w *world) {
	p, first := w.newPIN(ana, start)
	second := w.delivery(p.ID, after(time.Minute))
	must(w.AddDelivery(t.Context(), second, again(3), nil))(t)
	w.outcome(second, delivery.StateDelivered, after(2*time.Minute))
	w.wantHistory(first)
	w.wantHistory(became(second, delivery.StateDelivered, after(2*time.Minute)))
}

func historySame(t *testing.T, w *world) {
	_, d := w.newPIN(ana, start)
	w.outcome(d, delivery.StateNotSent, after(time.Second))
	w.wantHistory(d)
	for i := range 3 {
		w.report(d, delivery.StateWaiting, after(time.Duration(i+1)*time.Minute))
		w.outcome(d, delivery.StateWaiting, after(time.Hour))
	}
	d = became(d, delivery.StateWaiting, after(time.Minute))
	w.wantHistory(d)
	for range 2 {
		w.report(d, delivery.StateDelivered, after(time.Hour))
	}
	w.wantHistory(became(d, delivery.StateDelivered, after(time.Hour)))
}
