package storetest

import (
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
)

// outcomeOf is what becomes of the delivery of a first request, with what its caller hears.
func outcomeOf(f pin.First, a pin.Answer) pin.Outcome {
	return pin.Outcome{DeliveryID: f.DeliveryID, State: delivery.StateWaiting, Taken: true, At: f.At, Answer: &a}
}

func firstAnswered(t *testing.T, w *world) {
	for name, a := range map[string]pin.Answer{
		"text":      {NCStatus: pin.NCReachable, SMSStatus: pin.SMSSent},
		"no lookup": {SMSStatus: pin.SMSNotSent},
		"call":      {CallStatus: delivery.CallProcessing},
		"nothing":   {},
	} {
		_, f := w.newFirst(key(name, ""), start)
		ok(t, w.FinishDelivery(t.Context(), outcomeOf(f, a)))
		f.Answer = &a
		equal(t, name, w.first(key(name, "")), f)
	}
	_, f := w.newFirst(key("silent", ""), start)
	silent := outcomeOf(f, pin.Answer{})
	silent.Answer = nil
	ok(t, w.FinishDelivery(t.Context(), silent))
	equal(t, "outcome without an answer", w.first(key("silent", "")), f)
}

func firstAnswerStays(t *testing.T, w *world) {
	sent, not := pin.Answer{SMSStatus: pin.SMSSent}, pin.Answer{SMSStatus: pin.SMSNotSent}
	_, finished := w.newFirst(key("finished", ""), start)
	ok(t, w.FinishDelivery(t.Context(), outcomeOf(finished, sent)))
	equal(t, "answer kept", must(w.KeepAnswer(t.Context(), finished.DeliveryID, not))(t), sent)
	ok(t, w.FinishDelivery(t.Context(), outcomeOf(finished, not)))
	equal(t, "answer of a finished delivery", *w.first(key("finished", "")).Answer, sent)

	_, given := w.newFirst(key("given", ""), start)
	equal(t, "answer kept", must(w.KeepAnswer(t.Context(), given.DeliveryID, not))(t), not)
	ok(t, w.FinishDelivery(t.Context(), outcomeOf(given, sent)))
	equal(t, "answer given before the outcome", *w.first(key("given", "")).Answer, not)
}

// kept is a PIN whose key is kept and that nothing else of it is left to purge for years.
func (w *world) kept(once *pin.Once) pin.First {
	w.t.Helper()
	p, d := w.draft(ana, start)
	p.ExpiresAt, d.Once = after(365*day), once
	ok(w.t, w.CreatePIN(w.t.Context(), p, d, nil))
	w.finish(d, start)
	return firstOf(p, d)
}

func firstPurged(t *testing.T, w *world) {
	f := w.kept(key("a", "send"))
	w.purge(after(pin.KeyLifetime-ms), day, false)
	equal(t, "first request", w.first(key("a", "")), f)
	w.purge(after(pin.KeyLifetime), day, true)
	w.wantNoFirst(key("a", "send"))
	w.purge(after(pin.KeyLifetime), day, false)
}

func firstPurgedInSteps(t *testing.T, w *world) {
	for _, name := range []string{"a", "b", "c"} {
		w.kept(key(name, "send"))
	}
	for _, want := range []int{2, 1, 0} {
		equal(t, "keys removed", must(w.PurgePINs(t.Context(), after(pin.KeyLifetime), day, 2))(t), want)
	}
}

// reopenFirsts has a process die right after a PIN was kept, and after an answer was.
func reopenFirsts(t *testing.T, w *world, reopen func()) {
	p, lost := w.newFirst(key("lost", "send"), start)
	_, done := w.newFirst(key("done", "send"), start)
	answer := pin.Answer{NCStatus: pin.NCUnknown, SMSStatus: pin.SMSSent}
	ok(t, w.FinishDelivery(t.Context(), outcomeOf(done, answer)))
	reopen()
	done.Answer = &answer
	wantRepeat(t, w.sendOnce(key("lost", "send"), after(ms)), lost)
	wantRepeat(t, w.sendOnce(key("done", "another"), after(ms)), done)
	equal(t, "PIN", w.stored(p), p)
	equal(t, "answer", must(w.KeepAnswer(t.Context(), lost.DeliveryID, answer))(t), answer)
}
