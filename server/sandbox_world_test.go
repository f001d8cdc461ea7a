package server_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/canary"
)

// TestSandbox_worlds runs a hundred worlds at once: each sends, waits, verifies, expires, meets its limit and its fault,
// and sees nothing of the others.
func TestSandbox_worlds(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	var all sync.WaitGroup
	for range 100 {
		world, id := u.open()
		all.Go(func() { world.live(id) })
	}
	all.Wait()
	if own := u.messages(""); len(own) != 0 {
		t.Errorf("the account's own world has %d messages of others", len(own))
	}
	if worlds, _ := u.call("GET", "/sandbox/worlds", "", 200); len(objects(worlds["worlds"])) != 100 {
		t.Error("the account does not list its hundred worlds")
	}
}

// live does in a world what a test may do, on the same number as all others.
func (u *tester) live(id string) {
	const number = "41790010001"
	first, cursor := u.send(id, number, 200)
	m, _ := u.call("GET", "/sandbox/inbox/wait?to="+number+"&after="+cursor, "", 200)
	if m["pinId"] != first {
		u.t.Errorf("wait gives the message of PIN %v, want %s", m["pinId"], first)
	}
	if answer := u.verify(first, m["pin"], 200); answer["verified"] != true {
		u.t.Errorf("verify answers %v, want verified", answer)
	}
	second, _ := u.send(id, number, 200)
	u.send(id, number, 429) // a limit of two, for each world its own
	u.call("POST", "/sandbox/faults", `{"operation":"verifyPin","effect":"UNAVAILABLE","count":1}`, 200)
	u.verify(first, "0", 503)
	u.move(15 * time.Minute)
	if answer := u.verify(first, m["pin"], 200); answer["pinError"] != "TTL_EXPIRED" {
		u.t.Errorf("after the time to live verify answers %v, want TTL_EXPIRED", answer)
	}
	var pins []string
	for _, m := range u.messages("") {
		pins = append(pins, fmt.Sprint(m["pinId"]))
	}
	if want := []string{second, first}; !slices.Equal(pins, want) {
		u.t.Errorf("a world has the messages of PINs %v, want its own %v", pins, want)
	}
	clock, _ := u.call("GET", "/sandbox/clock", "", 200)
	faults, _ := u.call("GET", "/sandbox/faults", "", 200)
	seed, _ := u.call("GET", "/sandbox/seed", "", 200)
	applications := objects(seed["applications"])
	if clock["aheadMs"] != 900_000.0 || len(objects(faults["faults"])) != 0 || len(applications) != 1 || applications[0]["applicationId"] != "A"+id[1:] {
		u.t.Errorf("a world has the clock %v, faults %v and applications %v, want its own", clock, faults, applications)
	}
}

func TestSandbox_world_by_header(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	_, id := u.open()
	u.world = id
	pinID, _ := u.send(id, "41790010001", 200)
	u.call("GET", "/2fa/1/pin/"+pinID+"/verify", "", 405)
	u.verify(pinID, "0", 200)
	u.call("DELETE", "/sandbox/worlds/"+id, "", 200)
	u.verify(pinID, "0", 404)
	u.world = ""
	u.verify(pinID, "0", 404)
	u.call("GET", "/2fa/1/applications", "", 200)
}

// TestSandbox_world_by_header_and_key sends both: the key says who asks, and these worlds have none below them.
func TestSandbox_world_by_header_and_key(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	one, oneID := u.open()
	_, otherID := u.open()
	for _, id := range []string{oneID, otherID} {
		one.world = id
		one.refused("GET", "/2fa/1/applications", "", 404, "")
		one.refused("GET", "/sandbox/seed", "", 404, "")
	}
	one.world = ""
	one.refused("DELETE", "/sandbox/worlds/"+otherID, "", 404, "")
	one.refused("DELETE", "/sandbox/worlds/"+oneID, "", 404, "")
}

// TestSandbox_world_of_another_account is not there for anybody else.
func TestSandbox_world_of_another_account(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	_, id := u.open()
	stranger := *u
	stranger.key = loadFixture(t).Accounts[1].Keys[0]
	stranger.refused("DELETE", "/sandbox/worlds/"+id, "", 404, "")
	if worlds, _ := stranger.call("GET", "/sandbox/worlds", "", 200); len(objects(worlds["worlds"])) != 0 {
		t.Errorf("another account lists %v", worlds)
	}
	stranger.world = id
	stranger.refused("POST", "/sandbox/reset", "", 404, "")
	stranger.refused("POST", "/2fa/1/pin", worldSend(id, reachable), 404, "")
	stranger.refused("POST", "/sandbox/seed", worldSeed(id), 404, "")
}

// TestSandbox_closing_a_world ends its keys at once, the waits and streams under way in it, and its faults.
func TestSandbox_closing_a_world(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	inside, id := u.open()
	other, otherID := u.open()
	events, others := inside.listen("", ""), other.listen("", "")
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		inside.refused("GET", "/sandbox/inbox/wait?to="+reachable, "", 404, "")
	}()
	u.awaitGoroutines(sleeper, 3)
	gone, _ := u.call("DELETE", "/sandbox/worlds/"+id, "", 200)
	if gone["worldId"] != id || gone["name"] != "test" {
		t.Errorf("closing answers %v, want the world", gone)
	}
	wait(t, waited, "the wait to end")
	if m := events.next(); m != nil {
		t.Errorf("the stream of a closed world goes on with %v", m)
	}
	inside.refused("GET", "/2fa/1/applications", "", 401, "")
	u.refused("DELETE", "/sandbox/worlds/"+id, "", 404, "")
	pinID, _ := other.send(otherID, reachable, 200)
	if m := others.next(); m["pinId"] != pinID {
		t.Errorf("the stream of another world gives %v, want PIN %s", m, pinID)
	}
}

func TestSandbox_reset_touches_its_own_world(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	one, oneID := u.open()
	other, otherID := u.open()
	for world, id := range map[*tester]string{one: oneID, other: otherID} {
		world.send(id, "41790010001", 200)
		world.move(time.Second)
		world.call("POST", "/sandbox/faults", `{"effect":"RESET","operation":"verifyPin","count":1}`, 200)
	}
	seed, _ := one.call("POST", "/sandbox/reset", `{"seed":`+worldSeed(oneID)+`}`, 200)
	if len(objects(seed["applications"])) != 1 {
		t.Errorf("reset with a seed answers %v, want one application", seed)
	}
	for world, want := range map[*tester]int{one: 0, other: 1} {
		faults, _ := world.call("GET", "/sandbox/faults", "", 200)
		clock, _ := world.call("GET", "/sandbox/clock", "", 200)
		if got := world.messages(""); len(got) != want || len(objects(faults["faults"])) != want || (clock["aheadMs"] != 0.0) != (want > 0) {
			t.Errorf("a world has %v, %v, %v; want %d message, fault and moved clock", got, faults, clock, want)
		}
	}
	empty, _ := one.call("POST", "/sandbox/reset", "", 200)
	if len(objects(empty["applications"])) != 0 {
		t.Errorf("reset without a seed leaves %v", empty)
	}
	canary.Watch(one.key) // it still works: keys stay
	one.call("GET", "/2fa/1/applications", "", 200)
}
