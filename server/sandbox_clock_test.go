package server_test

import (
	"fmt"
	"testing"
	"time"
)

const day = 24 * time.Hour

// within makes a world whose application has limits of its own.
func (u *tester) within(limits string) (*tester, string) {
	u.t.Helper()
	inside, id := u.open()
	inside.call("POST", "/sandbox/seed", limitedSeed(id, limits), 200)
	return inside, id
}

// TestSandbox_clock_frees_limits moves the clock past each limit: it holds a moment before, and is free after.
func TestSandbox_clock_frees_limits(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	const number = "41790010001"
	t.Run("verifications of a number", func(t *testing.T) {
		u, id := u.in(t).within(`"verificationAttempts":1,"verificationIntervalLength":60000`)
		pinID, _ := u.send(id, number, 200)
		for range 3 {
			u.verify(pinID, "0", 200)
			u.move(50 * time.Second)
			u.verify(pinID, "0", 429)
			u.move(11 * time.Second)
		}
	})
	t.Run("sends to a number", func(t *testing.T) {
		u, id := u.in(t).within(`"initiationAttempts":2`)
		for range 2 {
			pinID, _ := u.send(id, number, 200)
			u.call("POST", "/2fa/1/pin/"+pinID+"/resend", "", 200)
			u.send(id, number, 429)
			u.send(id, reachable, 200) // another number is free, and a scenario number always
			u.move(day - time.Minute)
			u.send(id, number, 429)
			u.move(2 * time.Minute)
		}
	})
	t.Run("sends of the whole application", func(t *testing.T) {
		u, id := u.in(t).within(`"overallInitiationAttempts":3`)
		for round := range 2 {
			for i := range 3 {
				u.send(id, fmt.Sprintf("4179001%d%03d", round+1, i), 200)
			}
			u.send(id, "41790019999", 429)
			u.send(id, reachable, 200) // takes no place
			u.move(day - time.Minute)
			u.send(id, "41790019999", 429)
			u.move(2 * time.Minute)
		}
	})
}

// in is the tester in a subtest.
func (u *tester) in(t *testing.T) *tester {
	other := *u
	other.t = t
	return &other
}

// TestSandbox_clock_lets_PINs_expire at their time to live, and not a moment before.
func TestSandbox_clock_lets_PINs_expire(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).within(`"pinTimeToLive":3600000,"verificationAttempts":1000`)
	pinID, cursor := u.send(id, "41790010001", 200)
	m, _ := u.call("GET", "/sandbox/inbox/wait?after="+cursor, "", 200)
	u.move(59 * time.Minute)
	if answer := u.verify(pinID, m["pin"], 200); answer["verified"] != true {
		t.Errorf("in its last minute verify answers %v, want verified", answer)
	}
	u.move(time.Minute)
	if answer := u.verify(pinID, m["pin"], 200); answer["pinError"] != "TTL_EXPIRED" {
		t.Errorf("at its time to live verify answers %v, want TTL_EXPIRED", answer)
	}
}

// TestSandbox_clock goes with real time and ahead of it, at most ten years, and back by a reset alone.
func TestSandbox_clock(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	const tenYears = 10 * 365 * day
	u.send(id, "41790010001", 200)
	u.move(time.Hour)
	u.send(id, "41790010001", 200)
	late := time.Now().Add(30 * time.Minute).UnixMilli()
	if got := u.messages(fmt.Sprintf("since=%d", late)); len(got) != 1 {
		t.Errorf("since half an hour ahead there are %d messages, want the one of after the move", len(got))
	}
	u.refused("POST", "/sandbox/clock", fmt.Sprintf(`{"advanceMs":%d}`, tenYears.Milliseconds()), 400, "advanceMs")
	u.move(tenYears - time.Hour)
	u.refused("POST", "/sandbox/clock", `{"advanceMs":1}`, 400, "advanceMs")
	clock, _ := u.call("GET", "/sandbox/clock", "", 200)
	now, ahead := int64(clock["now"].(float64)), tenYears.Milliseconds()
	if clock["aheadMs"] != float64(ahead) || max(time.Now().UnixMilli()+ahead-now, 0) > 60_000 {
		t.Errorf("ten years ahead the clock is %v", clock)
	}
	u.send(id, "41790010001", 200) // everything still works
	u.call("POST", "/sandbox/reset", `{"seed":`+worldSeed(id)+`}`, 200)
	clock, _ = u.call("GET", "/sandbox/clock", "", 200)
	if clock["aheadMs"] != 0.0 {
		t.Errorf("after a reset the clock is %v, want real time", clock)
	}
	pinID, cursor := u.send(id, "41790010001", 200)
	m, _ := u.call("GET", "/sandbox/inbox/wait?after="+cursor, "", 200)
	if answer := u.verify(pinID, m["pin"], 200); answer["verified"] != true {
		t.Errorf("after a reset verify answers %v, want verified", answer)
	}
}
