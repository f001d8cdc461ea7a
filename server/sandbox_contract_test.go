package server_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api/spec"
)

// TestSandboxContract wants every status that the sandbox's contract declares for an operation to have been answered over
// HTTP, and no other. Answers are checked against closed schemas on their way; what does not fit becomes a 500.
func TestSandboxContract(t *testing.T) {
	t.Parallel()
	seen := &pairs{}
	t.Run("carries out", func(t *testing.T) { carryOutSandbox(t, seen) })
	t.Run("refuses", func(t *testing.T) { refuseSandbox(t, seen) })
	t.Run("neighbours", func(t *testing.T) { breakSandbox(t, seen) })

	declared, operations := map[string]bool{}, spec.Operations(closedSandboxContract(t))
	for id, op := range operations {
		for status := range op.Spec.Responses.Map() {
			declared[id+" "+status] = true
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(declared)) {
		if !seen.seen[pair] {
			t.Errorf("%s is declared and was never answered", pair)
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(seen.seen)) {
		id, _, _ := strings.Cut(pair, " ")
		if _, ours := operations[id]; ours && !declared[pair] {
			t.Errorf("%s was answered and is not declared", pair)
		}
	}
	if len(operations) != 20 {
		t.Errorf("the contract has %d operations, want 20", len(operations))
	}
	t.Logf("%d declared pairs", len(declared))
}

// carryOutSandbox has every operation succeed, with everything that its answer may hold.
func carryOutSandbox(t *testing.T, seen *pairs) {
	f := loadFixture(t)
	address, house := serveHouse(t, f, nil, seen)
	u := &tester{t: t, address: address, house: house, key: f.Accounts[0].Keys[0]}
	inside, id := u.open()
	events := inside.listen("", "")
	pinID, cursor := inside.send(id, reachable, 200)
	inside.call("POST", "/2fa/1/pin/voice", worldSend(id, reachable), 200)
	m, _ := inside.call("GET", "/sandbox/inbox/wait?channel=SMS&to="+reachable+"&pinId="+pinID+"&applicationId=A"+id[1:]+"&after="+cursor, "", 200)
	inside.call("GET", "/sandbox/inbox?limit=1&channel=VOICE&since=0&before=999999999999999999&to="+reachable, "", 200)
	inside.call("GET", "/sandbox/inbox/"+m["id"].(string), "", 200)
	inside.call("DELETE", "/sandbox/inbox/"+m["id"].(string), "", 200)
	call := inside.messages("channel=VOICE")[0]
	if status, _, _ := do(t, inside.request("GET", "/sandbox/inbox/"+call["id"].(string)+"/audio", "")); status != http.StatusOK {
		t.Errorf("audio answers %d, want 200", status)
	}
	inside.call("DELETE", "/sandbox/inbox?channel=VOICE&since=0&after=0", "", 200)
	inside.call("GET", "/sandbox/scenarios", "", 200)
	inside.call("POST", "/sandbox/faults", `{"operation":"verifyPin","to":"+41790010001","keyId":"K","effect":"DELAY","delayMs":1,"count":1,"share":null}`, 200)
	fault := inside.plan(`{"effect":"RESET","share":0.25,"seed":-9007199254740993}`)
	inside.call("GET", "/sandbox/faults", "", 200)
	inside.call("DELETE", "/sandbox/faults/"+fault, "", 200)
	inside.call("DELETE", "/sandbox/faults", "", 200)
	inside.call("POST", "/sandbox/clock", `{"advanceMs":1}`, 200)
	inside.call("GET", "/sandbox/clock", "", 200)
	seed, _ := do2(t, inside.request("GET", "/sandbox/seed", ""))
	inside.call("POST", "/sandbox/seed", seed, 200) // what is dumped can be loaded
	inside.call("POST", "/sandbox/reset", `{"seed":`+seed+`}`, 200)
	u.call("POST", "/sandbox/worlds", "", 200)
	u.call("GET", "/sandbox/worlds", "", 200)
	if first := events.next(); first["pinId"] != pinID {
		t.Errorf("the stream begins with %v, want PIN %s", first, pinID)
	}
	u.call("DELETE", "/sandbox/worlds/"+id, "", 200) // ends the stream, which is counted then
	counted := func() bool {
		now := &pairs{}
		now.scrape(t, house.Handler())
		return now.seen["streamCapturedMessages 200"]
	}
	for end := time.Now().Add(attackTime); !counted() && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
	}
}

// do2 gives the body of an answer as it is.
func do2(t *testing.T, req *http.Request) (string, http.Header) {
	t.Helper()
	_, header, body := do(t, req)
	return string(body), header
}

// refuseSandbox asks every operation for what all of them refuse alike.
func refuseSandbox(t *testing.T, seen *pairs) {
	f := loadFixture(t)
	address, house := serveHouse(t, f, nil, seen)
	u := &tester{t: t, address: address, house: house, key: f.Accounts[0].Keys[0]}
	for id, op := range spec.Operations(closedSandboxContract(t)) {
		path := strings.NewReplacer("{id}", "NONE", "{worldId}", "NONE").Replace(op.Path)
		ask := func(status int, member, world, body, media string) {
			t.Helper()
			req := u.request(op.Method, path, body)
			req.Header.Set("Content-Type", media)
			if world != "own" {
				req.Header.Set("Pinpost-World", world)
			}
			if status == http.StatusUnauthorized {
				req.Header.Del("Authorization")
			}
			got, header, answer := do(t, req)
			attack{name: id, request: op.Method, status: status, member: member}.check(t, reply{got, header, answer})
		}
		const json = "application/json"
		ask(401, "", "own", "", json)
		ask(404, "", "NONE", "", json)
		ask(400, "Pinpost-World", "", "", json)
		ask(400, "Pinpost-World", strings.Repeat("A", 65), "", json)
		if op.Spec.RequestBody == nil {
			ask(400, "", "own", "{}", json)
			continue
		}
		ask(415, "", "own", "<x/>", "application/xml")
		ask(413, "", "own", strings.Repeat(" ", 1<<20+1), json) // as large as no seed may be
		ask(400, "colour", "own", `{"colour":"red"}`, json)
		ask(400, "body", "own", `[]`, json)
	}
	u.refused("GET", "/sandbox/inbox/wait?timeout=1&to="+reachable, "", 408, "")
	for _, c := range sandboxMistakes {
		member := c.member
		if member == "-" {
			member = ""
		}
		u.refused(c.method, c.path, c.body, 400, member)
	}
}

// breakSandbox takes away what the sandbox stands on. Once it is not known who calls; once everything behind the desks fails.
func breakSandbox(t *testing.T, seen *pairs) {
	for kind, c := range map[string]broken{
		"GENERAL_EXCEPTION":   {err: errDisk},
		"SERVICE_UNAVAILABLE": {err: errAway},
		"panic":               {panics: true},
	} {
		status := map[bool]int{true: 503, false: 500}[kind == "SERVICE_UNAVAILABLE"]
		wantKind := map[int]string{500: "GENERAL_EXCEPTION", 503: "SERVICE_UNAVAILABLE"}[status]
		for _, accounts := range []bool{true, false} {
			s := brokenSandbox(t, c, accounts)
			address := listen(t, s)
			for id, op := range spec.Operations(closedSandboxContract(t)) {
				if !accounts && standsAlone[id] {
					continue
				}
				path := strings.NewReplacer("{id}", "NONE", "{worldId}", "NONE").Replace(op.Path)
				if id == "waitForCapturedMessage" {
					path += "?to=" + reachable
				}
				req, err := http.NewRequestWithContext(t.Context(), op.Method, address+path, strings.NewReader(smallestSandbox[id]))
				must(t, err)
				req.Header.Set("Authorization", "App key")
				req.Header.Set("Content-Type", "application/json")
				got, header, body := do(t, req)
				checkError(t, id+" "+kind, got, status, body, wantKind)
				checkClosed(t, body)
				if retry := header.Get("Retry-After"); (retry != "") != (status == 503) || strings.Contains(string(body), "disk") {
					t.Errorf("%s answers %d %s with Retry-After %q", id, got, body, retry)
				}
			}
			recorder := httptest.NewRecorder()
			s.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/livez", nil)) // it lives on
			if recorder.Code != http.StatusOK {
				t.Errorf("livez answers %d", recorder.Code)
			}
			seen.scrape(t, s)
		}
	}
}
