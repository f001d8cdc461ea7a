package record

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
)

// thing is an application or a message.
type thing struct {
	id        string         // what stands for its id
	processID string         // of an application
	of        *thing         // the application of a message
	first     map[string]any // its state as it was first seen, and so at the start of a replay; texts are replaced
	now       map[string]any
	changes   []*entry // updates since
	lost      bool     // somebody else changed it
}

// defaults are what the contract gives an application that names no limits.
func defaults() map[string]any {
	return map[string]any{
		"name": "application", "enabled": true, "configuration": map[string]any{
			"pinAttempts": json.Number("10"), "allowMultiplePinVerifications": true, "pinTimeToLive": json.Number("900000"),
			"verificationAttempts": json.Number("1"), "verificationIntervalLength": json.Number("3000"),
			"initiationAttempts": json.Number("3"), "initiationIntervalLength": json.Number("86400000"),
			"overallInitiationAttempts": json.Number("10000"), "overallInitiationIntervalLength": json.Number("86400000"),
		},
	}
}

func defaultMessage() map[string]any {
	return map[string]any{
		"pinType": "NUMERIC", "pinPlaceholder": "<pin>", "messageText": "Your pin is <pin>",
		"pinLength": json.Number("4"), "sender": "Infobip 2FA",
	}
}

// application gives the one with an id, which it notes when it is new.
func (b *book) application(id string) *thing {
	if b.applications[id] == nil {
		a := &thing{id: fmt.Sprintf("A%031X", len(b.applications)+1), processID: fmt.Sprintf("C%031X", len(b.applications)+1)}
		b.applications[id] = a
		b.order = append(b.order, a)
	}
	return b.applications[id]
}

func (b *book) message(id string, of *thing) *thing {
	if b.messages[id] == nil {
		m := &thing{id: fmt.Sprintf("B%031X", len(b.messages)+1), of: of}
		b.messages[id] = m
		b.order = append(b.order, m)
	}
	return b.messages[id]
}

// learn notes what a good answer says of applications and messages, before any case is made: what exists at some time
// exists in all of a replay.
func (b *book) learn(x *exchange) {
	if !x.ok() || !b.isOurs(x) {
		return
	}
	switch x.operation {
	case "sendPinOverSms", "sendPinOverVoice":
		application, message := x.member("applicationId"), x.member("messageId")
		if application != "" && message != "" {
			b.message(message, b.application(application))
		}
		to := canonical(x.member("to"))
		if said := x.answerText("ncStatus"); x.asked() && b.lookups[to] == "" && lookedUp[said] {
			b.lookups[to] = said
		}
	case "createApplication", "getApplication", "updateApplication":
		b.seeApplication(x.answer)
	case "listApplications":
		for _, one := range elements(x.answer) {
			b.seeApplication(one)
		}
	case "createMessage", "getMessage", "updateMessage":
		b.seeMessage(x.answer)
	case "listMessages":
		for _, one := range elements(x.answer) {
			b.seeMessage(one)
		}
	}
	if id := x.ids["application"]; id != "" {
		b.application(id)
	}
}

func elements(value any) []any {
	list, _ := value.([]any)
	return list
}

func (b *book) seeApplication(value any) {
	members, _ := value.(map[string]any)
	id, _ := members["applicationId"].(string)
	state, ok := b.state(members, settings)
	if !ok || id == "" {
		return
	}
	if a := b.application(id); a.first == nil {
		a.first, a.now = state, state
	}
}

func (b *book) seeMessage(value any) {
	members, _ := value.(map[string]any)
	id, _ := members["messageId"].(string)
	of, _ := members["applicationId"].(string)
	state, ok := b.state(members, template)
	if !ok || id == "" || of == "" {
		return
	}
	if m := b.message(id, b.application(of)); m.first == nil {
		m.first, m.now = state, state
	}
}

// state takes what can be set of a thing out of an answer about it; false says that it is not such an answer.
func (b *book) state(members map[string]any, known map[string]kind) (map[string]any, bool) {
	state := map[string]any{}
	for name, kind := range known {
		value, fit := b.plain(members[name], kind)
		if !fit {
			return nil, false
		}
		state[name] = value
	}
	text, _ := state["messageText"].(string)
	place, _ := state["pinPlaceholder"].(string)
	return state, strings.Contains(text, place)
}

// plain gives what stands for a value in a state.
func (b *book) plain(value any, kind kind) (any, bool) {
	switch typed := value.(type) {
	case string:
		if kind == aText {
			return b.text(typed), typed != ""
		}
		return typed, kind == aPinType && pinTypes[typed]
	case bool:
		return typed, kind == aFlag
	case json.Number:
		return typed, kind == aCount && counts(typed)
	case map[string]any:
		if kind != aConfiguration {
			return nil, false
		}
		return b.state(typed, configuration)
	}
	return nil, false
}

// merged is a state after an update.
func merged(state, changes map[string]any) map[string]any {
	after := maps.Clone(state)
	for name, value := range changes {
		members, nested := value.(map[string]any)
		old, _ := after[name].(map[string]any)
		switch {
		case nested:
			after[name] = merged(old, members)
		case value != nil:
			after[name] = value
		}
	}
	return after
}

// is compares a state with what is expected, and notes that somebody else changed the thing.
func (t *thing) is(state map[string]any) bool {
	if t.now == nil || !reflect.DeepEqual(t.now, state) {
		t.lost = true
	}
	return !t.lost
}

// number reads one of an application's limits.
func number(configuration map[string]any, name string) int64 {
	n, _ := configuration[name].(json.Number)
	value, err := n.Int64()
	if err != nil {
		return 0
	}
	return value
}
