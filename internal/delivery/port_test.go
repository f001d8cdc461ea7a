package delivery_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

const (
	pin    = "X7Q2M9ZK"
	number = "41793026727"
)

func secrets() map[string]any {
	code, text := delivery.Code(pin), delivery.Text("Your PIN is "+pin)
	origin := delivery.Origin{AccountID: "A", ApplicationID: "B", MessageID: "C", PINID: "D"}
	prompt := delivery.Prompt{Phrases: []string{"Your PIN is ", ""}, PIN: code}
	sms := delivery.SMS{
		Origin: origin, AttemptID: "E", To: number, From: "Bank", Text: text, PIN: code, Validity: time.Minute,
		Params: map[string]string{"entity": "1"},
	}
	call := delivery.Call{Origin: origin, AttemptID: "E", To: number, From: "Bank", Prompt: prompt, Ring: time.Second}
	return map[string]any{
		"code": code, "text": text, "prompt": prompt, "SMS": sms, "call": call,
		"pointers":        []any{&code, &text, &prompt, &sms, &call},
		"slice of codes":  []delivery.Code{code},
		"slice of texts":  []delivery.SMS{sms},
		"map of calls":    map[string]delivery.Call{"one": call},
		"written message": prompt.Text(),
		"spoken message":  prompt.Spoken(),
		"error":           fmt.Errorf("carrier refused %v to %s: %w", sms, call.To, errors.New("no route")),
	}
}

func shows(text string) bool {
	spelled := strings.Join(strings.Split(pin, ""), ". ")
	return strings.Contains(text, pin) || strings.Contains(text, spelled) || strings.Contains(text, number)
}

func TestSecrets_stay_hidden_when_printed(t *testing.T) {
	t.Parallel()
	for name, value := range secrets() {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			t.Run(name+" with "+verb, func(t *testing.T) {
				t.Parallel()
				if got := fmt.Sprintf(verb, value); shows(got) {
					t.Errorf("Sprintf = %s, want neither PIN nor number", got)
				}
			})
		}
	}
}

func TestSecrets_stay_hidden_when_logged(t *testing.T) {
	t.Parallel()
	for name, value := range secrets() {
		for kind, open := range map[string]func(*bytes.Buffer) slog.Handler{
			"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			"JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			t.Run(name+" as "+kind, func(t *testing.T) {
				t.Parallel()
				var log bytes.Buffer
				slog.New(open(&log)).Info("sent", "value", value, slog.Group("group", slog.Any("inner", value)))
				if shows(log.String()) {
					t.Errorf("log = %s, want neither PIN nor number", log.String())
				}
				if strings.Contains(log.String(), "!ERROR") {
					t.Errorf("log = %s, want a line that holds the value", log.String())
				}
			})
		}
	}
}

func TestSecrets_stand_as_placeholders(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value any
		want  string
	}{
		"code": {delivery.Code(pin), "[PIN]"},
		"text": {delivery.Text("Your PIN is " + pin), "[message]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				if got := fmt.Sprintf(verb, tt.value); got != tt.want {
					t.Errorf("Sprintf(%q) = %q, want %q", verb, got, tt.want)
				}
			}
			if got, err := json.Marshal(tt.value); err != nil || string(got) != `"`+tt.want+`"` {
				t.Errorf("Marshal = %s, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestMessages_are_named_by_their_attempt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value fmt.Stringer
		want  string
	}{
		"text":   {delivery.SMS{AttemptID: "E", To: number, Text: pin, PIN: pin}, "text E to 41*******27"},
		"call":   {delivery.Call{AttemptID: "E", To: number, Prompt: delivery.Prompt{PIN: pin}}, "call E to 41*******27"},
		"prompt": {delivery.Prompt{Phrases: []string{"a", "b"}, PIN: pin}, "[message]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.value.String(); got != tt.want {
				t.Errorf("String() = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReveal_gives_the_secret_itself(t *testing.T) {
	t.Parallel()
	if got := delivery.Code(pin).Reveal(); got != pin {
		t.Errorf("Code.Reveal() = %q, want %q", got, pin)
	}
	if got := delivery.Text("a " + pin).Reveal(); got != "a "+pin {
		t.Errorf("Text.Reveal() = %q, want %q", got, "a "+pin)
	}
}

func TestPrompt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		phrases      []string
		code         delivery.Code
		text, spoken string
	}{
		"one place":           {[]string{"Your PIN is ", "."}, "4807", "Your PIN is 4807.", "Your PIN is 4. 8. 0. 7."},
		"two places":          {[]string{"Type ", ", again: ", ""}, "48", "Type 48, again: 48", "Type 4. 8, again: 4. 8"},
		"the PIN comes first": {[]string{"", " is your PIN"}, "A1", "A1 is your PIN", "A. 1 is your PIN"},
		"a single character":  {[]string{"", ""}, "7", "7", "7"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prompt := delivery.Prompt{Phrases: tt.phrases, PIN: tt.code}
			if got := prompt.Text().Reveal(); got != tt.text {
				t.Errorf("Text() = %q, want %q", got, tt.text)
			}
			if got := prompt.Spoken().Reveal(); got != tt.spoken {
				t.Errorf("Spoken() = %q, want %q", got, tt.spoken)
			}
		})
	}
}
