package record

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

var lookedUp = map[string]bool{
	"NC_DESTINATION_UNKNOWN": true, "NC_DESTINATION_REACHABLE": true, notReachable: true,
}

const (
	notReachable  = "NC_DESTINATION_NOT_REACHABLE"
	notConfigured = "NC_NOT_CONFIGURED"
	unknownReach  = "NC_DESTINATION_UNKNOWN"
)

// asked tells whether a send over SMS asks for a lookup.
func (x *exchange) asked() bool {
	members, _ := x.body.(map[string]any)
	if asked, ok := members["ncNeeded"].(bool); ok {
		return asked
	}
	return x.operation == "sendPinOverSms" && x.query.Get("ncNeeded") != "false"
}

// beforeSend says what a send needs to come before it.
func (b *book) beforeSend(x *exchange, request call) ([]*entry, string) {
	of, to := b.applications[x.member("applicationId")], canonical(x.member("to"))
	switch {
	case x.status == http.StatusConflict:
		return b.beforeConflict(x, request)
	case x.repeated():
		return b.beforeRepeated(x, request, b.pins[x.answerText("pinId")])
	case x.status == http.StatusNotFound:
		return nil, b.missing(x, x.member("applicationId"), x.member("messageId"))
	case x.ok():
		p := &pin{to: to, of: of, asked: x.asked()}
		if of == nil || to == "" || to != canonical(x.answerText("to")) {
			return nil, oddNumber
		}
		if of.lost {
			return nil, changed
		}
		return b.delivered(x, p, slices.Clone(of.changes))
	case x.status == http.StatusTooManyRequests:
		if of == nil || of.lost || to == "" {
			return nil, unclear
		}
		p := &pin{to: to, of: of}
		before := b.messagesTo(p, nil)
		r, reason := foresee(before)
		if reason == "" && !r.full(of, p) {
			reason = timely
		}
		return before, reason
	case x.status == http.StatusBadRequest && !x.faultsAny():
		return b.beforeDisabled(of)
	case x.status == http.StatusBadRequest && (of == nil || b.messages[x.member("messageId")] == nil) &&
		x.member("applicationId") != "" && !x.faults("to"):
		return nil, unclear // a replay might miss the application first
	}
	return nil, ""
}

// beforeDisabled is for sends that are refused without a fault: their application is switched off.
func (b *book) beforeDisabled(of *thing) ([]*entry, string) {
	if of == nil || of.lost || of.first == nil {
		return nil, unclear
	}
	r, reason := foresee(of.changes)
	if _, enabled := r.limits(of); enabled && reason == "" {
		reason = unclear
	}
	return of.changes, reason
}

// delivered checks a send or resend that was answered 200, after what came before it: the outcome must be the one that a
// willing carrier has.
func (b *book) delivered(x *exchange, p *pin, before []*entry) ([]*entry, string) {
	r, reason := foresee(before)
	if reason == "" {
		reason = r.sendable(p.of, p)
	}
	if reason != "" {
		return before, reason
	}
	if strings.HasSuffix(x.operation, "Voice") {
		call := x.answerText("callStatus")
		if call == "PROCESSED" && b.lookups[p.to] != notReachable || call == "PROCESSING" && x.header["Prefer"] == "respond-async" {
			return before, ""
		}
		return before, carrier
	}
	said, status := x.answerText("ncStatus"), x.answerText("smsStatus")
	want := "MESSAGE_SENT"
	if p.asked && said == notReachable {
		want = "MESSAGE_NOT_SENT"
	}
	switch {
	case !p.asked && said != unknownReach, p.asked && said != notConfigured && said != b.lookups[p.to]:
		return before, otherwise
	case status != want:
		return before, carrier
	}
	return before, ""
}

// messagesTo are all messages to a PIN's number that count, without those of that PIN and after the settings that they
// were sent under. Another PIN of the number does as well for a resend: it is the number that is counted.
func (b *book) messagesTo(p, not *pin) []*entry {
	var found []*entry
	for _, e := range b.done {
		message := e.what == sent || e.what == resent && e.went // a resend needs its send, whether that counts or not
		if e.what == updated && e.of == p.of || message && e.of == p.of && e.pin.to == p.to && e.pin != not {
			found = append(found, e)
		}
	}
	return found
}

// missing says why a 404 would not be one in a replay: the thing has become known, or it cannot be seen which is meant.
func (b *book) missing(x *exchange, application, message string) string {
	a, m := b.applications[application], b.messages[message]
	envelope, _ := x.answerMember("requestError").(map[string]any)
	exception, _ := envelope["serviceException"].(map[string]any)
	text, _ := exception["text"].(string)
	switch {
	case a == nil && message != "" && !strings.Contains(text, "pplication"):
		return unclear
	case a != nil && (message == "" || m != nil && m.of == a || strings.Contains(text, "pplication")):
		return changed
	}
	return ""
}

// faultsAny tells whether an answer says what is wrong with the request.
func (x *exchange) faultsAny() bool {
	envelope, _ := x.answerMember("requestError").(map[string]any)
	exception, _ := envelope["serviceException"].(map[string]any)
	wrong, _ := exception["validationErrors"].(map[string]any)
	return len(wrong) > 0
}

// beforeRepeated is for answers that were given before: the first request with the same key.
func (b *book) beforeRepeated(x *exchange, request call, p *pin) ([]*entry, string) {
	if p == nil {
		return nil, unheard
	}
	for _, e := range p.history {
		if e.key != "" && e.key == x.header["Idempotency-Key"] && e.call.sameRequest(request) {
			before := p.through(e)
			_, reason := foresee(before)
			return before, cmp.Or(reason, p.lostReason())
		}
	}
	return nil, unheard
}

// beforeConflict is for keys that are refused as they are another request's.
func (b *book) beforeConflict(x *exchange, request call) ([]*entry, string) {
	for _, e := range slices.Backward(b.done) {
		if e.key == "" || e.key != x.header["Idempotency-Key"] {
			continue
		}
		own := b.pins[x.ids["pin"]]
		if e.call.sameRequest(request) && (e.what == sent || e.pin == own) {
			return nil, alike
		}
		before := e.pin.through(e)
		reason := e.pin.lostReason()
		switch {
		case own == e.pin:
			before = own.through(nil)
		case own != nil:
			before, reason = append(before, own.through(nil)...), cmp.Or(reason, own.lostReason())
		case x.ids["pin"] != "":
			return nil, early
		}
		_, why := foresee(before)
		return before, cmp.Or(reason, why)
	}
	return nil, unheard
}

func (p *pin) lostReason() string {
	if p.of.lost {
		return changed
	}
	return p.lost
}
