package server_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/internal/canary"
)

// TestAbuse_sandbox sends what no honest test sends to the sandbox's own paths, as TestAbuse does to the others.
func TestAbuse_sandbox(t *testing.T) {
	t.Parallel()
	canary.Watch(secrets...)
	address, _ := serveAbused(t, nil)
	for topic, attacks := range map[string][]attack{
		"worlds": worldAttacks(), "bodies": sandboxBodyAttacks(), "seeds": seedAttacks(), "ids": idAttacks(), "paths": sandboxPathAttacks(),
	} {
		t.Run(topic, func(t *testing.T) {
			t.Parallel()
			for _, a := range attacks {
				t.Run(a.name, func(t *testing.T) { a.check(t, exchange(t, address, a.request)) })
			}
			t.Logf("%d attacks", len(attacks))
		})
	}
}

// worldAttacks name worlds that are not there, on paths of both APIs: whether or not an operation declares 404.
func worldAttacks() []attack {
	var all []attack
	for _, target := range []string{appsPath, "/sandbox/worlds", "/sandbox/inbox/events"} {
		for name, c := range map[string]struct {
			lines  []string
			status int
		}{
			"empty":                   {[]string{"Pinpost-World:"}, 400},
			"a space":                 {[]string{"Pinpost-World:  "}, 400},
			"twice":                   {[]string{"Pinpost-World: A", "Pinpost-World: B"}, 400},
			"twice the same":          {[]string{"Pinpost-World: A", "pinpost-world: A"}, 400},
			"long":                    {[]string{"Pinpost-World: " + strings.Repeat("A", 65)}, 400},
			"very long":               {[]string{"Pinpost-World: " + strings.Repeat(secretPhone, 900)}, 400},
			"as long as may be":       {[]string{"Pinpost-World: " + strings.Repeat("A", 64)}, 404},
			"a phone number":          {[]string{"Pinpost-World: " + secretPhone}, 404},
			"a key":                   {[]string{"Pinpost-World: " + goodKey[:64]}, 404},
			"SQL":                     {[]string{"Pinpost-World: ' OR parent_id <> '"}, 404},
			"no UTF-8":                {[]string{"Pinpost-World: \xff\xfe"}, 404},
			"letters of other script": {[]string{"Pinpost-World: " + strings.Repeat("é", 64)}, 404},
			"an application":          {[]string{"Pinpost-World: " + appID}, 404},
		} {
			a := attack{name: target + " in a world that is " + name, request: get(target, c.lines...), status: c.status}
			if c.status == 400 {
				a.member = "Pinpost-World"
			}
			all = append(all, a)
		}
	}
	return append(all,
		attack{name: "a world without credentials", request: plain("GET", "/sandbox/seed", "Pinpost-World: A"), status: 401},
		attack{name: "a world in the query", request: get("/sandbox/faults?Pinpost-World=A"), status: 400, member: "Pinpost-World"},
	)
}

// sandboxBodyAttacks send bodies that are no objects, or no JSON.
func sandboxBodyAttacks() []attack {
	var all []attack
	for target, most := range map[string]int{
		"/sandbox/faults": 64 << 10, "/sandbox/clock": 64 << 10, "/sandbox/worlds": 64 << 10, "/sandbox/reset": 1 << 20, "/sandbox/seed": 1 << 20,
	} {
		for name, body := range map[string]string{
			"an array": `[]`, "a string": `"` + secretPhone + `"`, "a number": secretPIN, "true": `true`, "half": `{"seed":`,
			"two": `{}{}`, "no UTF-8": "{\"name\":\"\xff\"}", "a member twice": `{"name":"a","name":"b"}`, "a comment": `{/**/}`,
			"deep": strings.Repeat(`{"seed":`, 40) + `1` + strings.Repeat(`}`, 40), "unknown": `{"colour":"` + secretPhone + `"}`,
			"a secret for a name": `{"` + secretPhone + `":1}`, "other letters": `{"Name":"n","EFFECT":"RESET","AdvanceMs":1,"Seed":null}`,
		} {
			all = append(all, attack{name: target + " " + name, request: post(target, body), status: 400})
		}
		all = append(all,
			attack{name: target + " too large", request: post(target, strings.Repeat(" ", most+1)), status: 413},
			attack{name: target + " too large in chunks", status: 413,
				request: chunked(target, fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", most+1, strings.Repeat(" ", most+1)))},
			attack{name: target + " as a form", status: 415,
				request: plain("POST", target, authorized, "Content-Type: application/x-www-form-urlencoded", "Content-Length: 3") + "a=b"},
			attack{name: target + " in another script", status: 415,
				request: plain("POST", target, authorized, "Content-Type: application/json; charset=utf-16", "Content-Length: 2") + "{}"},
		)
	}
	for target, method := range map[string]string{
		"/sandbox/inbox": "DELETE", "/sandbox/inbox/wait?after=1": "GET", "/sandbox/inbox/events": "GET", "/sandbox/faults": "DELETE",
		"/sandbox/worlds/A": "DELETE", "/sandbox/seed": "GET",
	} {
		all = append(all, attack{name: method + target + " with a body", request: with(method, target, "{}"), status: 400})
	}
	return all
}

// seedAttacks load too much, and what the rules refuse.
func seedAttacks() []attack {
	one := func(id, messages string) string {
		return `{"applicationId":"` + id + `","name":"n","messages":[` + messages + `]}`
	}
	many := func(n int, what string) string { return strings.TrimSuffix(strings.Repeat(what+",", n), ",") }
	message := func(text, placeholder string) string {
		return `{"messageId":"M","pinType":"NUMERIC","pinLength":4,"pinPlaceholder":"` + placeholder + `","messageText":"` + text + `","sender":"S"}`
	}
	var all []attack
	for name, c := range map[string]bodied{
		"1000 applications of 1000 messages": {"", many(1000, one("S", many(1000, `{}`))), 413, ""},
		"1001 applications of nothing":       {"", many(1001, `{}`), 400, "applications[0].name"},
		"an application a thousand times":    {"", many(1001, `{"applicationId":"S","name":"n"}`), 400, "applications[1].applicationId"},
		"no placeholder in the text":         {"", one("S", message("text", "<pin>")), 400, "applications[0].messages[0].messageText"},
		"a name of spaces":                   {"", `{"applicationId":"S","name":" "}`, 400, "applications[0].name"},
		"another account's application":      {"", `{"applicationId":"E1671797C52E15F763380B45E841EC32","name":"n"}`, 200, ""},
		"a message in two applications":      {"", one("S1", message("<pin>", "<pin>")) + "," + one("S2", message("<pin>", "<pin>")), 400, "applications[1].messages[0].messageId"},
		"an application twice":               {"", many(2, one("S3", "")), 400, "applications[1].applicationId"},
		"an id of odd characters":            {"", one(` /?#\u0000é`, ""), 400, "applications[0].applicationId"},
		"a message's id of odd characters":   {"", one("S4", strings.Replace(message("<pin>", "<pin>"), `"M"`, `"M/.."`, 1)), 400, "applications[0].messages[0].messageId"},
		"an id that is too long":             {"", one(strings.Repeat("S", 65), ""), 400, "applications[0].applicationId"},
		"an id as long as may be":            {"", one(strings.Repeat("S", 64), ""), 200, ""},
	} {
		seed := `{"applications":[` + c.body + `]}`
		all = append(all, attack{name: name, request: post("/sandbox/seed", seed), status: c.status, member: c.member})
	}
	return all
}

// idAttacks ask for what is not there by ids of any kind.
func idAttacks() []attack {
	var all []attack
	for _, from := range [][2]string{
		{"GET", "/sandbox/inbox/"}, {"DELETE", "/sandbox/inbox/"}, {"DELETE", "/sandbox/faults/"}, {"DELETE", "/sandbox/worlds/"},
	} {
		for _, id := range []string{
			"%00", "%2F", "%FF", "%2e%2e", "a%20b", "%25", "%27%20OR%201=1", "+", "-1", secretPhone, "{id}", "null", strings.Repeat("x", 9000),
		} {
			all = append(all, attack{name: from[0] + from[1] + id[:min(len(id), 20)], request: plain(from[0], from[1]+id, authorized), status: 404})
		}
	}
	return all
}

// sandboxPathAttacks use methods that a path does not take.
func sandboxPathAttacks() []attack {
	return []attack{
		{name: "POST inbox", request: post("/sandbox/inbox", "{}"), status: 405, allow: "OPTIONS,DELETE,GET"},
		{name: "PUT seed", request: with("PUT", "/sandbox/seed", "{}"), status: 405, allow: "OPTIONS,GET,POST"},
		{name: "GET reset", request: get("/sandbox/reset"), status: 405, allow: "OPTIONS,POST"},
		{name: "GET a world", request: get("/sandbox/worlds/A"), status: 405, allow: "OPTIONS,DELETE"},
		{name: "no such path", request: get("/sandbox/" + secretPhone), status: 404},
		{name: "a filter that is misspelt", request: with("DELETE", "/sandbox/inbox?too=1", ""), status: 400, member: "too"},
		{name: "a secret for a filter", request: get("/sandbox/inbox?" + secretPhone + "=1"), status: 400},
		{name: "an ID that is not set", request: with("DELETE", "/sandbox/inbox/", ""), status: 404},
		{name: "a fault that is not set", request: with("DELETE", "/sandbox/faults/", ""), status: 404},
		{name: "a world that is not set", request: with("DELETE", "/sandbox/worlds/", ""), status: 404},
		{name: "upper case", request: get("/Sandbox/inbox"), status: 404},
		{name: "a malformed query", request: get("/sandbox/inbox?to=%zz"), status: 400},
		{name: "a query with a semicolon", request: get("/sandbox/inbox?to=1;limit=1"), status: 400},
		{name: "a word for a last event", request: get("/sandbox/inbox/events", "Last-Event-ID: "+secretPhone+"x"), status: 400, member: "Last-Event-ID"},
		{name: "two last events", request: get("/sandbox/inbox/events", "Last-Event-ID: 1", "Last-Event-ID: 2"), status: 400, member: "Last-Event-ID"},
		{name: "no last event", request: get("/sandbox/inbox/events", "Last-Event-ID:"), status: 400, member: "Last-Event-ID"},
		{name: "a last event that is too long", request: get("/sandbox/inbox/events", "Last-Event-ID: "+strings.Repeat("9", 19)), status: 400, member: "Last-Event-ID"},
	}
}

// TestAbuse_sandbox_edges reads at the ends of cursors and times.
func TestAbuse_sandbox_edges(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	first, _ := u.send(id, reachable, 200)
	u.send(id, reachable, 200)
	for query, want := range map[string]int{
		"after=0": 2, "after=000000000000000000": 2, "after=999999999999999999": 0, "before=0": 0, "before=1": 0, "before=999999999999999999": 2,
		"after=999999999999999999&before=0": 0, "since=0": 2, "since=007": 2, "since=9223372036854775807": 0, "since=253402300800000": 0,
	} {
		if got := len(u.messages(query)); got != want {
			t.Errorf("the inbox by %q has %d messages, want %d", query, got, want)
		}
	}
	if m, _ := u.call("GET", "/sandbox/inbox/wait?after=0", "", 200); m["pinId"] != first {
		t.Errorf("wait from the beginning gives PIN %v, want the oldest %s", m["pinId"], first)
	}
	for _, query := range []string{"after=999999999999999999", "since=9223372036854775807"} {
		if gone, _ := u.call("DELETE", "/sandbox/inbox?"+query, "", 200); len(objects(gone["messages"])) != 0 {
			t.Errorf("draining by %s removes %v", query, gone)
		}
	}
	u.call("DELETE", "/sandbox/inbox?after=0", "", 200)
	if left := u.messages(""); len(left) != 0 {
		t.Errorf("draining from the beginning leaves %v", left)
	}
}

// TestAbuse_sandbox_refused_resets lose nothing: neither with a body nor with a seed that is refused.
func TestAbuse_sandbox_refused_resets(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	u.send(id, reachable, 200)
	for _, body := range []string{
		`[]`, `{"seed":[]}`, `{"seed":{"applications":[{"applicationId":"Z` + id[1:] + `","name":" "}]}}`,
		`{"seed":{"applications":[{"applicationId":"` + appID + `","name":"n"},{"applicationId":"` + appID + `","name":"twice"}]}}`,
	} {
		u.refused("POST", "/sandbox/reset", body, 400, "")
		seed, _ := u.call("GET", "/sandbox/seed", "", 200)
		if len(objects(seed["applications"])) != 1 || len(u.messages("")) != 1 {
			t.Errorf("a reset refused for %s leaves %v", body, seed)
		}
	}
}

// TestAbuse_sandbox_deleting removes the same things many times at once: one finds them.
func TestAbuse_sandbox_deleting(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	inside, id := u.open()
	inside.send(id, reachable, 200)
	message := fmt.Sprint(inside.messages("")[0]["id"])
	fault := inside.plan(`{"effect":"RESET","operation":"verifyPin","count":1}`)
	for _, path := range []string{"/sandbox/inbox/" + message, "/sandbox/faults/" + fault} {
		statuses := map[int]int{}
		for _, a := range crowdOf(t, u.address, "DELETE", path, inside.key, func(int) string { return "" }) {
			statuses[a.status]++
		}
		if statuses[200] != 1 || statuses[404] != crowd-1 {
			t.Errorf("%d deletions of %s answer %v, want 200 once and 404", crowd, path, statuses)
		}
	}
}

// TestAbuse_sandbox_leaving opens many streams and waits and leaves them, or closes their world under them. Nothing of them
// stays behind.
func TestAbuse_sandbox_leaving(t *testing.T) {
	t.Parallel()
	const many = 40
	u := newTester(t)
	inside, id := u.open()
	other, _ := u.open()
	var streams []*stream
	for range many {
		streams = append(streams, inside.listen("", ""), other.listen("", ""))
	}
	var waits sync.WaitGroup
	for range many {
		waits.Go(func() { inside.refused("GET", "/sandbox/inbox/wait?to=41790010001", "", 404, "") })
	}
	u.awaitGoroutines(sleeper, 3*many)
	pinID, _ := inside.send(id, reachable, 200)
	for i, s := range streams {
		if i%2 != 0 {
			_ = s.body.Close() // in the other world, where nothing comes
		} else if m := s.next(); m["pinId"] != pinID {
			t.Errorf("a stream gives %v, want PIN %s", m, pinID)
		}
	}
	u.awaitGoroutines(sleeper, 2*many)
	u.call("DELETE", "/sandbox/worlds/"+id, "", 200)
	waits.Wait()
	for _, frame := range []string{sleeper, "server.eventStream", "server.sandboxDesk", "inbox.(*Inbox).Follow", "server.(*Server)"} {
		u.awaitGoroutines(frame, 0)
	}
}

// TestAbuse_sandbox_event_injection sends a text that reads like events of its own.
func TestAbuse_sandbox_event_injection(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	seed := strings.Replace(worldSeed(id), `"messageText":"<pin>"`, `"messageText":"<pin>\n\nid: 7\nevent: message\ndata: {}\n\n\r\n"`, 1)
	u.call("POST", "/sandbox/seed", seed, 200)
	events := u.listen("", "")
	for range 2 {
		pinID, _ := u.send(id, reachable, 200)
		if m := events.next(); m["pinId"] != pinID || !strings.Contains(fmt.Sprint(m["text"]), "\n\nid: 7") {
			t.Errorf("the event is %v, want PIN %s with its text whole", m, pinID)
		}
	}
}
