package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

var pinChecks = []check{
	{"are found as they were kept", pinRoundTrip},
	{"of another account or an unknown id are not found", pinOfAnother},
	{"come with their first delivery", func(t *testing.T, w *world) {
		p, d := w.newPIN(ana, start)
		equal(t, "deliveries", must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t), []pin.Delivery{d})
	}},
	{"are kept whole or not at all", pinWhole},
}

func pinRoundTrip(t *testing.T, w *world) {
	plain, _ := w.newPIN(ana, start)
	full, d := w.draft(ben, after(time.Millisecond))
	full.From, full.LookupNeeded, full.Sealed = "Bank", true, []byte{0, 1, 0xff, '\'', 0}
	full.Attempts, full.VerifiedAt, full.SentAt = 7, after(time.Second), after(time.Minute)
	ok(t, w.CreatePIN(t.Context(), full, d, nil))
	equal(t, "plain PIN", w.stored(plain), plain)
	equal(t, "full PIN", w.stored(full), full)
}

func pinOfAnother(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	p, _ := w.newPIN(ana, start)
	for _, key := range [][2]string{{other.ID, p.ID}, {"", p.ID}, {w.account.ID, w.id()}} {
		_, err := w.PIN(t.Context(), key[0], key[1])
		wantMissing(t, err, noPIN)
		_, err = w.KnownPIN(t.Context(), key[0], key[1])
		wantMissing(t, err, noPIN)
	}
}

// pinWhole keeps a PIN whose delivery cannot be kept, as its id is taken: no PIN may be left, and no place.
func pinWhole(t *testing.T, w *world) {
	limit := w.numberLimit(ana, 1, time.Hour)
	_, taken := w.newPIN(ben, start)
	p, d := w.draft(ana, start)
	d.ID = taken.ID
	if err := w.CreatePIN(t.Context(), p, d, []pin.Limit{limit}); err == nil {
		t.Fatal("got no error, want one for a delivery id that is taken")
	}
	_, err := w.PIN(t.Context(), w.account.ID, p.ID)
	wantMissing(t, err, noPIN)
	ok(t, w.send(ana, start, limit))
}

var deliveryChecks = []check{
	{"are added to a live PIN", deliveryAdded},
	{"are listed oldest first, for the account alone", deliveryOrder},
	{"of an unknown PIN are not added", func(t *testing.T, w *world) {
		_, err := w.AddDelivery(t.Context(), w.delivery(w.id(), start), again(3), nil)
		wantMissing(t, err, noPIN)
	}},
	{"are not added to a PIN that has expired", deliveryExpired},
	{"are not added to a PIN that was used", deliveryUsed},
	{"are not added to a PIN without attempts", deliveryExhausted},
	{"are refused by the state before the limits", deliveryStateFirst},
	{"note their outcome", deliveryOutcome},
	{"note the tries to give them to a carrier", deliveryTries},
	{"note the first time that a carrier took the PIN", deliverySentAt},
	{"are seen with an outcome that was handed over", deliveryHandedOver},
	{"say when an outcome that was handed over is lost", deliveryLost},
}

func deliveryAdded(t *testing.T, w *world) {
	p, first := w.newPIN(ana, start)
	second := w.call(p.ID, after(time.Minute))
	equal(t, "PIN", must(w.AddDelivery(t.Context(), second, once(3), nil))(t), p)
	equal(t, "deliveries", must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t), []pin.Delivery{first, second})
}

func deliveryOrder(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	w.newPIN(ana, start)
	p, first := w.newPIN(ana, start)
	late, same := w.delivery(p.ID, after(time.Minute)), w.delivery(p.ID, start)
	for _, d := range []pin.Delivery{late, same} {
		must(w.AddDelivery(t.Context(), d, again(3), nil))(t)
	}
	got := must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t)
	equal(t, "deliveries", got, []pin.Delivery{first, same, late})
	equal(t, "number of deliveries for another account", len(must(w.Deliveries(t.Context(), other.ID, p.ID))(t)), 0)
}

func deliveryExpired(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	_, err := w.AddDelivery(t.Context(), w.delivery(p.ID, p.ExpiresAt), again(3), nil)
	wantState(t, err, pin.Expired)
	equal(t, "number of deliveries", len(must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t)), 1)
	must(w.AddDelivery(t.Context(), w.delivery(p.ID, p.ExpiresAt.Add(-time.Millisecond)), again(3), nil))(t)
}

func deliveryUsed(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	w.consume(p, after(time.Second), again(3), true)
	_, err := w.AddDelivery(t.Context(), w.delivery(p.ID, after(time.Minute)), once(3), nil)
	wantState(t, err, pin.Used)
	must(w.AddDelivery(t.Context(), w.delivery(p.ID, after(time.Minute)), again(3), nil))(t)
}

func deliveryExhausted(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	_, _, err := w.guess(p.ID, start, once(1), w.manyChecks(ana))
	ok(t, err)
	_, err = w.AddDelivery(t.Context(), w.delivery(p.ID, after(time.Minute)), once(1), nil)
	wantState(t, err, pin.Exhausted)
}

func deliveryStateFirst(t *testing.T, w *world) {
	limit := w.numberLimit(ana, 1, 24*time.Hour)
	p, _ := w.newPIN(ana, start, limit)
	_, err := w.AddDelivery(t.Context(), w.delivery(p.ID, p.ExpiresAt), again(3), []pin.Limit{limit})
	wantState(t, err, pin.Expired)
	_, err = w.AddDelivery(t.Context(), w.delivery(p.ID, after(time.Minute)), again(3), []pin.Limit{limit})
	wantFull(t, err, limit, after(24*time.Hour))
	equal(t, "number of deliveries", len(must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t)), 1)
}

func deliveryOutcome(t *testing.T, w *world) {
	p, first := w.newPIN(ana, start)
	second := w.delivery(p.ID, after(time.Minute))
	must(w.AddDelivery(t.Context(), second, again(3), nil))(t)
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{
		DeliveryID: second.ID, State: delivery.StateWaiting, Carrier: "smsc", RemoteID: "r-1", Taken: true,
		At: after(time.Hour),
	}))
	second = became(second, delivery.StateWaiting, after(time.Hour))
	second.Carrier, second.RemoteID = "smsc", "r-1"
	equal(t, "deliveries", must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t), []pin.Delivery{first, second})
}

func deliveryTries(t *testing.T, w *world) {
	p, first := w.newPIN(ana, start)
	second := w.delivery(p.ID, after(time.Minute))
	must(w.AddDelivery(t.Context(), second, again(3), nil))(t)
	tries := []delivery.Attempt{
		{Carrier: "smsc", Class: delivery.LinkDown, Code: "not bound", At: after(time.Minute), Took: time.Millisecond},
		{Carrier: "gateway", Class: delivery.Ambiguous, Code: "504", At: after(2 * time.Minute), Took: 5 * time.Second},
		{Carrier: "backup", Class: delivery.Taken, At: after(3 * time.Minute), Took: 20 * time.Millisecond},
	}
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{
		DeliveryID: second.ID, State: delivery.StateAccepted, Carrier: "backup", Taken: true, At: after(time.Hour), Attempts: tries,
	}))
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{
		DeliveryID: first.ID, State: delivery.StateNetworkNotAvailable, At: after(time.Hour), Attempts: tries[:2],
	}))
	first, second = became(first, delivery.StateNetworkNotAvailable, after(time.Hour)), became(second, delivery.StateAccepted, after(time.Hour))
	second.Carrier = "backup"
	first.Attempts, second.Attempts = tries[:2], tries
	equal(t, "deliveries", must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t), []pin.Delivery{first, second})
}

func deliverySentAt(t *testing.T, w *world) {
	p, first := w.newPIN(ana, start)
	bystander, _ := w.newPIN(ana, start)
	finish := func(d pin.Delivery, taken bool, at time.Time) {
		t.Helper()
		ok(t, w.FinishDelivery(t.Context(), pin.Outcome{
			DeliveryID: d.ID, State: delivery.StateUnknown, Taken: taken, At: at,
		}))
	}
	finish(first, false, after(time.Second))
	equal(t, "sent at when no carrier took it", w.stored(p).SentAt, time.Time{})
	for i := range 2 {
		d := w.delivery(p.ID, start)
		must(w.AddDelivery(t.Context(), d, again(3), nil))(t)
		finish(d, true, after(time.Duration(i+1)*time.Minute))
		equal(t, "sent at", w.stored(p).SentAt, after(time.Minute))
	}
	equal(t, "sent at of another PIN", w.stored(bystander).SentAt, time.Time{})
}

// handOver notes that a carrier took a delivery, and allows the store to return early.
func (w *world) handOver(d pin.Delivery, lost func(error)) error {
	o := accepted(d, d.ID)
	o.Lost = lost
	return w.FinishDelivery(w.t.Context(), o)
}

func deliveryHandedOver(t *testing.T, w *world) {
	lost := func(err error) { t.Errorf("an outcome is lost: %v", err) }
	for range 20 {
		p, d := w.newPIN(ana, start)
		ok(t, w.handOver(d, lost))
		got := must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t)
		if len(got) != 1 || got[0].State != delivery.StateWaiting {
			t.Fatalf("deliveries: got %+v, want the outcome in them", got)
		}
		p, d = w.newPIN(ben, start)
		ok(t, w.handOver(d, lost))
		ok(t, w.RecordReceipt(t.Context(), receipt(d, delivery.StateDelivered)))
		got = must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t)
		if len(got[0].History) != 3 || got[0].State != delivery.StateDelivered {
			t.Fatalf("deliveries: got %+v, want the receipt after the outcome", got)
		}
		_, d = w.newPIN(ben, start)
		ok(t, w.handOver(d, lost))
		list := w.verifications(pin.VerificationFilter{}, 1)
		equal(t, "sent at", list[0].SentAt, after(time.Second))
	}
}

func deliveryLost(t *testing.T, w *world) {
	p, d := w.newPIN(ana, start)
	heard := make(chan error, 1)
	d.ID = must(w.NewDeliveryID(t.Context(), p.ID))(t) // which nobody keeps
	if err := w.handOver(d, func(err error) { heard <- err }); err != nil {
		heard <- err
	}
	select {
	case err := <-heard:
		wantKind(t, err, fault.NotFound)
	case <-time.After(10 * time.Second):
		t.Error("nobody hears of it")
	}
}
