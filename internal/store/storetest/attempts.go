package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

var attemptChecks = []check{
	{"are counted", attemptCounted},
	{"are counted before anybody compares", attemptCompared},
	{"leave nothing when nobody can compare", attemptUncompared},
	{"wipe the PIN with the last", attemptLast},
	{"are not counted on a PIN without attempts", attemptExhausted},
	{"are not counted on an expired PIN, which is wiped", attemptExpired},
	{"are not counted on a PIN that was used", attemptUsed},
	{"wipe a PIN that lower limits have ended", attemptLowered},
	{"wipe a PIN that was used before it had to verify once", attemptUsedBefore},
	{"are counted on a verified PIN that verifies again", attemptVerifiedAgain},
	{"are refused by a full limit before they are counted", attemptLimited},
	{"take a place on a PIN that is not live too", attemptPlace},
	{"take no place when they are refused", attemptRefusedPlace},
	{"share the limit of their number", attemptNumber},
	{"on an unknown PIN are not found", func(t *testing.T, w *world) {
		_, _, err := w.guess(w.id(), start, again(3), w.manyChecks(ana))
		wantMissing(t, err, noPIN)
	}},
}

// guess tries a PIN that is not the right one.
func (w *world) guess(id string, at time.Time, rules pin.Rules, limit pin.Limit) (pin.PIN, pin.State, error) {
	tried, err := w.Attempt(w.t.Context(), id, at, rules, limit, func(pin.PIN) (bool, error) { return false, nil })
	if tried.Verified {
		w.t.Error("a wrong PIN is verified")
	}
	return tried.PIN, tried.State, err
}

// attempt counts one attempt that no limit stands in the way of, and asks for the state it finds.
func (w *world) attempt(p pin.PIN, at time.Time, rules pin.Rules, want pin.State) pin.PIN {
	w.t.Helper()
	got, state, err := w.guess(p.ID, at, rules, w.manyChecks(p.To))
	ok(w.t, err)
	equal(w.t, "state before the attempt", state, want)
	return got
}

func attemptCounted(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	bystander, _ := w.newPIN(ana, start)
	for range 2 {
		p.Attempts++
		equal(t, "PIN after counting", w.attempt(p, after(time.Second), again(3), pin.Live), p)
		equal(t, "PIN kept", w.stored(p), p)
	}
	equal(t, "another PIN", w.stored(bystander), bystander)
}

// attemptCompared asks what a PIN looks like to those who compare.
func attemptCompared(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	calls := 0
	right := func(got pin.PIN) (bool, error) {
		calls++
		p.Attempts = calls
		equal(t, "PIN to compare", got, p)
		return false, nil
	}
	for range 4 {
		must(w.Attempt(t.Context(), p.ID, start, again(2), w.manyChecks(ana), right))(t)
	}
	equal(t, "comparisons", calls, 2)
}

func attemptUncompared(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	limit, broken := w.checkLimit(ana, 1, time.Hour), errors.New("no key")
	tried, err := w.Attempt(t.Context(), p.ID, start, again(3), limit, func(pin.PIN) (bool, error) { return true, broken })
	if !errors.Is(err, broken) || tried.Verified {
		t.Errorf("got %+v, error %v, want the error of those who compare", tried, err)
	}
	equal(t, "PIN kept", w.stored(p), p)
	_, _, err = w.guess(p.ID, start, again(3), limit)
	ok(t, err)
}

func attemptLast(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	w.attempt(p, start, again(2), pin.Live)
	got := w.attempt(p, start, again(2), pin.Live)
	p.Attempts = 2
	equal(t, "PIN after the last attempt", got, p)
	p.Sealed = nil
	equal(t, "PIN kept", w.stored(p), p)
}

func attemptExhausted(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	w.attempt(p, start, once(1), pin.Live)
	for _, rules := range []pin.Rules{once(1), again(1), again(10)} { // wiped, whatever the application allows by now
		equal(t, "attempts", w.attempt(p, start, rules, pin.Exhausted).Attempts, 1)
	}
	equal(t, "attempts kept", w.stored(p).Attempts, 1)

	lowered, _ := w.newPIN(ana, start)
	w.attempt(lowered, start, once(3), pin.Live)
	equal(t, "attempts", w.attempt(lowered, start, once(1), pin.Exhausted).Attempts, 1)
}

func attemptExpired(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	w.attempt(p, p.ExpiresAt.Add(-ms), again(3), pin.Live)
	p.Attempts = 1
	equal(t, "PIN found expired", w.attempt(p, p.ExpiresAt, again(3), pin.Expired), p)
	p.Sealed = nil
	equal(t, "PIN kept", w.stored(p), p)
	equal(t, "PIN found expired again", w.attempt(p, p.ExpiresAt.Add(time.Hour), again(3), pin.Expired), p)
}

func attemptUsed(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	w.attempt(p, start, once(3), pin.Live)
	w.consume(p, after(time.Second), once(3), true)
	equal(t, "attempts", w.attempt(p, after(time.Minute), once(3), pin.Used).Attempts, 2)
	equal(t, "attempts kept", w.stored(p).Attempts, 2)
}

// attemptLowered has the application's limit lowered and raised again: the PIN does not come back to life, unless
// nobody tried it in the meantime.
func attemptLowered(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	bystander, _ := w.newPIN(ana, start)
	for _, one := range []pin.PIN{p, bystander} {
		w.attempt(one, start, again(3), pin.Live)
	}
	p.Attempts, bystander.Attempts = 1, 1
	equal(t, "PIN found exhausted", w.attempt(p, start, again(1), pin.Exhausted), p)
	p.Sealed = nil
	equal(t, "PIN kept", w.stored(p), p)
	equal(t, "PIN found exhausted again", w.attempt(p, start, again(10), pin.Exhausted), p)
	equal(t, "another PIN", w.stored(bystander), bystander)
	w.attempt(bystander, start, again(10), pin.Live)
}

func attemptUsedBefore(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	bystander, _ := w.newPIN(ana, start)
	w.consume(p, after(time.Second), again(3), true)
	p.VerifiedAt, p.Attempts = after(time.Second), 1
	equal(t, "PIN found used", w.attempt(p, after(time.Minute), once(3), pin.Used), p)
	p.Sealed = nil
	equal(t, "PIN kept", w.stored(p), p)
	equal(t, "PIN once it may verify again", w.attempt(p, after(time.Minute), again(3), pin.Exhausted), p)
	equal(t, "another PIN", w.stored(bystander), bystander)
}

func attemptVerifiedAgain(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	w.consume(p, after(time.Second), again(3), true)
	got := w.attempt(p, after(time.Minute), again(3), pin.Live)
	p.Attempts, p.VerifiedAt = 2, after(time.Second)
	equal(t, "PIN after counting", got, p)
}

func attemptLimited(t *testing.T, w *world) {
	limit := w.checkLimit(ana, 1, 3*time.Second)
	p, _ := w.newPIN(ana, start)
	try := func(at time.Duration) error {
		_, _, err := w.guess(p.ID, after(at), again(9), limit)
		return err
	}
	ok(t, try(0))
	wantFull(t, try(0), limit, after(3*time.Second))
	wantFull(t, try(3*time.Second-ms), limit, after(3*time.Second))
	equal(t, "attempts kept", w.stored(p).Attempts, 1)
	ok(t, try(3*time.Second))
	equal(t, "attempts kept", w.stored(p).Attempts, 2)
}

func attemptPlace(t *testing.T, w *world) {
	limit := w.checkLimit(ana, 1, time.Minute)
	p, _ := w.newPIN(ana, start)
	_, state, err := w.guess(p.ID, p.ExpiresAt, again(9), limit)
	ok(t, err)
	equal(t, "state", state, pin.Expired)
	_, _, err = w.guess(p.ID, p.ExpiresAt.Add(time.Second), again(9), limit)
	wantFull(t, err, limit, p.ExpiresAt.Add(time.Minute))
}

func attemptRefusedPlace(t *testing.T, w *world) {
	limit := w.checkLimit(ana, 2, time.Minute)
	p, _ := w.newPIN(ana, start)
	for i, at := range []time.Duration{0, 10 * time.Second, 20 * time.Second, 59 * time.Second} {
		_, _, err := w.guess(p.ID, after(at), again(9), limit)
		if i < 2 {
			ok(t, err)
			continue
		}
		wantFull(t, err, limit, after(time.Minute))
	}
	_, _, err := w.guess(p.ID, after(time.Minute), again(9), limit)
	ok(t, err)
	_, _, err = w.guess(p.ID, after(61*time.Second), again(9), limit)
	wantFull(t, err, limit, after(70*time.Second))
}

func attemptNumber(t *testing.T, w *world) {
	first, _ := w.newPIN(ana, start)
	second, _ := w.newPIN(ana, start)
	toBen, _ := w.newPIN(ben, start)
	limit := w.checkLimit(ana, 1, time.Minute)
	_, _, err := w.guess(first.ID, start, again(9), limit)
	ok(t, err)
	_, _, err = w.guess(second.ID, start, again(9), limit)
	wantFull(t, err, limit, after(time.Minute))
	_, _, err = w.guess(toBen.ID, start, again(9), w.checkLimit(ben, 1, time.Minute))
	ok(t, err)
}

var consumeChecks = []check{
	{"gives a PIN that verifies once to one call", consumeOnce},
	{"gives a PIN that verifies again to every call", consumeAgain},
	{"gives a PIN to nobody that was verified under older rules", consumeAfterwards},
	{"works with the last attempt", consumeLast},
	{"finds no unknown PIN", func(t *testing.T, w *world) {
		for _, rules := range []pin.Rules{once(3), again(3)} {
			tried, err := w.Attempt(t.Context(), w.id(), start, rules, w.manyChecks(ana), right)
			wantMissing(t, err, noPIN)
			equal(t, "verified", tried.Verified, false)
		}
	}},
}

func right(pin.PIN) (bool, error) { return true, nil }

// consume tries the right PIN, and asks whether it is verified by that.
func (w *world) consume(p pin.PIN, at time.Time, rules pin.Rules, want bool) {
	w.t.Helper()
	tried := must(w.Attempt(w.t.Context(), p.ID, at, rules, w.manyChecks(p.To), right))(w.t)
	equal(w.t, "verified", tried.Verified, want)
}

func consumeOnce(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	bystander, _ := w.newPIN(ana, start)
	w.consume(p, after(time.Second), once(3), true)
	w.consume(p, after(time.Minute), once(3), false)
	p.VerifiedAt, p.Attempts, p.Sealed = after(time.Second), 1, nil
	equal(t, "PIN kept", w.stored(p), p)
	equal(t, "another PIN", w.stored(bystander), bystander)
}

func consumeAgain(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	w.consume(p, after(time.Second), again(3), true)
	w.consume(p, after(time.Minute), again(3), true)
	p.VerifiedAt, p.Attempts = after(time.Second), 2
	equal(t, "PIN kept", w.stored(p), p)
}

func consumeAfterwards(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	w.consume(p, after(time.Second), again(3), true)
	w.consume(p, after(time.Minute), once(3), false)
	equal(t, "verified at", w.stored(p).VerifiedAt, after(time.Second))
}

func consumeLast(t *testing.T, w *world) {
	for _, rules := range []pin.Rules{once(1), again(1)} {
		p, _ := w.newPIN(ana, start)
		w.consume(p, after(time.Second), rules, true)
		p.VerifiedAt, p.Attempts, p.Sealed = after(time.Second), 1, nil
		equal(t, "PIN kept", w.stored(p), p)
	}
}
