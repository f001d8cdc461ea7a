package server_test

import (
	"reflect"
	"sync"
	"testing"
	"time"
)

// TestSandbox_reset_keeps_applications empties everything else, and frees the limits.
func TestSandbox_reset_keeps_applications(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	before, _ := u.call("GET", "/sandbox/seed", "", 200)
	for range 2 { // as often as the limit allows
		u.send(id, "41790010001", 200)
	}
	pinID, _ := u.send(id, reachable, 200)
	u.send(id, "41790010001", 429)
	u.move(time.Hour)
	u.plan(`{"effect":"RESET","operation":"verifyPin","count":1}`)
	u.refused("POST", "/sandbox/reset", `{"keepApplications":true,"seed":{"applications":[]}}`, 400, "keepApplications")
	if got := len(u.messages("")); got != 3 {
		t.Errorf("a reset that is refused leaves %d messages, want all 3", got)
	}
	after, _ := u.call("POST", "/sandbox/reset", `{"keepApplications":true,"seed":null}`, 200)
	if !reflect.DeepEqual(after, before) {
		t.Errorf("the reset leaves %v, want %v", after, before)
	}
	faults, _ := u.call("GET", "/sandbox/faults", "", 200)
	clock, _ := u.call("GET", "/sandbox/clock", "", 200)
	if got := u.messages(""); len(got) != 0 || len(objects(faults["faults"])) != 0 || clock["aheadMs"] != 0.0 {
		t.Errorf("the reset leaves messages %v, faults %v and clock %v, want none of them", got, faults, clock)
	}
	u.verify(pinID, "0", 404)
	u.send(id, "41790010001", 200)
	for _, body := range []string{`{"keepApplications":false}`, `{"keepApplications":null}`} {
		empty, _ := u.call("POST", "/sandbox/reset", body, 200)
		if len(objects(empty["applications"])) != 0 {
			t.Errorf("a reset with %s leaves %v", body, empty)
		}
	}
}

// TestSandbox_reset_is_never_seen_empty sends while resets go on: the application is always there.
func TestSandbox_reset_is_never_seen_empty(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	var all sync.WaitGroup
	all.Go(func() {
		for range 20 {
			u.call("POST", "/sandbox/reset", `{"seed":`+worldSeed(id)+`}`, 200)
		}
	})
	for range 40 {
		u.call("GET", "/2fa/1/applications/A"+id[1:], "", 200)
	}
	all.Wait()
}

// TestSandbox_closing_a_world_closes_those_below ends the waits in a world that was opened with the key of the one closed.
func TestSandbox_closing_a_world_closes_those_below(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	inside, id := u.open()
	below, belowID := inside.open()
	below.move(time.Hour)
	below.plan(`{"effect":"UNAVAILABLE","share":1}`)
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		below.refused("GET", "/sandbox/inbox/wait?to="+reachable, "", 404, "")
	}()
	u.awaitGoroutines(sleeper, 1)
	u.refused("DELETE", "/sandbox/worlds/"+belowID, "", 404, "") // it is not the account's own
	u.call("DELETE", "/sandbox/worlds/"+id, "", 200)
	wait(t, waited, "the wait to end")
	below.refused("GET", "/2fa/1/applications", "", 401, "")
}
