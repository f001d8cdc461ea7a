package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
)

var abandonedChecks = []check{
	{"deliveries are those that nobody closed for five minutes", abandonedWhen},
	{"deliveries are given up one by one, not their PIN's others", abandonedResend},
	{"deliveries are given up in bounded steps", abandonedBounded},
	{"deliveries keep their places", abandonedPlaces},
	{"deliveries take a late outcome", abandonedOutcome},
	{"deliveries take a late receipt", abandonedReceipt},
	{"deliveries keep what a receipt brought when the outcome comes last", abandonedReceiptFirst},
}

// abandoned is a delivery that a purge has given up.
func (w *world) abandoned(limits ...pin.Limit) (pin.PIN, pin.Delivery) {
	w.t.Helper()
	p, d := w.newPIN(ana, start, limits...)
	w.purge(after(pin.AbandonedAfter+ms), day, true)
	d = became(d, delivery.StateUnknown, after(pin.AbandonedAfter+ms))
	w.wantHistory(d)
	return p, d
}

func abandonedWhen(t *testing.T, w *world) {
	p, open := w.newPIN(ana, start)
	_, later := w.newPIN(ana, after(ms))
	_, finished := w.finished(ana, start)
	_, failed := w.newPIN(ana, start)
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{DeliveryID: failed.ID, State: delivery.StateNotSent, At: start}))
	_, reported := w.newPIN(ana, start)
	ok(t, w.RecordReceipt(t.Context(), receipt(reported, delivery.StateWaiting)))

	w.purge(after(pin.AbandonedAfter), day, false)
	w.wantDeliveryState(open, delivery.StateNotSent)
	equal(t, "rows touched", must(w.PurgePINs(t.Context(), after(pin.AbandonedAfter+ms), day, 1000))(t), 1)
	w.purge(after(pin.AbandonedAfter+ms), day, false)
	w.wantDeliveryState(open, delivery.StateUnknown)
	w.wantDeliveryState(later, delivery.StateNotSent)
	w.purge(after(30*time.Minute), day, true)
	w.wantDeliveryState(later, delivery.StateUnknown)
	w.wantDeliveryState(finished, delivery.StateWaiting)
	w.wantDeliveryState(failed, delivery.StateNotSent)
	w.wantDeliveryState(reported, delivery.StateWaiting)
	equal(t, "PIN", w.stored(p), p)
}

func abandonedResend(t *testing.T, w *world) {
	p, first := w.newPIN(ana, start)
	second := w.call(p.ID, after(time.Minute))
	must(w.AddDelivery(t.Context(), second, again(3), nil))(t)
	w.purge(after(pin.AbandonedAfter+ms), day, true)
	first = became(first, delivery.StateUnknown, after(pin.AbandonedAfter+ms))
	equal(t, "deliveries", must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t), []pin.Delivery{first, second})
	w.purge(after(pin.AbandonedAfter+time.Minute+ms), day, true)
	second = became(second, delivery.StateUnknown, after(pin.AbandonedAfter+time.Minute+ms))
	equal(t, "deliveries", must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t), []pin.Delivery{first, second})
}

func abandonedBounded(t *testing.T, w *world) {
	var all []pin.Delivery
	for i := range 5 {
		_, d := w.newPIN(ana, after(time.Duration(i)*ms))
		all = append(all, d)
	}
	given := 0
	for step, want := range []int{2, 2, 1, 0} {
		got := must(w.PurgePINs(t.Context(), after(30*time.Minute), day, 2))(t)
		if got != want {
			t.Errorf("rows touched in step %d: got %d, want %d", step, got, want)
		}
		given += want
		for i, d := range all {
			state := delivery.StateNotSent
			if i < given { // the oldest go first
				state = delivery.StateUnknown
			}
			w.wantDeliveryState(d, state)
		}
	}
}

func abandonedPlaces(t *testing.T, w *world) {
	limits := w.limitsOf(ana, 1, time.Hour)
	w.abandoned(limits...)
	wantFull(t, w.send(ana, after(time.Hour-ms), limits...), limits[0], after(time.Hour))
	wantFull(t, w.send(ben, after(time.Hour-ms), limits[1]), limits[1], after(time.Hour))
	ok(t, w.send(ana, after(time.Hour), limits...))
}

func abandonedOutcome(t *testing.T, w *world) {
	limit := w.numberLimit(ana, 2, time.Hour)
	p, d := w.abandoned(limit)
	outcome := accepted(d, "r-1")
	outcome.At = after(6 * time.Minute)
	ok(t, w.FinishDelivery(t.Context(), outcome))
	p.SentAt = outcome.At
	equal(t, "PIN", w.stored(p), p)
	d = became(d, delivery.StateWaiting, outcome.At)
	d.Carrier, d.RemoteID = "smsc", "r-1"
	equal(t, "deliveries", must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t), []pin.Delivery{d})
	w.purge(after(30*time.Minute), day, false)
	w.wantDeliveryState(d, delivery.StateWaiting)

	_, refused := w.abandoned(limit)
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{DeliveryID: refused.ID, State: delivery.StateRejected, At: start}))
	w.wantDeliveryState(refused, delivery.StateRejected)
	ok(t, w.send(ana, after(30*time.Minute), limit)) // on the place that was given back
	wantFull(t, w.send(ana, after(30*time.Minute), limit), limit, after(time.Hour))
}

func abandonedReceipt(t *testing.T, w *world) {
	p, d := w.abandoned()
	_, bystander := w.abandoned()
	ok(t, w.RecordReceipt(t.Context(), receipt(d, delivery.StateWaiting)))
	w.wantDeliveryState(d, delivery.StateWaiting)
	ok(t, w.RecordReceipt(t.Context(), receipt(d, delivery.StateDelivered)))
	w.purge(after(30*time.Minute), day, false)
	w.wantDeliveryState(d, delivery.StateDelivered)
	w.wantDeliveryState(bystander, delivery.StateUnknown)
	equal(t, "sent at", w.stored(p).SentAt, after(time.Minute))
}

func abandonedReceiptFirst(t *testing.T, w *world) {
	for _, state := range []delivery.State{delivery.StateWaiting, delivery.StateDelivered, delivery.StateUnknown} {
		_, d := w.abandoned()
		ok(t, w.RecordReceipt(t.Context(), receipt(d, state)))
		outcome := accepted(d, "r-1")
		outcome.State = delivery.StateAccepted
		ok(t, w.FinishDelivery(t.Context(), outcome))
		w.wantDeliveryState(d, state)
	}
}
