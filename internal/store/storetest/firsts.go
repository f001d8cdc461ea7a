package storetest

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

var firstChecks = []check{
	{"are found as they were kept, with a PIN and with one more delivery", firstRoundTrip},
	{"of another account or an unknown key are not found", firstOfAnother},
	{"refuse every other request with their key, which leaves nothing", firstRefuses},
	{"come before limits and states", firstBeforeLimits},
	{"are not kept of what was refused", firstOfRefused},
	{"are an account's own", firstOfTwoAccounts},
	{"are replaced when they are no longer alive", firstReplaced},
	{"get their answer with the outcome of the delivery", firstAnswered},
	{"keep the answer that came first", firstAnswerStays},
	{"outlive their PIN", firstOutlivesPIN},
	{"are purged when they are no longer alive", firstPurged},
	{"are purged in bounded steps", firstPurgedInSteps},
	{"go with what their account has", firstReset},
	{"admit one of many PINs", crowdOfFirstPINs},
	{"admit one of many deliveries", crowdOfFirstDeliveries},
}

const noFirst = "Request with given key cannot be found"

// key is what a request with this key and these contents has.
func key(name, contents string) *pin.Once {
	return &pin.Once{KeyHash: sha256.Sum256([]byte(name)), Fingerprint: sha256.Sum256([]byte(contents))}
}

// firstOf is what a store keeps of a PIN's delivery with a key.
func firstOf(p pin.PIN, d pin.Delivery) pin.First {
	return pin.First{
		Once: *d.Once, AccountID: p.AccountID, PINID: p.ID, DeliveryID: d.ID, Channel: d.Channel, To: p.To, At: d.At,
	}
}

// newFirst keeps a PIN that a request with a key asked for.
func (w *world) newFirst(once *pin.Once, at time.Time, limits ...pin.Limit) (pin.PIN, pin.First) {
	w.t.Helper()
	p, d := w.draft(ana, at)
	d.Once = once
	ok(w.t, w.CreatePIN(w.t.Context(), p, d, limits))
	return p, firstOf(p, d)
}

// sendOnce tries to keep a PIN that a request with a key asks for.
func (w *world) sendOnce(once *pin.Once, at time.Time, limits ...pin.Limit) error {
	p, d := w.draft(ana, at)
	d.Once = once
	return w.CreatePIN(w.t.Context(), p, d, limits)
}

// first is what the world's account has of a key.
func (w *world) first(once *pin.Once) pin.First {
	w.t.Helper()
	return must(w.First(w.t.Context(), w.account.ID, once.KeyHash))(w.t)
}

// wantNoFirst asks that the world's account has nothing of a key.
func (w *world) wantNoFirst(once *pin.Once) {
	w.t.Helper()
	_, err := w.First(w.t.Context(), w.account.ID, once.KeyHash)
	wantMissing(w.t, err, noFirst)
}

// wantRepeat asks for a refusal that names the first request.
func wantRepeat(t *testing.T, err error, want pin.First) {
	t.Helper()
	taken, is := errors.AsType[*pin.RepeatError](err)
	if !is {
		t.Errorf("got error %v, want a key that is taken", err)
		return
	}
	equal(t, "first request", taken.First, want)
}

func firstRoundTrip(t *testing.T, w *world) {
	p, f := w.newFirst(key("a", "send"), start)
	call := w.call(p.ID, after(time.Minute))
	call.Once = key("b", "resend")
	equal(t, "PIN", must(w.AddDelivery(t.Context(), call, again(3), nil))(t), p)
	equal(t, "first request", w.first(key("a", "")), f)
	equal(t, "first request of a call", w.first(key("b", "")), firstOf(p, call))
	for _, d := range must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t) {
		if d.Once != nil {
			t.Errorf("delivery: got a key with it, want it kept apart: %+v", d)
		}
	}
}

func firstOfAnother(t *testing.T, w *world) {
	other := w.newAccount("other", start)
	w.newFirst(key("a", "send"), start)
	w.wantNoFirst(key("b", "send"))
	for _, accountID := range []string{other.ID, "", w.id()} {
		_, err := w.First(t.Context(), accountID, key("a", "").KeyHash)
		wantMissing(t, err, noFirst)
	}
	_, err := w.KeepAnswer(t.Context(), w.id(), pin.Answer{SMSStatus: pin.SMSSent})
	wantMissing(t, err, noFirst)
}

func firstRefuses(t *testing.T, w *world) {
	limit := w.numberLimit(ana, 2, time.Hour)
	p, f := w.newFirst(key("a", "send"), start, limit)
	for _, contents := range []string{"send", "another"} {
		wantRepeat(t, w.sendOnce(key("a", contents), after(ms), limit), f)
		d := w.delivery(p.ID, after(ms))
		d.Once = key("a", contents)
		_, err := w.AddDelivery(t.Context(), d, again(3), []pin.Limit{limit})
		wantRepeat(t, err, f)
	}
	equal(t, "number of PINs", len(w.verifications(anyOf, 10)), 1)
	equal(t, "number of deliveries", len(must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t)), 1)
	ok(t, w.sendOnce(key("b", "send"), after(ms), limit)) // the second place of two
}

func firstBeforeLimits(t *testing.T, w *world) {
	limit := w.numberLimit(ana, 1, time.Hour)
	p, f := w.newFirst(key("a", "send"), start, limit)
	wantRepeat(t, w.sendOnce(key("a", "send"), after(ms), limit), f)
	d := w.delivery(p.ID, p.ExpiresAt)
	d.Once = key("a", "send")
	_, err := w.AddDelivery(t.Context(), d, again(3), []pin.Limit{limit})
	wantRepeat(t, err, f)
	d.PINID = w.id()
	_, err = w.AddDelivery(t.Context(), d, again(3), nil)
	wantMissing(t, err, noPIN)
}

func firstOfRefused(t *testing.T, w *world) {
	limit := w.numberLimit(ana, 1, time.Hour)
	p, _ := w.newPIN(ana, start, limit)
	wantFull(t, w.sendOnce(key("a", "send"), start, limit), limit, after(time.Hour))
	w.wantNoFirst(key("a", "send"))
	d := w.delivery(p.ID, p.ExpiresAt)
	d.Once = key("a", "resend")
	_, err := w.AddDelivery(t.Context(), d, again(3), nil)
	wantState(t, err, pin.Expired)
	w.wantNoFirst(key("a", "resend"))
	w.newFirst(key("a", "send"), after(time.Hour), limit)
}

func firstOfTwoAccounts(t *testing.T, w *world) {
	o := w.beside(w.newAccount("other", start))
	o.app = o.newApplication(o.account.ID, start)
	o.message = o.newMessage(o.app, start)
	_, mine := w.newFirst(key("a", "send"), start)
	_, others := o.newFirst(key("a", "another"), start)
	equal(t, "first request", w.first(key("a", "")), mine)
	equal(t, "first request of the other", o.first(key("a", "")), others)
}

func firstReplaced(t *testing.T, w *world) {
	_, f := w.newFirst(key("a", "send"), start)
	must(w.KeepAnswer(t.Context(), f.DeliveryID, pin.Answer{SMSStatus: pin.SMSSent}))(t)
	sent := f
	sent.Answer = &pin.Answer{SMSStatus: pin.SMSSent}
	wantRepeat(t, w.sendOnce(key("a", "send"), after(pin.KeyLifetime-ms)), sent)
	_, second := w.newFirst(key("a", "another"), after(pin.KeyLifetime))
	equal(t, "first request", w.first(key("a", "")), second)
	_, err := w.KeepAnswer(t.Context(), f.DeliveryID, pin.Answer{SMSStatus: pin.SMSSent})
	wantMissing(t, err, noFirst)
}

func firstOutlivesPIN(t *testing.T, w *world) {
	p, f := w.newFirst(key("a", "send"), start)
	w.purge(p.ExpiresAt.Add(ms), 0, true)
	_, err := w.PIN(t.Context(), w.account.ID, p.ID)
	wantMissing(t, err, noPIN)
	equal(t, "first request", w.first(key("a", "")), f)
	must(w.KeepAnswer(t.Context(), f.DeliveryID, pin.Answer{SMSStatus: pin.SMSNotSent}))(t)
}

func firstReset(t *testing.T, w *world) {
	o := w.beside(w.newAccount("other", start))
	o.app = o.newApplication(o.account.ID, start)
	o.message = o.newMessage(o.app, start)
	_, f := w.newFirst(key("a", "send"), start)
	_, others := o.newFirst(key("a", "send"), start)
	ok(t, w.ResetAccount(t.Context(), w.account.ID, nil))
	w.wantNoFirst(key("a", "send"))
	_, err := w.KeepAnswer(t.Context(), f.DeliveryID, pin.Answer{SMSStatus: pin.SMSSent})
	wantMissing(t, err, noFirst)
	equal(t, "first request of the other", o.first(key("a", "")), others)
	must(o.DeleteAccount(t.Context(), o.account.ID))(t)
	o.wantNoFirst(key("a", "send"))
	equal(t, "accounts", must(w.Accounts(t.Context()))(t), []account.Account{w.account})
}

// crowdOfFirstPINs lets many requests with one key ask for a PIN, half of them for another.
func crowdOfFirstPINs(t *testing.T, w *world) {
	contents := []string{"send", "another"}
	w.wantOneFirst(together(func(i int) error { return w.sendOnce(key("a", contents[i%2]), start) }))
	equal(t, "number of PINs", len(w.verifications(anyOf, 1000)), 1)
}

func crowdOfFirstDeliveries(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	w.wantOneFirst(together(func(int) error {
		d := w.delivery(p.ID, start)
		d.Once = key("a", "resend")
		_, err := w.AddDelivery(t.Context(), d, again(3), nil)
		return err
	}))
	equal(t, "number of deliveries", len(must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t)), 2)
}

// wantOneFirst asks that one request was admitted, and that all others were told which.
func (w *world) wantOneFirst(results []error) {
	w.t.Helper()
	admitted, kept := 0, w.first(key("a", ""))
	for _, err := range results {
		if err == nil {
			admitted++
			continue
		}
		wantRepeat(w.t, err, kept)
		if fault.KindOf(err) != fault.Internal {
			w.t.Errorf("got error %v of a kind, want it left to the rules", err)
		}
	}
	equal(w.t, "requests admitted", admitted, 1)
}
