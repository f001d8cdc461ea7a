package record

import (
	"reflect"
	"slices"
	"strings"
)

// note keeps what an exchange changed for the cases that come after it.
func (b *book) note(x *exchange, request call, reason string) {
	if !x.ok() || !b.isOurs(x) || x.repeated() {
		return
	}
	b.seq++
	e := &entry{seq: b.seq, call: request, key: x.header["Idempotency-Key"]}
	switch {
	case strings.HasPrefix(x.operation, "update"):
		b.noteUpdate(x, e, reason)
	case strings.HasPrefix(x.operation, "send"):
		b.noteSend(x, e, reason)
	case x.ids["pin"] != "" && x.operation != "getPinStatus":
		b.notePIN(x, e, reason)
	}
}

func (b *book) noteSend(x *exchange, e *entry, reason string) {
	id, of := x.answerText("pinId"), b.applications[x.member("applicationId")]
	if id == "" || of == nil || b.pins[id] != nil {
		return
	}
	p := &pin{to: canonical(x.member("to")), of: of, asked: x.asked()}
	b.pins[id] = p
	if reason != "" {
		p.lost = incomplete
		return
	}
	e.what = sent
	b.append(x, p, e)
}

func (b *book) notePIN(x *exchange, e *entry, reason string) {
	p := b.pins[x.ids["pin"]]
	switch {
	case p == nil || p.lost != "":
		return
	case reason == expired:
		p.lost = expired
		return
	}
	known := []string{"", timely, tooMuch} // with these the request can stand before others all the same
	e.what = resent
	if x.operation == "verifyPin" {
		e.what = verified
		e.right, _ = x.answerMember("verified").(bool)
		known = append(known, changed)
	}
	if !slices.Contains(known, reason) {
		p.lost = incomplete
		return
	}
	b.append(x, p, e)
}

func (b *book) append(x *exchange, p *pin, e *entry) {
	e.of, e.pin = p.of, p
	e.went = e.what != verified && x.answerText("smsStatus") != "MESSAGE_NOT_SENT"
	e.pending = x.answerText("callStatus") == "PROCESSING"
	p.history = append(p.history, e)
	b.done = append(b.done, e)
}

func (b *book) noteUpdate(x *exchange, e *entry, reason string) {
	t, known := b.applications[x.ids["application"]], settings
	if x.operation == "updateMessage" {
		t, known = b.messages[x.ids["message"]], template
	}
	if t == nil {
		return
	}
	members, _ := x.answer.(map[string]any)
	state, ok := b.state(members, known)
	if reason != "" || !ok {
		t.lost = true
		return
	}
	last := t.first
	if len(t.changes) > 0 {
		last = t.changes[len(t.changes)-1].after
	}
	if reflect.DeepEqual(last, state) {
		return // it says what was so already
	}
	e.what, e.of, e.after = updated, t, state
	t.changes = append(t.changes, e)
	b.done = append(b.done, e)
}
