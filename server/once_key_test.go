package server

import (
	"encoding/json"
	"testing"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/internal/pin"
)

// TestOnceOf wants one fingerprint for everything that asks for the same, and another for everything else.
func TestOnceOf(t *testing.T) {
	t.Parallel()
	const plain = `{"to":"41790013377","applicationId":"A","messageId":"B"}`
	first := onceFor(t, "key", "sendPinOverSms", nil, plain)
	for name, tt := range map[string]struct {
		key, operation string
		query          *bool
		body           string
		same           bool
	}{
		"the same":             {"key", "sendPinOverSms", nil, plain, true},
		"another order":        {"key", "sendPinOverSms", nil, `{"messageId":"B","to":"41790013377","applicationId":"A"}`, true},
		"spaces":               {"key", "sendPinOverSms", nil, ` { "to" : "41790013377", "applicationId":"A","messageId":"B" } `, true},
		"null":                 {"key", "sendPinOverSms", nil, `{"to":"41790013377","applicationId":"A","messageId":"B","from":null}`, true},
		"escapes":              {"key", "sendPinOverSms", nil, `{"to":"4179001337\u0037","applicationId":"A","messageId":"B"}`, true},
		"another member":       {"key", "sendPinOverSms", nil, `{"to":"41790013378","applicationId":"A","messageId":"B"}`, false},
		"one member more":      {"key", "sendPinOverSms", nil, `{"to":"41790013377","applicationId":"A","messageId":"B","from":"C"}`, false},
		"a default spelt out":  {"key", "sendPinOverSms", nil, `{"to":"41790013377","applicationId":"A","messageId":"B","ncNeeded":true}`, false},
		"a query":              {"key", "sendPinOverSms", new(true), plain, false},
		"another operation":    {"key", "sendPinOverVoice", nil, plain, false},
		"members changed over": {"key", "sendPinOverSms", nil, `{"to":"41790013377","applicationId":"B","messageId":"A"}`, false},
	} {
		got := onceFor(t, tt.key, tt.operation, tt.query, tt.body)
		if same := got.Fingerprint == first.Fingerprint; same != tt.same || got.KeyHash != first.KeyHash {
			t.Errorf("%s: the same request is %t, want %t", name, same, tt.same)
		}
	}
	if other := onceFor(t, "Key", "sendPinOverSms", nil, plain); other.KeyHash == first.KeyHash || other.Fingerprint != first.Fingerprint {
		t.Error("another key is the same, or makes another request")
	}
	if once, err := onceOf(nil, "sendPinOverSms"); once != nil || err != nil {
		t.Errorf("no key gives %v, %v, want nothing", once, err)
	}
	if once, err := onceOf(new(""), "sendPinOverSms"); once != nil || err == nil {
		t.Errorf("an empty key gives %v, %v, want a refusal", once, err)
	}
}

func onceFor(t *testing.T, key, operation string, query *bool, body string) *pin.Once {
	t.Helper()
	var request api.SendPinOverSmsRequest
	if err := json.Unmarshal([]byte(body), &request); err != nil {
		t.Fatal(err)
	}
	once, err := onceOf(&key, operation, query, &request)
	if err != nil {
		t.Fatal(err)
	}
	return once
}
