package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

var limitChecks = []check{
	{"of a number are full after so many sends", limitOfNumber},
	{"of an application count all its numbers", limitOfApplication},
	{"count an event until its interval is over, that instant excluded", limitBoundary},
	{"look at any span, not at fixed windows", limitSlides},
	{"agree with a count by hand", limitByHand},
	{"that were lowered are free when enough events have left", limitLowered},
	{"count texts and calls, sends and resends together", limitChannels},
	{"count sends and verify requests apart", limitKinds},
	{"count each application apart", limitApplications},
	{"without any place admit nothing", limitOfNone},
	{"are all looked at before a place is taken", limitAllOrNone},
	{"are reported in the order given", limitFirst},
	{"get the place of an untaken delivery back", limitReleased},
	{"keep the place of a delivery that a carrier took", limitKept},
}

const ms = time.Millisecond

func limitOfNumber(t *testing.T, w *world) {
	limit := w.numberLimit(ana, 3, time.Hour)
	for i := range 3 {
		ok(t, w.send(ana, after(time.Duration(i)*time.Minute), limit))
	}
	p, d := w.draft(ana, after(3*time.Minute))
	wantFull(t, w.CreatePIN(t.Context(), p, d, []pin.Limit{limit}), limit, after(time.Hour))
	_, err := w.PIN(t.Context(), w.account.ID, p.ID)
	wantKind(t, err, fault.NotFound)
	ok(t, w.send(ben, after(3*time.Minute), w.numberLimit(ben, 3, time.Hour)))
}

func limitOfApplication(t *testing.T, w *world) {
	limit := w.wholeLimit(2, time.Hour)
	ok(t, w.send(ana, start, limit))
	ok(t, w.send(ben, after(time.Minute), limit))
	wantFull(t, w.send("4915112345678", after(2*time.Minute), limit), limit, after(time.Hour))
}

func limitBoundary(t *testing.T, w *world) {
	for i, limit := range w.limitsOf(ana, 1, time.Minute) {
		begin := after(time.Duration(i) * 24 * time.Hour) // nothing that happened before counts any more
		ok(t, w.send(ana, begin, limit))
		wantFull(t, w.send(ana, begin, limit), limit, begin.Add(time.Minute))
		wantFull(t, w.send(ana, begin.Add(time.Minute-ms), limit), limit, begin.Add(time.Minute))
		ok(t, w.send(ana, begin.Add(time.Minute), limit))
		wantFull(t, w.send(ana, begin.Add(2*time.Minute-ms), limit), limit, begin.Add(2*time.Minute))
		ok(t, w.send(ana, begin.Add(2*time.Minute), limit))
	}
}

func limitSlides(t *testing.T, w *world) {
	limit := w.numberLimit(ana, 3, time.Minute)
	for _, at := range []time.Duration{0, 50 * time.Second, 55 * time.Second} {
		ok(t, w.send(ana, after(at), limit))
	}
	wantFull(t, w.send(ana, after(59*time.Second), limit), limit, after(60*time.Second))
	ok(t, w.send(ana, after(60*time.Second), limit))
	wantFull(t, w.send(ana, after(61*time.Second), limit), limit, after(110*time.Second))
	wantFull(t, w.send(ana, after(110*time.Second-ms), limit), limit, after(110*time.Second))
	ok(t, w.send(ana, after(110*time.Second), limit))
	wantFull(t, w.send(ana, after(111*time.Second), limit), limit, after(115*time.Second))
}

func limitLowered(t *testing.T, w *world) {
	for i := range 4 {
		ok(t, w.send(ana, after(time.Duration(i)*time.Minute), w.numberLimit(ana, 4, time.Hour)))
	}
	lower := w.numberLimit(ana, 2, time.Hour)
	wantFull(t, w.send(ana, after(4*time.Minute), lower), lower, after(time.Hour+2*time.Minute))
	shorter := w.numberLimit(ana, 2, 2*time.Minute)
	ok(t, w.send(ana, after(4*time.Minute), shorter)) // only that of 3 minutes is in the window
}

func limitChannels(t *testing.T, w *world) {
	limits := []pin.Limit{w.numberLimit(ana, 3, time.Hour), w.wholeLimit(4, time.Hour)}
	p, _ := w.newPIN(ana, start, limits...)
	for i, channel := range []pin.Channel{pin.ChannelVoice, pin.ChannelSMS} {
		d := w.delivery(p.ID, after(time.Duration(i+1)*time.Minute))
		d.Channel = channel
		must(w.AddDelivery(t.Context(), d, again(3), limits))(t)
	}
	_, err := w.AddDelivery(t.Context(), w.delivery(p.ID, after(5*time.Minute)), again(3), limits)
	wantFull(t, err, limits[0], after(time.Hour))
	wantFull(t, w.send(ana, after(5*time.Minute), limits...), limits[0], after(time.Hour))
	toBen := []pin.Limit{w.numberLimit(ben, 3, time.Hour), limits[1]}
	ok(t, w.send(ben, after(5*time.Minute), toBen...))
	wantFull(t, w.send(ben, after(5*time.Minute), toBen...), limits[1], after(time.Hour))
}

func limitKinds(t *testing.T, w *world) {
	sends, checks := w.numberLimit(ana, 1, time.Hour), w.checkLimit(ana, 1, time.Hour)
	p, _ := w.newPIN(ana, start, sends)
	_, _, err := w.guess(p.ID, start, again(9), checks)
	ok(t, err)
	wantFull(t, w.send(ana, after(time.Minute), sends), sends, after(time.Hour))
	_, _, err = w.guess(p.ID, after(time.Minute), again(9), checks)
	wantFull(t, err, checks, after(time.Hour))
}

func limitApplications(t *testing.T, w *world) {
	limits := w.limitsOf(ana, 1, time.Hour)
	ok(t, w.send(ana, start, limits...))
	w.app = w.newApplication(w.account.ID, start)
	others := w.limitsOf(ana, 1, time.Hour)
	ok(t, w.send(ana, start, others...))
	wantFull(t, w.send(ana, start, others...), others[0], after(time.Hour))
	wantFull(t, w.send(ben, start, others[1]), others[1], after(time.Hour))
}

func limitOfNone(t *testing.T, w *world) {
	limit := w.numberLimit(ana, 0, time.Hour)
	wantFull(t, w.send(ana, start, limit), limit, after(time.Hour))
}

func limitAllOrNone(t *testing.T, w *world) {
	number, whole := w.numberLimit(ana, 1, time.Hour), w.wholeLimit(1, time.Hour)
	ok(t, w.send(ben, start, whole))
	wantFull(t, w.send(ana, after(time.Minute), number, whole), whole, after(time.Hour))
	p, _ := w.newPIN(ana, after(2*time.Minute), number) // so the refused send took no place of the number

	resend := w.delivery(p.ID, after(3*time.Minute))
	_, err := w.AddDelivery(t.Context(), resend, again(3), []pin.Limit{w.numberLimit(ana, 2, time.Hour), whole})
	wantFull(t, err, whole, after(time.Hour+2*time.Minute)) // with two events, the place comes free with the later one
	_, err = w.AddDelivery(t.Context(), resend, again(3), []pin.Limit{w.numberLimit(ana, 2, time.Hour)})
	ok(t, err)
}

func limitFirst(t *testing.T, w *world) {
	number, whole := w.numberLimit(ana, 1, time.Hour), w.wholeLimit(1, 2*time.Hour)
	ok(t, w.send(ana, start, number, whole))
	wantFull(t, w.send(ana, start, number, whole), number, after(time.Hour))
	wantFull(t, w.send(ana, start, whole, number), whole, after(2*time.Hour))
}

func limitReleased(t *testing.T, w *world) {
	limits := w.limitsOf(ana, 2, time.Hour)
	p, kept := w.newPIN(ana, start, limits...)
	lost := w.delivery(p.ID, after(time.Minute))
	must(w.AddDelivery(t.Context(), lost, again(3), limits))(t)
	untaken := pin.Outcome{DeliveryID: lost.ID, State: delivery.StateRejected, At: after(time.Minute)}
	for range 2 { // giving the same place back again gives back no other
		ok(t, w.FinishDelivery(t.Context(), untaken))
	}
	ok(t, w.send(ana, after(2*time.Minute), limits...))
	wantFull(t, w.send(ana, after(3*time.Minute), limits...), limits[0], after(time.Hour))
	wantFull(t, w.send(ben, after(3*time.Minute), limits[1]), limits[1], after(time.Hour))

	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{
		DeliveryID: kept.ID, State: delivery.StateNotSent, At: after(4 * time.Minute),
	}))
	ok(t, w.send(ana, after(5*time.Minute), limits...))
}

func limitKept(t *testing.T, w *world) {
	limits := w.limitsOf(ana, 1, time.Hour)
	_, d := w.newPIN(ana, start, limits...)
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{
		DeliveryID: d.ID, State: delivery.StateUnknown, Taken: true, At: after(time.Second),
	}))
	wantFull(t, w.send(ana, after(time.Minute), limits...), limits[0], after(time.Hour))
	wantFull(t, w.send(ben, after(time.Minute), limits[1]), limits[1], after(time.Hour))
}
