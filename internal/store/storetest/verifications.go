package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

var verificationChecks = []check{
	{"are the PINs, newest first", verificationOrder},
	{"are no more than asked for, the newest", verificationMost},
	{"are narrowed by number, success and sending", verificationFilters},
	{"are those of one account and application", verificationScope},
	{"say when a PIN was sent and verified", verificationTimes},
}

// anyOf narrows nothing.
var anyOf = pin.VerificationFilter{}

func (w *world) verifications(f pin.VerificationFilter, most int) []pin.Verification {
	w.t.Helper()
	return must(w.Verifications(w.t.Context(), w.account.ID, w.app.ID, f, most))(w.t)
}

func numberOf(v pin.Verification) string { return v.To.Digits() }

func verificationOrder(t *testing.T, w *world) {
	early, _ := w.newPIN("491511000001", start)
	same, _ := w.newPIN("491511000002", start) // kept later, so newer
	late, _ := w.newPIN("491511000003", after(time.Hour))
	must(w.AddDelivery(t.Context(), w.delivery(early.ID, after(time.Minute)), again(3), nil))(t)
	got := ids(w.verifications(anyOf, 10), numberOf)
	order(t, "numbers", got, []string{late.To.Digits(), same.To.Digits(), early.To.Digits()})
}

func verificationMost(t *testing.T, w *world) {
	for i, to := range []phone.Number{"491511000001", "491511000002", "491511000003"} {
		w.newPIN(to, after(time.Duration(i)*time.Minute))
	}
	order(t, "two of three", ids(w.verifications(anyOf, 2), numberOf), []string{"491511000003", "491511000002"})
	order(t, "none of three", ids(w.verifications(anyOf, 0), numberOf), []string{})
}

func verificationFilters(t *testing.T, w *world) {
	for i, one := range []struct {
		to             phone.Number
		verified, sent bool
	}{{ana, false, false}, {ana, false, true}, {ana, true, false}, {ana, true, true}, {ben, true, true}} {
		p, d := w.newPIN(one.to, after(time.Duration(i)*time.Minute))
		ok(t, w.FinishDelivery(t.Context(), pin.Outcome{
			DeliveryID: d.ID, State: delivery.StateUnknown, Taken: one.sent, At: p.CreatedAt,
		}))
		if one.verified {
			w.consume(p, p.CreatedAt, again(3), true)
		}
	}
	yes, no := true, false
	for _, one := range []struct {
		name   string
		filter pin.VerificationFilter
		want   int
	}{
		{"all", pin.VerificationFilter{}, 5},
		{"of Ana", pin.VerificationFilter{To: ana}, 4},
		{"of Ben", pin.VerificationFilter{To: ben}, 1},
		{"of nobody", pin.VerificationFilter{To: "491511000001"}, 0},
		{"verified", pin.VerificationFilter{Verified: &yes}, 3},
		{"not verified", pin.VerificationFilter{Verified: &no}, 2},
		{"sent", pin.VerificationFilter{Sent: &yes}, 3},
		{"not sent", pin.VerificationFilter{Sent: &no}, 2},
		{"verified but not sent", pin.VerificationFilter{Verified: &yes, Sent: &no}, 1},
		{"of Ana, verified and sent", pin.VerificationFilter{To: ana, Verified: &yes, Sent: &yes}, 1},
		{"of Ben, not verified", pin.VerificationFilter{To: ben, Verified: &no}, 0},
	} {
		got := w.verifications(one.filter, 10)
		equal(t, "number of rows "+one.name, len(got), one.want)
		for _, v := range got {
			if !fits(v, one.filter) {
				t.Errorf("rows %s: got %+v among them, want none such", one.name, v)
			}
		}
	}
}

func fits(v pin.Verification, f pin.VerificationFilter) bool {
	return (f.To == "" || f.To == v.To) && (f.Verified == nil || *f.Verified == v.Verified) &&
		(f.Sent == nil || *f.Sent == !v.SentAt.IsZero())
}

func verificationScope(t *testing.T, w *world) {
	w.newPIN(ana, start)
	other := w.newAccount("other", start)
	otherApp := w.newApplication(w.account.ID, start)
	for _, key := range [][2]string{{other.ID, w.app.ID}, {w.account.ID, otherApp.ID}, {w.account.ID, w.id()}} {
		for _, f := range []pin.VerificationFilter{anyOf, {To: ana}} {
			got := must(w.Verifications(t.Context(), key[0], key[1], f, 10))(t)
			equal(t, "number of rows", len(got), 0)
		}
	}
}

func verificationTimes(t *testing.T, w *world) {
	p, d := w.newPIN(ana, start)
	equal(t, "rows at first", w.verifications(anyOf, 10), []pin.Verification{{To: ana}})
	ok(t, w.FinishDelivery(t.Context(), accepted(d, "r-1")))
	w.consume(p, after(time.Minute), once(3), true)
	equal(t, "rows in the end", w.verifications(anyOf, 10), []pin.Verification{
		{To: ana, Verified: true, VerifiedAt: after(time.Minute), SentAt: after(time.Second)},
	})
}
