package server_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// historyCase is a message to a number, and the states that it goes through.
type historyCase struct {
	number, path string
	want         []string
}

// TestSandbox_history wants every state that a message was in, each described and dated by the world's clock.
func TestSandbox_history(t *testing.T) {
	t.Parallel()
	const (
		sms, voice = "/2fa/1/pin", "/2fa/1/pin/voice"
		notSent    = "MESSAGE_NOT_SENT"
		waiting    = "MESSAGE_WAITING_DELIVERY"
	)
	u, id := newTester(t).open()
	u.call("POST", "/sandbox/clock", `{"advanceMs":3600000}`, 200)
	ahead := time.Now().Add(time.Hour - time.Minute).UnixMilli()
	for name, c := range map[string]historyCase{
		"a text that arrives":              {"41790010001", sms, []string{notSent, "MESSAGE_DELIVERED"}},
		"a text that nobody reports on":    {"33639980800", sms, []string{notSent, "MESSAGE_ACCEPTED"}},
		"a text whose receipt comes first": {"33639980700", sms, []string{notSent, "MESSAGE_DELIVERED"}},
		"a text that waits":                {"33639980900", sms, []string{notSent, waiting}},
		"a text that does not arrive":      {"33639981000", sms, []string{notSent, waiting, "MESSAGE_NOT_DELIVERED"}},
		"a text that expires":              {"33639981100", sms, []string{notSent, waiting, "MESSAGE_EXPIRED"}},
		"a call that is taken":             {"41790010002", voice, []string{waiting, "MESSAGE_DELIVERED"}},
		"a call that nobody takes":         {"33639981001", voice, []string{waiting, "MESSAGE_NOT_DELIVERED"}},
		"a call that never ends":           {"33639980901", voice, []string{waiting}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := &tester{t: t, address: u.address, key: u.key, prefer: "wait=0"}
			body := fmt.Sprintf(`{"to":%q,"applicationId":"A%s","messageId":"B%s"}`, c.number, id[1:], id[1:])
			_, header := u.call("POST", c.path, body, 200)
			message, _ := u.call("GET", "/sandbox/inbox/wait?after="+header.Get("Pinpost-Cursor")+"&to="+c.number, "", 200)
			checkHistory(u, fmt.Sprint(message["id"]), c.want, ahead)
		})
	}
}

// checkHistory waits until a message came into the last of the states, and wants all of them, in order, none before ahead.
func checkHistory(u *tester, id string, want []string, ahead int64) {
	u.t.Helper()
	var message map[string]any
	var got []string
	for range 100 {
		message, _ = u.call("GET", "/sandbox/inbox/"+id, "", 200)
		got = nil
		for _, raw := range message["history"].([]any) {
			got = append(got, fmt.Sprint(raw.(map[string]any)["status"]))
		}
		if got[len(got)-1] == want[len(want)-1] {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !slices.Equal(got, want) {
		u.t.Errorf("the message was %v, want %v", got, want)
	}
	captured, before := message["at"].(float64), float64(ahead)
	for i, raw := range message["history"].([]any) {
		change := raw.(map[string]any)
		at := change["at"].(float64)
		if at < before || i == 0 && at > captured || i > 0 && at < captured {
			u.t.Errorf("%v is at %.0f, want it in order, the first before the message at %.0f and others after", change["status"], at, captured)
		}
		if final := !slices.Contains([]any{"MESSAGE_NOT_SENT", "MESSAGE_WAITING_DELIVERY"}, change["status"]); change["finalStatus"] != final || change["description"] == "" {
			u.t.Errorf("history has %v, want it described, and final: %t", change, final)
		}
		before = at
	}
}

// TestSandbox_ncStatus wants of a message what the number lookup before it said, and nothing where nobody asked.
func TestSandbox_ncStatus(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	for name, c := range map[string]struct {
		number, path string
		resend       bool
		want         any
	}{
		"a phone that can be reached":     {"33639980000", "/2fa/1/pin", false, "NC_DESTINATION_REACHABLE"},
		"a phone that nobody knows":       {"33639980100", "/2fa/1/pin", false, "NC_DESTINATION_UNKNOWN"},
		"no lookup set up":                {"41790010001", "/2fa/1/pin", false, "NC_NOT_CONFIGURED"},
		"no lookup asked for":             {"33639980001", "/2fa/1/pin?ncNeeded=false", false, nil},
		"no lookup asked for, sent again": {"33639980002", "/2fa/1/pin?ncNeeded=false", true, nil},
		"a lookup asked for, sent again":  {"33639980003", "/2fa/1/pin", true, "NC_DESTINATION_REACHABLE"},
		"a call":                          {"33639980004", "/2fa/1/pin/voice", false, nil},
		"a call, sent again as a text":    {"33639980005", "/2fa/1/pin/voice", true, "NC_DESTINATION_REACHABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := &tester{t: t, address: u.address, key: u.key}
			body := fmt.Sprintf(`{"to":%q,"applicationId":"A%s","messageId":"B%s"}`, c.number, id[1:], id[1:])
			answer, header := u.call("POST", c.path, body, 200)
			if c.resend {
				answer, header = u.call("POST", "/2fa/1/pin/"+fmt.Sprint(answer["pinId"])+"/resend", "", 200)
			}
			message, _ := u.call("GET", "/sandbox/inbox/wait?after="+header.Get("Pinpost-Cursor")+"&to="+c.number, "", 200)
			if message["ncStatus"] != c.want {
				t.Errorf("ncStatus is %v, want %v", message["ncStatus"], c.want)
			}
			if c.want != nil && answer["ncStatus"] != c.want {
				t.Errorf("the send answers ncStatus %v, want what the message has: %v", answer["ncStatus"], c.want)
			}
		})
	}
}
