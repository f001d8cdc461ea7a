package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/internal/canary"
)

// sharedID makes the ids of sharedSeed, as worldSend has them; sharedNumber is the number that all worlds send to.
const (
	sharedID     = "-SHARED"
	sharedNumber = "41790010001"
)

// sharedSeed is what every world of a test suite may load. It says everything, so that its dump is the same.
const sharedSeed = `{"applications":[
	{"applicationId":"ASHARED","name":"Shop","enabled":true,"configuration":{
		"pinAttempts":3,"allowMultiplePinVerifications":true,"pinTimeToLive":900000,
		"verificationAttempts":2,"verificationIntervalLength":3600000,
		"initiationAttempts":3,"initiationIntervalLength":3600000,
		"overallInitiationAttempts":4,"overallInitiationIntervalLength":3600000},
	 "messages":[{"messageId":"BSHARED","pinType":"NUMERIC","pinLength":8,"pinPlaceholder":"<pin>","messageText":"<pin>","sender":"Shop",
	 "language":"de","speechRate":1.5,"repeatDTMF":"1#"}]},
	{"applicationId":"bank","name":"Bank","enabled":false,"configuration":{
		"pinAttempts":5,"allowMultiplePinVerifications":false,"pinTimeToLive":60000,
		"verificationAttempts":1,"verificationIntervalLength":3000,
		"initiationAttempts":1,"initiationIntervalLength":1000,
		"overallInitiationAttempts":10,"overallInitiationIntervalLength":1000}}]}`

// TestSandbox_one_seed_in_many_worlds has twenty worlds at once load one seed, use up its limits and dump it; then half of
// them are emptied and a quarter ends, while the others look whether theirs is all still there.
func TestSandbox_one_seed_in_many_worlds(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	worlds := make([]*seeded, 20)
	for i := range worlds {
		worlds[i] = u.enter(i%2 == 0)
	}
	together := func(do func(i int, w *seeded)) {
		var all sync.WaitGroup
		for i, w := range worlds {
			all.Go(func() { do(i, w) })
		}
		all.Wait()
		if t.Failed() {
			t.FailNow() // the next round builds on this one
		}
	}
	together(func(_ int, w *seeded) { w.load(); w.useUp() })
	together(func(i int, w *seeded) {
		switch i % 4 {
		case 0, 1:
			w.isUsedUp()
		case 2:
			w.wantSeed("POST", "/sandbox/reset", `{"seed":`+sharedSeed+`}`)
			w.verify(w.pins[0], "0", 404)
			w.useUp() // its limits are free again
		case 3:
			u.in(t).call("DELETE", "/sandbox/worlds/"+w.id, "", 200)
		}
	})
	together(func(i int, w *seeded) {
		if i%4 != 3 {
			w.isUsedUp()
		}
	})
	if own := u.messages(""); len(own) != 0 {
		t.Errorf("the account's own world has %d messages of others", len(own))
	}
	u.call("GET", "/2fa/1/applications/ASHARED", "", 404)
}

// seeded is a world that loads sharedSeed, and its PINs, newest first.
type seeded struct {
	*tester
	id   string
	pins []string
}

// enter opens a world with nothing in it, to be used with its key or by the header.
func (u *tester) enter(byHeader bool) *seeded {
	u.t.Helper()
	opened, _ := u.call("POST", "/sandbox/worlds", "", 200)
	inside := u.in(u.t)
	if w := fmt.Sprint(opened["worldId"]); byHeader {
		inside.world = w
	} else {
		inside.key = fmt.Sprint(opened["key"])
		canary.Watch(inside.key)
	}
	return &seeded{tester: inside, id: fmt.Sprint(opened["worldId"])}
}

// load keeps the seed twice: the second time in place of the first.
func (w *seeded) load() {
	for range 2 {
		w.wantSeed("POST", "/sandbox/seed", sharedSeed)
	}
}

// wantSeed makes a call that answers what the world has: the seed.
func (w *seeded) wantSeed(method, path, body string) {
	var want map[string]any
	if err := json.Unmarshal([]byte(sharedSeed), &want); err != nil {
		w.t.Error(err)
	}
	if got, _ := w.call(method, path, body, http.StatusOK); !reflect.DeepEqual(got, want) {
		w.t.Errorf("%s %s answers %v, want the seed as it was loaded", method, path, got)
	}
}

// useUp sends, waits and verifies until the world's limits are full: three sends to the number, four in all, and two
// verify requests for the number.
func (w *seeded) useUp() {
	w.pins = nil
	for i := range 3 {
		pinID, cursor := w.send(sharedID, sharedNumber, 200)
		m, _ := w.call("GET", "/sandbox/inbox/wait?to="+sharedNumber+"&after="+cursor, "", 200)
		if m["pinId"] != pinID || m["applicationId"] != "ASHARED" || m["messageId"] != "BSHARED" {
			w.t.Errorf("wait gives %v, want the message of PIN %s", m, pinID)
		}
		if i < 2 {
			if answer := w.verify(pinID, m["pin"], 200); answer["verified"] != true {
				w.t.Errorf("verify answers %v, want verified", answer)
			}
		}
		w.pins = append([]string{pinID}, w.pins...)
	}
	w.send(sharedID, sharedNumber, 429)
	pinID, _ := w.send(sharedID, "41790010002", 200)
	w.pins = append([]string{pinID}, w.pins...)
	w.isUsedUp()
}

// isUsedUp asks for what useUp leaves: full limits, the PINs, their messages and verifications, and the seed.
func (w *seeded) isUsedUp() {
	w.send(sharedID, sharedNumber, 429)
	w.send(sharedID, "41790010003", 429)
	w.verify(w.pins[1], "0", 429)
	var got []string
	for _, m := range w.messages("") {
		got = append(got, fmt.Sprint(m["pinId"]))
	}
	if !reflect.DeepEqual(got, w.pins) {
		w.t.Errorf("a world has the messages of PINs %v, want its own %v", got, w.pins)
	}
	for query, want := range map[string]int{"": 4, "?msisdn=" + sharedNumber: 3, "?verified=true": 2} {
		status, _, answer := do(w.t, w.request("GET", "/2fa/1/applications/ASHARED/verifications"+query, ""))
		var list []any
		if err := json.Unmarshal(answer, &list); err != nil || status != 200 || len(list) != want {
			w.t.Errorf("verifications%s: got %d %s, want %d of them", query, status, answer, want)
		}
	}
	w.wantSeed("GET", "/sandbox/seed", "")
}

// TestSandbox_seed_of_a_dump loads what one world has into the next, which then has the same; changing it there leaves
// the first as it was.
func TestSandbox_seed_of_a_dump(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	first, second := u.enter(true), u.enter(false)
	first.load()
	_, _, dump := do(t, first.request("GET", "/sandbox/seed", ""))
	second.wantSeed("POST", "/sandbox/seed", string(dump))
	second.call("PUT", "/2fa/1/applications/ASHARED", `{"name":"Changed"}`, 200)
	second.call("PUT", "/2fa/1/applications/ASHARED/messages/BSHARED", `{"messageText":"Changed <pin>"}`, 200)
	first.wantSeed("GET", "/sandbox/seed", "")
	u.call("POST", "/sandbox/seed", string(dump), 200) // into the account's own world, beside what it has
	second.wantSeed("POST", "/sandbox/seed", string(dump))
	first.wantSeed("GET", "/sandbox/seed", "")
}
