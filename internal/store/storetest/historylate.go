package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
)

func historyOvertaken(t *testing.T, w *world) {
	_, d := w.newPIN(ana, start)
	w.report(d, delivery.StateDelivered, after(time.Second))
	d = became(d, delivery.StateDelivered, after(time.Second))
	w.wantHistory(d)
	w.outcome(d, delivery.StateWaiting, after(2*time.Second))
	w.wantHistory(d)
}

func historyOvertakenWaiting(t *testing.T, w *world) {
	_, d := w.newPIN(ana, start)
	w.report(d, delivery.StateWaiting, after(time.Second))
	w.outcome(d, delivery.StateAccepted, after(2*time.Second))
	d = became(d, delivery.StateWaiting, after(time.Second))
	w.wantHistory(d)
	w.report(d, delivery.StateNotDelivered, after(time.Minute))
	w.wantHistory(became(d, delivery.StateNotDelivered, after(time.Minute)))
}

func historyUnsettled(t *testing.T, w *world) {
	for _, state := range []delivery.State{delivery.StateAccepted, delivery.StateUnknown} {
		_, d := w.newPIN(ana, start)
		w.outcome(d, state, after(time.Second))
		w.report(d, delivery.StateDelivered, after(time.Minute))
		w.wantHistory(became(became(d, state, after(time.Second)), delivery.StateDelivered, after(time.Minute)))
	}
}

func historySettled(t *testing.T, w *world) {
	for _, state := range []delivery.State{delivery.StateDelivered, delivery.StateNotDelivered, delivery.StateRejected, delivery.StateExpired} {
		_, finished := w.newPIN(ana, start)
		w.outcome(finished, state, after(time.Second))
		_, reported := w.newPIN(ana, start)
		w.report(reported, state, after(time.Second))
		for _, d := range []pin.Delivery{finished, reported} {
			for _, late := range []delivery.State{delivery.StateWaiting, delivery.StateUnknown, delivery.StateSystemError} {
				w.report(d, late, after(time.Minute))
				w.outcome(d, late, after(time.Minute))
			}
			w.wantHistory(became(d, state, after(time.Second)))
		}
	}
}

func historyTimesBack(t *testing.T, w *world) {
	_, d := w.newPIN(ana, start)
	w.outcome(d, delivery.StateWaiting, after(time.Hour))
	w.report(d, delivery.StateDelivered, start.Add(-time.Hour)) // by the carrier's own clock
	w.wantHistory(became(became(d, delivery.StateWaiting, after(time.Hour)), delivery.StateDelivered, start.Add(-time.Hour)))
}

func historyAbandoned(t *testing.T, w *world) {
	_, left := w.abandoned()
	_, finished := w.abandoned()
	_, reported := w.abandoned()
	late := after(6 * time.Minute)
	w.outcome(finished, delivery.StateWaiting, late)
	w.report(reported, delivery.StateDelivered, late)
	w.outcome(reported, delivery.StateAccepted, late)
	w.purge(after(30*time.Minute), day, false)
	w.wantHistory(left)
	w.wantHistory(became(finished, delivery.StateWaiting, late))
	w.wantHistory(became(reported, delivery.StateDelivered, late))
}

func historyAbandonedOnce(t *testing.T, w *world) {
	p, _ := w.draft(ana, start)
	d := w.delivery(p.ID, start)
	d.State = delivery.StateUnknown // the state that giving up brings
	ok(t, w.CreatePIN(t.Context(), p, d, nil))
	w.purge(after(pin.AbandonedAfter+ms), day, true)
	w.purge(after(pin.AbandonedAfter+time.Minute), day, false)
	w.wantHistory(began(d))
}

func historyRace(t *testing.T, w *world) {
	for range 10 {
		_, d := w.newPIN(ana, start)
		states := []delivery.State{delivery.StateWaiting, delivery.StateAccepted, delivery.StateUnknown, delivery.StateDelivered}
		for i, err := range together(func(i int) error {
			at, state := after(time.Duration(i)*time.Second), states[i%len(states)]
			if i%2 == 0 {
				return w.FinishDelivery(t.Context(), pin.Outcome{DeliveryID: d.ID, State: state, Taken: true, At: at})
			}
			return w.RecordReceipt(t.Context(), delivery.Receipt{AttemptID: d.ID, State: state, At: at})
		}) {
			if err != nil {
				t.Errorf("change %d: got error %v, want none", i, err)
			}
		}
		kept := w.storedDelivery(d)
		last := len(kept.History) - 1
		if last < 1 || kept.History[0] != d.History[0] || kept.History[last].State != delivery.StateDelivered {
			t.Errorf("history: got %v, want it to go from %s to %s", kept.History, d.State, delivery.StateDelivered)
		}
		equal(t, "state", kept.State, delivery.StateDelivered)
		for i := range last {
			if kept.History[i].State == kept.History[i+1].State {
				t.Errorf("history: got %v, want no state twice in a row", kept.History)
			}
		}
	}
}
