package sandbox_test

import (
	"fmt"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/sandbox"
)

func TestFind_every_number_of_every_block_leads_to_its_scenario(t *testing.T) {
	t.Parallel()
	for at, s := range sandbox.Scenarios() {
		for prefix, limited := range map[string]bool{"3363998": false, "3319900": true} {
			for n := range 100 {
				text := fmt.Sprintf("%s%02d%02d", prefix, at, n)
				to, err := phone.Parse(text)
				if err != nil || to.Digits() != text {
					t.Fatalf("Parse(%s) = %s, %v, want the same digits", text, to.Digits(), err)
				}
				got, gotLimited, ok := sandbox.Find(to)
				if !ok || gotLimited != limited || got != s {
					t.Fatalf("Find(%s) = %s, %t, %t, want %s, %t, true", text, got.Name, gotLimited, ok, s.Name, limited)
				}
				first, last := s.Block(limited)
				if n == 0 && first != to || n == 99 && last != to {
					t.Errorf("Block(%t) of %s = %s to %s, want %s in its place", limited, s.Name, first.Digits(), last.Digits(), text)
				}
			}
		}
	}
}

func TestFind_other_numbers_have_no_scenario(t *testing.T) {
	t.Parallel()
	beyond := len(sandbox.Scenarios())
	tests := map[string]phone.Number{
		"another country":            "41793026727",
		"another block of France":    "33639970000",
		"a digit too few":            "3363998000",
		"a digit too many":           "336399800000",
		"a scenario that is not yet": phone.Number(fmt.Sprintf("3363998%02d00", beyond)),
		"the last scenario":          "33199009999",
		"no number":                  "",
		"not digits":                 "3363998+1+1",
	}
	for name, to := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if s, limited, ok := sandbox.Find(to); ok || limited || s.Name != "" {
				t.Errorf("Find(%s) = %s, %t, %t, want none", to.Digits(), s.Name, limited, ok)
			}
		})
	}
	if first, last := (sandbox.Scenario{Name: "other"}).Block(false); first != "" || last != "" {
		t.Errorf("Block of no scenario = %s, %s, want none", first.Digits(), last.Digits())
	}
}

func TestScenarios_produce_every_documented_value(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range sandbox.Scenarios() {
		seen[s.NC], seen[string(s.State)], seen["call "+string(s.Call)] = true, true, true
	}
	for _, want := range []string{
		"NC_DESTINATION_UNKNOWN", "NC_DESTINATION_REACHABLE", "NC_DESTINATION_NOT_REACHABLE", "NC_NOT_CONFIGURED",
		"MESSAGE_ACCEPTED", "MESSAGE_NOT_SENT", "MESSAGE_NOT_DELIVERED", "MESSAGE_WAITING_DELIVERY", "MESSAGE_DELIVERED",
		"MESSAGE_NETWORK_NOT_ALLOWED", "MESSAGE_NETWORK_NOT_AVAILABLE", "MESSAGE_INVALID_DESTINATION_ADDRESS",
		"MESSAGE_DELIVERY_UNKNOWN", "INVALID_SOURCE_ADDRESS", "NOT_ENOUGH_CREDITS", "MESSAGE_REJECTED", "MESSAGE_EXPIRED",
		"SYSTEM_ERROR",
		"call BAD_REQUEST", "call PROCESSING", "call PROCESSED", "call ANSWERED_MACHINE", "call ERROR",
		"call ERROR_NOT_ENOUGH_CREDITS", "call ERROR_NETWORK_NOT_AVAILABLE", "call ERROR_ROUTE_NOT_AVAILABLE",
		"call ERROR_USER_BUSY", "call ERROR_NO_ANSWER", "call UNDEFINED",
	} {
		if !seen[want] {
			t.Errorf("no scenario ends with %s", want)
		}
		delete(seen, want)
	}
	delete(seen, "") // a lookup that is left as it is
	if len(seen) != 0 {
		t.Errorf("scenarios end with %v, want documented values only", seen)
	}
}

func TestScenarios_are_in_order(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, s := range sandbox.Scenarios() {
		if s.Name == "" || s.Description == "" || names[s.Name] {
			t.Errorf("scenario %q (%q) needs a name of its own and a description", s.Name, s.Description)
		}
		names[s.Name] = true
		if s.SMSRefused {
			if got := delivery.StateOf(&delivery.Error{Class: s.SMSClass}); got != s.State {
				t.Errorf("%s: its refusal counts as %s, want %s", s.Name, got, s.State)
			}
		}
	}
	sandbox.Scenarios()[0].Name = "changed"
	if got := sandbox.Scenarios()[0].Name; got != "ok" {
		t.Errorf("a caller changed the table: %q, want ok", got)
	}
}
