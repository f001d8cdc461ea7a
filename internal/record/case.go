package record

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// recorded is a case as it is written.
type recorded struct {
	Title   string            `json:"title"`
	Given   map[string]string `json:"given,omitempty"`
	Before  []call            `json:"before,omitempty"`
	Request call              `json:"request"`
	Answer  answer            `json:"response"`
}

// statusesOfContract are those that cases are made of.
var statusesOfContract = []int{
	http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict,
	http.StatusUnsupportedMediaType, http.StatusTooManyRequests,
}

// caseOf makes a case of an exchange, or says why there is none, and notes what the exchange changed.
func (b *book) caseOf(x *exchange) (recorded, string) {
	c, reason := b.judge(x)
	b.note(x, c.Request, reason)
	return c, reason
}

func (b *book) judge(x *exchange) (c recorded, reason string) {
	switch {
	case x.left != "":
		return c, x.left
	case !slices.Contains(statusesOfContract, x.status):
		return c, oddStatus
	case x.status != http.StatusUnauthorized && x.credential() == "":
		return c, unsigned
	case x.status != http.StatusUnauthorized && !b.isOurs(x):
		return c, stranger
	}
	c.Title = "Recorded: answered " + strings.ToLower(http.StatusText(x.status))
	if c.Request, reason = b.call(x); reason != "" {
		return c, reason
	}
	before, reason := b.before(x, c.Request)
	if reason != "" {
		return c, reason
	}
	for _, e := range before {
		c.Before = append(c.Before, e.call)
	}
	if x.answerText("ncStatus") == notConfigured {
		c.Given = map[string]string{"lookup": "none"}
	}
	c.Answer, reason = b.answer(x)
	return c, reason
}

// before says which requests a case needs to come first.
func (b *book) before(x *exchange, request call) ([]*entry, string) {
	application, message := x.ids["application"], x.ids["message"]
	switch {
	case x.status == http.StatusUnauthorized:
		return nil, ""
	case x.ids["pin"] != "":
		return b.beforePIN(x, request)
	case strings.HasPrefix(x.operation, "send"):
		return b.beforeSend(x, request)
	case x.status == http.StatusNotFound:
		return nil, b.missing(x, application, message)
	case x.status == http.StatusBadRequest && x.hasBody && application != "" && b.applications[application] == nil:
		return nil, unclear // a replay might miss the application first
	case x.operation == "updateMessage" && x.status == http.StatusBadRequest:
		m := b.messages[message]
		if m == nil || m.first == nil || m.lost {
			return nil, unclear
		}
		return m.changes, ""
	case !x.ok():
		return nil, ""
	case x.operation == "getApplication" || x.operation == "updateApplication":
		return b.beforeThing(x, b.applications[application], settings, request)
	case x.operation == "getMessage" || x.operation == "updateMessage":
		return b.beforeThing(x, b.messages[message], template, request)
	case x.operation == "listApplications":
		return b.beforeList(x, "applicationId", b.applications, nil, settings)
	case x.operation == "listMessages":
		return b.beforeList(x, "messageId", b.messages, b.applications[application], template)
	}
	return nil, ""
}

// beforeThing wants an answer to show a thing as it is known, changed by the request alone.
func (b *book) beforeThing(x *exchange, t *thing, known map[string]kind, request call) ([]*entry, string) {
	members, _ := x.answer.(map[string]any)
	state, ok := b.state(members, known)
	if t == nil || !ok {
		return nil, oddAnswer
	}
	before := slices.Clone(t.changes)
	if changes, _ := request.Body.(map[string]any); t.now != nil && request.Method == http.MethodPut {
		t.now = merged(t.now, changes)
		if !reflect.DeepEqual(t.now, state) {
			t.lost = true
		}
	}
	if !t.is(state) {
		return nil, changed
	}
	if len(before) > most {
		return nil, tooMuch
	}
	return before, ""
}

// beforeList wants a list to be what there is at the start of a replay, each as it is known now.
func (b *book) beforeList(x *exchange, id string, things map[string]*thing, of *thing, known map[string]kind) ([]*entry, string) {
	var there []*thing
	var before []*entry
	for _, t := range b.order {
		if t.of == of && (of != nil || t.processID != "") {
			there = append(there, t)
			before = append(before, t.changes...)
		}
	}
	list := elements(x.answer)
	reason := ""
	if len(list) != len(there) || len(before) > most {
		reason = listed
	}
	for i, one := range list {
		members, _ := one.(map[string]any)
		name, _ := members[id].(string)
		state, ok := b.state(members, known)
		t := things[name]
		if t != nil && ok && !t.is(state) {
			reason = changed
		}
		if !ok || i >= len(there) || t != there[i] {
			reason = listed
		}
	}
	slices.SortFunc(before, func(a, b *entry) int { return a.seq - b.seq })
	return before, reason
}
