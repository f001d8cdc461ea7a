package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestSandbox_wait wants a wait to wake at once, to find a message that came first, and to say when none comes.
func TestSandbox_wait(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	woken := make(chan time.Time, 1)
	go func() {
		u.call("GET", "/sandbox/inbox/wait?to=41790010002", "", 200)
		woken <- time.Now()
	}()
	u.awaitGoroutines(sleeper, 1)
	u.send(id, "41790010002", 200)
	sent := time.Now()
	if late := (<-woken).Sub(sent); late > time.Second { // 50 ms on a quiet machine; measured by the benchmark, not here
		t.Errorf("wait wakes %v after the send", late)
	}
	pinID, cursor := u.send(id, "41790010003", 200)
	for _, query := range []string{"to=41790010003", "pinId=" + pinID, "after=" + cursor} {
		if m, _ := u.call("GET", "/sandbox/inbox/wait?timeout=1&"+query, "", 200); m["pinId"] != pinID {
			t.Errorf("wait by %s gives PIN %v, want %s", query, m["pinId"], pinID)
		}
	}
	began := time.Now()
	late, _ := u.call("GET", "/sandbox/inbox/wait?timeout=1&to=41790010004", "", 408)
	if !strings.Contains(fmt.Sprint(late), "TIMED_OUT") || time.Since(began) < time.Second {
		t.Errorf("wait answers %v after %v, want TIMED_OUT after a second", late, time.Since(began))
	}
	u.call("GET", "/sandbox/inbox/wait", "", 400)
	u.call("GET", "/sandbox/inbox/wait?to=41790010002&timeout=61", "", 400)
}

func TestSandbox_inbox(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	first, _ := u.send(id, "41790010001", 200)
	u.send(id, "41790010002", 200)
	u.call("POST", "/2fa/1/pin/"+first+"/resend/voice", "", 200)
	count := func(query string) int {
		t.Helper()
		page, _ := u.call("GET", "/sandbox/inbox?"+query, "", 200)
		return len(page["messages"].([]any))
	}
	for query, want := range map[string]int{
		"": 3, "to=41790010001": 2, "pinId=" + first: 2, "channel=VOICE": 1, "applicationId=nobody": 0, "since=99999999999999": 0,
	} {
		if got := count(query); got != want {
			t.Errorf("the inbox by %q has %d messages, want %d", query, got, want)
		}
	}
	if whole, _ := u.call("GET", "/sandbox/inbox?limit=3", "", 200); whole["next"] != nil {
		t.Errorf("a page of all there is has next %v, want none", whole["next"])
	}
	page, _ := u.call("GET", "/sandbox/inbox?limit=2", "", 200)
	rest, _ := u.call("GET", "/sandbox/inbox?limit=2&before="+fmt.Sprint(page["next"]), "", 200)
	if len(page["messages"].([]any)) != 2 || len(rest["messages"].([]any)) != 1 || rest["next"] != nil {
		t.Errorf("pages of two have %v and %v", page, rest)
	}
	newest := page["messages"].([]any)[0].(map[string]any)
	if newest["channel"] != "VOICE" || newest["callStatus"] != "PROCESSED" || newest["spoken"] == nil || len(objects(newest["history"])) == 0 {
		t.Errorf("the newest message is %v, want the call with everything known", newest)
	}
	u.call("GET", "/sandbox/inbox/"+fmt.Sprint(newest["id"]), "", 200)
	u.call("DELETE", "/sandbox/inbox/"+fmt.Sprint(newest["id"]), "", 200)
	u.call("GET", "/sandbox/inbox/"+fmt.Sprint(newest["id"]), "", 404)
	drained, _ := u.call("DELETE", "/sandbox/inbox?to=41790010001", "", 200)
	if len(drained["messages"].([]any)) != 1 || count("") != 1 {
		t.Errorf("drain removes %v and leaves %d, want one and one", drained, count(""))
	}
}
