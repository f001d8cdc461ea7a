package pin

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestValues_that_a_log_may_show hold a number and a sealed PIN, and show neither whole.
func TestValues_that_a_log_may_show(t *testing.T) {
	t.Parallel()
	p := sealed(t, sealer(t, key(1)), somebody, secret)
	values := map[string]any{
		"PIN":          p,
		"text":         SMSResult{PINID: "id", To: number, NCStatus: NCUnknown, SMSStatus: SMSSent},
		"call":         CallResult{PINID: "id", To: number},
		"verify":       VerifyResult{PINID: "id", To: number},
		"verification": Verification{To: number, SentAt: noon},
		"filter":       VerificationFilter{To: number},
		"limit":        Limit{Name: "initiationAttempts", To: number, Max: 3, Interval: time.Minute},
		"limit error":  &LimitError{Limit{Name: "initiationAttempts", To: number}, noon},
		"rows":         []Verification{{To: number}},
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				fmt.Fprintf(&out, verb+"\n", value)
			}
			slog.New(slog.NewTextHandler(&out, nil)).Info("x", "value", value)
			slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", value)
			for _, hidden := range []string{number, secret.Reveal()} {
				if strings.Contains(out.String(), hidden) {
					t.Errorf("output holds %s: %s", hidden, out.String())
				}
			}
		})
	}
}

func TestSealer_prints_no_key(t *testing.T) {
	t.Parallel()
	s := sealer(t, key(1))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		got := fmt.Sprintf(verb, s) + fmt.Sprintf(verb, *s) + fmt.Sprintf(verb, Deps{Sealer: s})
		for _, shown := range []string{strings.Repeat("1 ", 4), strings.Repeat("0x1, ", 4), strings.Repeat("01", 4), strings.Repeat("\x01", 4)} {
			if strings.Contains(got, shown) {
				t.Errorf("Sprintf(%q) = %s, want no key in it", verb, got)
			}
		}
	}
}
