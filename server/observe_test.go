package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/canary"
)

// answered are the access log's lines of an operation, or of what is none.
func (l *trail) answered(operation string) []map[string]any {
	l.Lock()
	defer l.Unlock()
	var all []map[string]any
	for text := range strings.Lines(l.text.String()) {
		var line map[string]any
		if json.Unmarshal([]byte(text), &line) == nil && line["msg"] == "answered" && (line["operation"] == operation || operation == "" && line["operation"] == nil) {
			all = append(all, line)
		}
	}
	return all
}

// TestAccessLog_names_the_account that a request was meant for, and leaves out what there is nothing to say of.
func TestAccessLog_names_the_account(t *testing.T) {
	t.Parallel()
	address, log := serveAbused(t, nil)
	u := &tester{t: t, address: "http://" + address, key: goodKey}
	opened, _ := u.call("POST", "/sandbox/worlds", "", 200)
	canary.Watch(fmt.Sprint(opened["key"]))
	u.call("GET", "/2fa/1/applications", "", 200)
	u.refused("GET", "/2fa/1/applications/NONE", "", 404, "")
	inside := *u
	inside.world = fmt.Sprint(opened["worldId"])
	inside.call("GET", "/2fa/1/applications", "", 200)
	inside.call("GET", "/sandbox/clock", "", 200)
	exchange(t, address, plain("GET", "/livez"))

	listed := log.answered("listApplications")
	owner := fmt.Sprint(listed[0]["account_id"])
	if len(listed) != 2 || len(owner) != 32 || owner == inside.world || listed[1]["account_id"] != inside.world {
		t.Errorf("lists are logged as %v, want the account and then its world", listed)
	}
	if refused := log.answered("getApplication"); refused[0]["account_id"] != owner || refused[0]["reason"] != "RESOURCE_NOT_FOUND" {
		t.Errorf("a refusal is logged as %v, want the account and the reason", refused)
	}
	if clock := log.answered("getClock"); clock[0]["account_id"] != inside.world {
		t.Errorf("a path of the sandbox is logged as %v, want the world", clock)
	}
	for _, line := range append(log.answered(""), listed[0]) {
		for _, name := range []string{"reason", "error"} {
			if value, there := line[name]; there {
				t.Errorf("%v is logged with %s %q, want it left out", line, name, value)
			}
		}
	}
	if _, there := log.answered("")[0]["account_id"]; there {
		t.Error("a request of nobody is logged with an account")
	}
}

// TestWait_left by its caller is no fault of ours: it is not logged as one, nor counted.
func TestWait_left(t *testing.T) {
	t.Parallel()
	address, log := serveAbused(t, nil)
	conn := dial(t, address)
	_, err := fmt.Fprint(conn, get("/sandbox/inbox/wait?to="+reachable))
	must(t, err)
	time.Sleep(200 * time.Millisecond) // it waits by now; if not, it is left all the same
	must(t, conn.Close())
	for end := time.Now().Add(attackTime); len(log.answered("waitForCapturedMessage")) == 0 && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	lines := log.answered("waitForCapturedMessage")
	if len(lines) != 1 || lines[0]["status"] != 503.0 {
		t.Errorf("a wait that was left is logged as %v, want one line with status 503", lines)
	}
}

// TestTooLarge names the bound of the operation.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	for path, bound := range map[string]int{"/2fa/1/pin": 64 << 10, "/sandbox/faults": 64 << 10, "/sandbox/seed": 1 << 20, "/sandbox/reset": 1 << 20} {
		status, _, body := do(t, u.request("POST", path, strings.Repeat(" ", bound+1)))
		if want := fmt.Sprintf("The body is larger than %d bytes", bound); status != 413 || !strings.Contains(string(body), want) {
			t.Errorf("%s answers %d %s, want 413 with %q", path, status, body, want)
		}
	}
}
