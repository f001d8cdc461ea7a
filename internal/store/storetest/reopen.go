package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

// RunReopen closes a store and opens it again: everything must still be there. fresh makes an empty place for a store
// and gives what opens it, each time it is called.
func RunReopen(t *testing.T, fresh func(t *testing.T) (open func(t *testing.T) Store)) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, w *world, reopen func())
	}{
		{"everything is there as it was", reopenAll},
		{"limits go on counting", reopenLimits},
		{"a used PIN stays used", reopenUsed},
		{"a delivery that nobody finished is given up", reopenAbandoned},
		{"a key stands for its first request", reopenFirsts},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			open := fresh(t)
			w := newWorld(t, open(t))
			c.run(t, w, func() {
				t.Helper()
				ok(t, w.Close())
				w.Store = open(t)
				t.Cleanup(func() { ok(t, w.Close()) })
			})
		})
	}
}

func reopenAll(t *testing.T, w *world, reopen func()) {
	ctx := t.Context()
	good, bad := w.newKey(w.account.ID, "good", start), w.newKey(w.account.ID, "bad", start)
	ok(t, w.RevokeKey(ctx, bad.ID, after(time.Minute)))
	p, d := w.newPIN(ana, start)
	ok(t, w.FinishDelivery(ctx, accepted(d, "r-1")))
	ok(t, w.RecordReceipt(ctx, receipt(d, delivery.StateDelivered)))
	late, handedOver := w.newPIN(ben, start)
	w.attempt(p, after(time.Minute), again(3), pin.Live)
	w.consume(p, after(time.Minute), again(3), true)
	entry := w.entry(w.account.ID, p.ID, ana, start)
	ok(t, w.handOver(handedOver, func(err error) { t.Errorf("an outcome is lost: %v", err) }))
	reopen()

	equal(t, "account", must(w.AccountByName(ctx, w.account.Name))(t), w.account)
	equal(t, "account of the key", must(w.GoodKey(ctx, good.Hash))(t).AccountID, w.account.ID)
	_, err := w.GoodKey(ctx, bad.Hash)
	wantKind(t, err, fault.NotFound)
	equal(t, "application", must(w.Application(ctx, w.account.ID, w.app.ID))(t), w.app)
	equal(t, "message", must(w.Message(ctx, w.account.ID, w.app.ID, w.message.ID))(t), w.message)
	p.Attempts, p.VerifiedAt, p.SentAt = 2, after(time.Minute), after(time.Second)
	equal(t, "PIN", w.stored(p), p)
	d = became(became(d, delivery.StateWaiting, after(time.Second)), delivery.StateDelivered, after(time.Minute))
	d.Carrier, d.RemoteID = "smsc", "r-1"
	equal(t, "deliveries", must(w.Deliveries(ctx, w.account.ID, p.ID))(t), []pin.Delivery{d})
	equal(t, "sent at", w.stored(late).SentAt, after(time.Second))
	equal(t, "inbox", must(w.Entries(ctx, w.whole(), 10))(t), []inbox.Entry{entry})
	equal(t, "last cursor", must(w.LastCursor(ctx))(t), entry.Cursor)
}

func reopenLimits(t *testing.T, w *world, reopen func()) {
	limits := w.limitsOf(ana, 2, time.Hour)
	checks := w.checkLimit(ana, 1, time.Hour)
	p, lost := w.newPIN(ana, start, limits...)
	ok(t, w.send(ana, after(time.Minute), limits...))
	_, _, err := w.guess(p.ID, start, again(3), checks)
	ok(t, err)
	reopen()

	wantFull(t, w.send(ana, after(time.Hour-ms), limits...), limits[0], after(time.Hour))
	wantFull(t, w.send(ben, after(time.Hour-ms), limits[1]), limits[1], after(time.Hour))
	_, _, err = w.guess(p.ID, after(time.Minute), again(3), checks)
	wantFull(t, err, checks, after(time.Hour))
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{DeliveryID: lost.ID, State: delivery.StateRejected, At: start}))
	ok(t, w.send(ana, after(2*time.Minute), limits...))
}

func reopenUsed(t *testing.T, w *world, reopen func()) {
	p, _ := w.newPIN(ana, start)
	w.consume(p, after(time.Second), once(3), true)
	reopen()
	w.consume(p, after(time.Minute), once(3), false)
	p.VerifiedAt, p.Attempts, p.Sealed = after(time.Second), 1, nil
	equal(t, "PIN", w.stored(p), p)
}

func reopenAbandoned(t *testing.T, w *world, reopen func()) {
	_, d := w.newPIN(ana, start)
	_, done := w.finished(ana, start)
	reopen()
	w.purge(after(pin.AbandonedAfter+ms), day, true)
	w.wantHistory(became(d, delivery.StateUnknown, after(pin.AbandonedAfter+ms)))
	w.wantHistory(became(done, delivery.StateWaiting, start))
}
