package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

var receiptChecks = []check{
	{"name a delivery by our key", receiptByAttempt},
	{"name a delivery by the carrier's key", receiptByRemoteID},
	{"of nobody's delivery are not found", receiptOfNobody},
	{"go on until a state is final", receiptFinal},
	{"overwrite the states that say nothing more is known, and no other final one", receiptSettled},
	{"prove that a carrier took the PIN", receiptSentAt},
	{"change nothing of when the PIN was sent first", receiptSentBefore},
	{"that come before the outcome stay", receiptEarly},
	{"that come before the outcome are followed by later ones", receiptEarlyWaiting},
	{"do not change a final outcome", receiptAfterFinal},
	{"leave the limits to the outcome", receiptPlace},
	{"with an id that a carrier uses again mean the newest delivery", receiptRemoteIDAgain},
	{"with our id as the carrier's own are found, from that carrier", receiptOurID},
	{"are not needed for a call's outcome", outcomeOfCall},
	{"are not found for an outcome of an unknown delivery", func(t *testing.T, w *world) {
		err := w.FinishDelivery(t.Context(), pin.Outcome{DeliveryID: w.id(), State: delivery.StateAccepted, At: start})
		wantKind(t, err, fault.NotFound)
	}},
}

// accepted is the outcome of a text that a carrier took and will report on.
func accepted(d pin.Delivery, remoteID string) pin.Outcome {
	return pin.Outcome{
		DeliveryID: d.ID, State: delivery.StateWaiting, Carrier: "smsc", RemoteID: remoteID, Taken: true,
		At: after(time.Second),
	}
}

// receipt is one that repeats our key.
func receipt(d pin.Delivery, state delivery.State) delivery.Receipt {
	return delivery.Receipt{Carrier: "smsc", AttemptID: d.ID, State: state, At: after(time.Minute)}
}

// remoteReceipt is one that knows only the carrier's key.
func remoteReceipt(carrier, remoteID string, state delivery.State) delivery.Receipt {
	return delivery.Receipt{Carrier: carrier, RemoteID: remoteID, State: state, At: after(time.Minute)}
}

func (w *world) wantDeliveryState(d pin.Delivery, want delivery.State) {
	w.t.Helper()
	for _, kept := range must(w.Deliveries(w.t.Context(), w.account.ID, d.PINID))(w.t) {
		if kept.ID == d.ID {
			equal(w.t, "state of the delivery", kept.State, want)
			return
		}
	}
	w.t.Errorf("delivery %s: got none, want one in state %s", d.ID, want)
}

func receiptByAttempt(t *testing.T, w *world) {
	_, d := w.newPIN(ana, start)
	_, bystander := w.newPIN(ana, start)
	ok(t, w.FinishDelivery(t.Context(), accepted(d, "r-1")))
	ok(t, w.RecordReceipt(t.Context(), receipt(d, delivery.StateDelivered)))
	w.wantDeliveryState(d, delivery.StateDelivered)
	w.wantDeliveryState(bystander, delivery.StateNotSent)
}

func receiptByRemoteID(t *testing.T, w *world) {
	_, d := w.newPIN(ana, start)
	_, bystander := w.newPIN(ana, start)
	ok(t, w.FinishDelivery(t.Context(), accepted(d, "r-1")))
	ok(t, w.FinishDelivery(t.Context(), accepted(bystander, "r-2")))
	ok(t, w.RecordReceipt(t.Context(), remoteReceipt("smsc", "r-1", delivery.StateDelivered)))
	w.wantDeliveryState(d, delivery.StateDelivered)
	w.wantDeliveryState(bystander, delivery.StateWaiting)
}

func receiptOfNobody(t *testing.T, w *world) {
	_, unfinished := w.newPIN(ana, start) // has no carrier and no remote id
	_, d := w.newPIN(ana, start)
	ok(t, w.FinishDelivery(t.Context(), accepted(d, "r-1")))
	for _, r := range []delivery.Receipt{
		receipt(pin.Delivery{ID: w.id()}, delivery.StateDelivered),
		remoteReceipt("smsc", "r-2", delivery.StateDelivered),
		remoteReceipt("another", "r-1", delivery.StateDelivered),
		remoteReceipt("smsc", "", delivery.StateDelivered),
		remoteReceipt("", "", delivery.StateDelivered),
	} {
		wantKind(t, w.RecordReceipt(t.Context(), r), fault.NotFound)
	}
	w.wantDeliveryState(unfinished, delivery.StateNotSent)
	w.wantDeliveryState(d, delivery.StateWaiting)
}

func receiptFinal(t *testing.T, w *world) {
	_, d := w.newPIN(ana, start)
	ok(t, w.FinishDelivery(t.Context(), accepted(d, "r-1")))
	for _, step := range []struct{ brought, kept delivery.State }{
		{delivery.StateNotSent, delivery.StateNotSent},
		{delivery.StateWaiting, delivery.StateWaiting},
		{delivery.StateNotDelivered, delivery.StateNotDelivered},
		{delivery.StateDelivered, delivery.StateNotDelivered},
		{delivery.StateWaiting, delivery.StateNotDelivered},
	} {
		ok(t, w.RecordReceipt(t.Context(), receipt(d, step.brought)))
		w.wantDeliveryState(d, step.kept)
	}
}

func receiptSettled(t *testing.T, w *world) {
	for _, one := range []struct{ before, want delivery.State }{
		{delivery.StateAccepted, delivery.StateDelivered},
		{delivery.StateUnknown, delivery.StateDelivered},
		{delivery.StateNotDelivered, delivery.StateNotDelivered},
		{delivery.StateNetworkNotAllowed, delivery.StateNetworkNotAllowed},
		{delivery.StateNetworkNotAvailable, delivery.StateNetworkNotAvailable},
		{delivery.StateInvalidDestination, delivery.StateInvalidDestination},
		{delivery.StateInvalidSource, delivery.StateInvalidSource},
		{delivery.StateNoCredit, delivery.StateNoCredit},
		{delivery.StateRejected, delivery.StateRejected},
		{delivery.StateExpired, delivery.StateExpired},
		{delivery.StateSystemError, delivery.StateSystemError},
	} {
		_, finished := w.newPIN(ana, start)
		outcome := accepted(finished, finished.ID)
		outcome.State = one.before
		ok(t, w.FinishDelivery(t.Context(), outcome))
		_, reported := w.newPIN(ana, start)
		ok(t, w.RecordReceipt(t.Context(), receipt(reported, one.before)))
		for _, d := range []pin.Delivery{finished, reported} {
			ok(t, w.RecordReceipt(t.Context(), receipt(d, delivery.StateDelivered)))
			w.wantDeliveryState(d, one.want)
		}
	}
}

func receiptSentAt(t *testing.T, w *world) {
	for _, state := range []delivery.State{delivery.StateWaiting, delivery.StateDelivered, delivery.StateNotDelivered} {
		p, d := w.newPIN(ana, start)
		bystander, _ := w.newPIN(ana, start)
		ok(t, w.RecordReceipt(t.Context(), receipt(d, state)))
		p.SentAt = after(time.Minute)
		equal(t, "PIN", w.stored(p), p)
		equal(t, "another PIN", w.stored(bystander), bystander)
	}
	p, d := w.newPIN(ana, start) // of one that no carrier seemed to have taken, and whose state stays
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{DeliveryID: d.ID, State: delivery.StateRejected, At: start}))
	ok(t, w.RecordReceipt(t.Context(), receipt(d, delivery.StateDelivered)))
	equal(t, "sent at", w.stored(p).SentAt, after(time.Minute))
}

func receiptSentBefore(t *testing.T, w *world) {
	p, d := w.finished(ana, start)
	ok(t, w.RecordReceipt(t.Context(), receipt(d, delivery.StateDelivered)))
	equal(t, "sent at after an outcome", w.stored(p).SentAt, start)
	p, d = w.newPIN(ana, start)
	first, second := receipt(d, delivery.StateWaiting), receipt(d, delivery.StateDelivered)
	second.At = after(time.Hour)
	ok(t, w.RecordReceipt(t.Context(), first))
	ok(t, w.RecordReceipt(t.Context(), second))
	equal(t, "sent at after two receipts", w.stored(p).SentAt, first.At)
}

func receiptEarly(t *testing.T, w *world) {
	p, d := w.newPIN(ana, start)
	ok(t, w.RecordReceipt(t.Context(), receipt(d, delivery.StateDelivered)))
	w.wantDeliveryState(d, delivery.StateDelivered)
	ok(t, w.FinishDelivery(t.Context(), accepted(d, "r-1")))
	d = became(d, delivery.StateDelivered, after(time.Minute))
	d.Carrier, d.RemoteID = "smsc", "r-1"
	equal(t, "deliveries", must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t), []pin.Delivery{d})
	equal(t, "sent at", w.stored(p).SentAt, after(time.Minute)) // the receipt's, which came first
}

func receiptEarlyWaiting(t *testing.T, w *world) {
	_, d := w.newPIN(ana, start)
	ok(t, w.RecordReceipt(t.Context(), receipt(d, delivery.StateWaiting)))
	outcome := accepted(d, "r-1")
	outcome.State = delivery.StateAccepted
	ok(t, w.FinishDelivery(t.Context(), outcome))
	w.wantDeliveryState(d, delivery.StateWaiting)
	ok(t, w.RecordReceipt(t.Context(), remoteReceipt("smsc", "r-1", delivery.StateExpired)))
	w.wantDeliveryState(d, delivery.StateExpired)
}

func receiptAfterFinal(t *testing.T, w *world) {
	_, d := w.newPIN(ana, start)
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{DeliveryID: d.ID, State: delivery.StateRejected, At: start}))
	ok(t, w.RecordReceipt(t.Context(), receipt(d, delivery.StateDelivered)))
	w.wantDeliveryState(d, delivery.StateRejected)
	ok(t, w.FinishDelivery(t.Context(), accepted(d, "r-1")))
	w.wantDeliveryState(d, delivery.StateRejected)
}

func receiptPlace(t *testing.T, w *world) {
	limit := w.numberLimit(ana, 1, time.Hour)
	_, d := w.newPIN(ana, start, limit)
	ok(t, w.RecordReceipt(t.Context(), receipt(d, delivery.StateRejected)))
	wantFull(t, w.send(ana, after(time.Minute), limit), limit, after(time.Hour))
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{DeliveryID: d.ID, State: delivery.StateSystemError, At: start}))
	w.wantDeliveryState(d, delivery.StateRejected)
	ok(t, w.send(ana, after(time.Minute), limit))
}

func receiptRemoteIDAgain(t *testing.T, w *world) {
	_, older := w.newPIN(ana, start)
	_, newer := w.newPIN(ana, after(time.Minute))
	ok(t, w.FinishDelivery(t.Context(), accepted(older, "r-1")))
	ok(t, w.FinishDelivery(t.Context(), accepted(newer, "r-1")))
	ok(t, w.RecordReceipt(t.Context(), remoteReceipt("smsc", "r-1", delivery.StateDelivered)))
	w.wantDeliveryState(older, delivery.StateWaiting)
	w.wantDeliveryState(newer, delivery.StateDelivered)
}

func outcomeOfCall(t *testing.T, w *world) {
	p, _ := w.draft(ana, start)
	d := w.call(p.ID, start)
	ok(t, w.CreatePIN(t.Context(), p, d, nil))
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{
		DeliveryID: d.ID, State: delivery.StateNotDelivered, Taken: true, At: after(time.Minute),
	}))
	w.wantDeliveryState(d, delivery.StateNotDelivered)
	equal(t, "sent at", w.stored(p).SentAt, after(time.Minute))
}

func receiptOurID(t *testing.T, w *world) {
	p, d := w.newPIN(ana, start)
	unsaid, other := w.newPIN(ben, start)
	ok(t, w.FinishDelivery(t.Context(), accepted(d, d.ID)))
	ok(t, w.FinishDelivery(t.Context(), accepted(other, "r-2")))
	for _, r := range []delivery.Receipt{
		{Carrier: "another", RemoteID: d.ID, State: delivery.StateDelivered, At: after(time.Minute)},
		{Carrier: "smsc", RemoteID: other.ID, State: delivery.StateDelivered, At: after(time.Minute)}, // it has said another
	} {
		wantKind(t, w.RecordReceipt(t.Context(), r), fault.NotFound)
	}
	ok(t, w.RecordReceipt(t.Context(), delivery.Receipt{
		Carrier: "smsc", RemoteID: d.ID, State: delivery.StateDelivered, At: after(time.Minute),
	}))
	equal(t, "state", must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t)[0].State, delivery.StateDelivered)
	equal(t, "state of another", must(w.Deliveries(t.Context(), w.account.ID, unsaid.ID))(t)[0].State, delivery.StateWaiting)
}
