package record

import (
	"encoding/json"
	"net/http"
)

// beforePIN says what a request about a PIN needs to come before it, beginning with its send.
func (b *book) beforePIN(x *exchange, request call) ([]*entry, string) {
	p := b.pins[x.ids["pin"]]
	switch {
	case x.status == http.StatusConflict:
		return b.beforeConflict(x, request)
	case p == nil && x.status == http.StatusNotFound:
		return nil, ""
	case p == nil:
		return nil, early
	case x.status == http.StatusNotFound:
		return nil, changed
	case p.lostReason() != "":
		return nil, p.lostReason()
	case x.ok() && x.operation != "getPinStatus" && x.answerText("pinId") != x.ids["pin"]:
		return nil, oddAnswer
	case x.repeated():
		return b.beforeRepeated(x, request, p)
	case x.operation == "verifyPin":
		return b.beforeVerify(x, p)
	case x.operation == "getPinStatus":
		return b.beforeStatus(x, p)
	}
	return b.beforeResend(x, p)
}

// beforeVerify takes as much of a PIN's history as a replay can make without pausing. What does not change the answer is
// dropped when all cannot be had: a wrong attempt before the right PIN, a resend before any.
func (b *book) beforeVerify(x *exchange, p *pin) (before []*entry, reason string) {
	all := p.through(nil)
	if !x.ok() && x.status != http.StatusTooManyRequests {
		before = without(all, verified, resent)
		_, reason = foresee(before)
		return before, reason
	}
	for _, fewer := range [][]*entry{all, without(all, resent), without(all, verified), without(all, verified, resent)} {
		r, why := foresee(fewer)
		if why == "" {
			why = r.checked(x, p)
		}
		if why == "" {
			return fewer, ""
		}
		if reason == "" || reason == changed && why == timely {
			reason = why
		}
	}
	return nil, reason
}

// checked says why a verification would be answered otherwise in a replay.
func (r *replay) checked(x *exchange, p *pin) string {
	if x.status == http.StatusTooManyRequests {
		if r.busy(p) {
			return ""
		}
		return timely
	}
	number, _ := x.answerMember("attemptsRemaining").(json.Number)
	left, err := number.Int64()
	verified, _ := x.answerMember("verified").(bool)
	mistake := x.answerText("pinError")
	switch {
	case canonical(x.answerText("msisdn")) != p.to || err != nil:
		return oddNumber
	case mistake == "TTL_EXPIRED":
		return expired
	case !r.checksLeft(p):
		return timely
	case verified && mistake == "" && left == 0 && r.heard[p] && !r.spent(p),
		!verified && mistake == "WRONG_PIN" && left == r.attemptsLeft(p)-1 && !r.spent(p),
		!verified && mistake == "NO_MORE_PIN_ATTEMPTS" && left == 0 && r.spent(p):
		return ""
	}
	return changed
}

// beforeStatus wants one element for each message of the history, each as a willing carrier leaves it.
func (b *book) beforeStatus(x *exchange, p *pin) ([]*entry, string) {
	before := p.through(nil)
	_, reason := foresee(before)
	if reason == timely {
		before = without(before, verified)
		_, reason = foresee(before)
	}
	if reason != "" || !x.ok() {
		return before, reason
	}
	messages := without(before, verified, updated)
	list := elements(x.answer)
	if len(list) != len(messages) {
		return nil, changed
	}
	for i, e := range messages {
		members, _ := list[i].(map[string]any)
		want := "MESSAGE_DELIVERED"
		if !e.went {
			want = "MESSAGE_NOT_SENT"
		}
		if e.pending || members["status"] != want || e.went && b.lookups[p.to] == notReachable {
			return nil, carrier
		}
	}
	return before, ""
}

func (b *book) beforeResend(x *exchange, p *pin) ([]*entry, string) {
	all := p.through(nil)
	switch {
	case x.ok():
		if canonical(x.answerText("to")) != p.to {
			return nil, oddNumber
		}
		before, reason := b.delivered(x, p, all)
		if reason == timely { // verifications change nothing here, and a replay may be too fast for them
			before, reason = b.delivered(x, p, without(all, verified))
		}
		return before, reason
	case x.status == http.StatusTooManyRequests:
		before := append(without(b.messagesTo(p, p), updated), without(all, verified)...)
		r, reason := foresee(before)
		if reason == "" && !r.full(p.of, p) {
			reason = timely
		}
		return before, reason
	case x.status == http.StatusBadRequest && !x.faultsAny() && !x.hasBody:
		r, reason := foresee(all)
		if _, enabled := r.limits(p.of); reason == "" && enabled && !r.spent(p) {
			reason = unclear // it has expired, most likely
		}
		return all, reason
	}
	before := without(all, verified, resent)
	_, reason := foresee(before)
	return before, reason
}
