package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/canary"
)

// plan plans a fault and gives its id.
func (u *tester) plan(fault string) string {
	u.t.Helper()
	answer, _ := u.call("POST", "/sandbox/faults", fault, 200)
	return fmt.Sprint(answer["id"])
}

// TestSandbox_fault_effects meets each effect over HTTP.
func TestSandbox_fault_effects(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	pinID, _ := u.send(id, "41790010001", 200)
	verify := "/2fa/1/pin/" + pinID + "/verify"
	for effect, status := range map[string]int{"TOO_MANY_REQUESTS": 429, "GENERAL_ERROR": 500, "UNAVAILABLE": 503} {
		u.plan(`{"effect":"` + effect + `","count":2}`)
		for range 2 { // also where the contract does not declare the status
			status2, header, body := do(t, u.request("GET", "/2fa/1/applications", ""))
			kind := map[int]string{429: "THROTTLE_EXCEPTION", 500: "GENERAL_EXCEPTION", 503: "SERVICE_UNAVAILABLE"}[status]
			checkError(t, effect, status2, status, body, kind)
			if retry := header.Get("Retry-After"); (retry != "") != (status != 500) {
				t.Errorf("%s has Retry-After %q", effect, retry)
			}
		}
		u.call("GET", "/2fa/1/applications", "", 200) // the count is used up
	}
	u.plan(`{"effect":"CARRIER_REFUSAL","count":2}`)
	for _, path := range []string{"/resend", "/resend/voice"} {
		answer, _ := u.call("POST", "/2fa/1/pin/"+pinID+path, "", 200)
		if answer["smsStatus"] != "MESSAGE_NOT_SENT" && !strings.HasPrefix(fmt.Sprint(answer["callStatus"]), "ERROR") {
			t.Errorf("a refused %s answers %v", path, answer)
		}
	}
	if got := len(u.messages("pinId=" + pinID)); got != 1 {
		t.Errorf("%d messages are captured, want the send alone: what the carrier refused is not", got)
	}
	u.plan(`{"effect":"RESET","operation":"verifyPin","count":1}`)
	if resp, err := http.DefaultClient.Do(u.request("POST", verify, `{"pin":"0"}`)); err == nil {
		_ = resp.Body.Close()
		t.Errorf("a reset call answers %d, want a broken connection", resp.StatusCode)
	}
	if answer := u.verify(pinID, "0", 200); answer["attemptsRemaining"] != 2.0 {
		t.Errorf("verify answers %v, want two attempts left: what a fault broke took none", answer)
	}
}

// TestSandbox_fault_delays wants real time to pass, and no other: the world's clock has nothing to do with it.
func TestSandbox_fault_delays(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	pinID, _ := u.send(id, "41790010001", 200)
	u.plan(`{"effect":"DELAY","delayMs":300,"operation":"verifyPin","count":1}`)
	took := make(chan time.Duration)
	go func() {
		began := time.Now()
		u.verify(pinID, "0", 200)
		took <- time.Since(began)
	}()
	u.awaitGoroutines("server.delay", 1)
	u.move(time.Minute)
	if took := <-took; took < 300*time.Millisecond {
		t.Errorf("a delayed call takes %v, want 300 ms at least", took)
	}
	began := time.Now()
	u.verify(pinID, "0", 200)
	if took := time.Since(began); took > 250*time.Millisecond {
		t.Logf("the next call takes %v", took) // a busy machine, most likely
	}
}

func TestSandbox_faults(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	pinID, _ := u.send(id, "41790010001", 200)
	first := u.plan(`{"effect":"UNAVAILABLE","operation":"verifyPin","count":1}`)
	u.plan(`{"effect":"TOO_MANY_REQUESTS","count":1}`)
	u.verify(pinID, "0", 503) // the first that fits
	u.verify(pinID, "0", 429)
	u.verify(pinID, "0", 200)
	u.refused("DELETE", "/sandbox/faults/"+first, "", 404, "") // it is used up
	third := u.plan(`{"effect":"UNAVAILABLE","share":1,"seed":7}`)
	u.verify(pinID, "0", 503)
	listed, _ := u.call("GET", "/sandbox/faults", "", 200)
	if all := objects(listed["faults"]); len(all) != 1 || all[0]["id"] != third || all[0]["struck"] != 1.0 || all[0]["seed"] != 7.0 {
		t.Errorf("the faults are %v, want the share alone, struck once", all)
	}
	gone, _ := u.call("DELETE", "/sandbox/faults/"+third, "", 200)
	if gone["id"] != third {
		t.Errorf("removing a fault answers %v", gone)
	}
	u.verify(pinID, "0", 200)
	for i := range 100 {
		u.plan(fmt.Sprintf(`{"effect":"RESET","count":%d}`, i+1))
	}
	u.refused("POST", "/sandbox/faults", `{"effect":"RESET","count":1}`, 400, "")
	if all, _ := u.call("DELETE", "/sandbox/faults", "", 200); len(objects(all["faults"])) != 100 {
		t.Errorf("removing all faults answers %d, want 100", len(objects(all["faults"])))
	}
	u.verify(pinID, "0", 200)
}

// TestSandbox_fault_by_key strikes one of two keys of an account.
func TestSandbox_fault_by_key(t *testing.T) {
	t.Parallel()
	f := loadFixture(t)
	u := newTester(t)
	a, err := u.house.Accounts.Find(t.Context(), f.Accounts[0].User)
	must(t, err)
	k, plain, err := u.house.Accounts.CreateKey(t.Context(), a.ID, "second")
	must(t, err)
	second := *u
	second.key = plain
	u.plan(`{"effect":"UNAVAILABLE","keyId":"` + k.ID + `","count":1000}`)
	u.plan(`{"effect":"UNAVAILABLE","keyId":"of-somebody-else","count":1}`)
	for range 3 {
		u.call("GET", "/2fa/1/applications", "", 200)
		second.call("GET", "/2fa/1/applications", "", 503)
	}
	u.call("DELETE", "/sandbox/faults", "", 200)
	canary.Watch(plain)
	u.plan(`{"effect":"UNAVAILABLE","keyId":"` + plain + `","count":1}`) // a caller knows the key, and nobody tells its ID
	u.call("GET", "/2fa/1/applications", "", 200)
	second.call("GET", "/2fa/1/applications", "", 503)
	u.refused("POST", "/sandbox/faults", `{"effect":"UNAVAILABLE","keyId":"`+f.Accounts[1].Keys[0]+`","count":1}`, 400, "keyId")
	req := u.request("GET", "/2fa/1/applications", "")
	req.SetBasicAuth(f.Accounts[0].User, f.Accounts[0].Password) // which is no key
	if status, _, body := do(t, req); status != 200 {
		t.Errorf("with user name and password: %d %s", status, body)
	}
}

// TestSandbox_fault_by_number finds the number of a call by its PIN when its body has none.
func TestSandbox_fault_by_number(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	struck, _ := u.send(id, "41790010001", 200)
	spared, _ := u.send(id, "41790010002", 200)
	for _, to := range []string{"+41790010001", "41790010001"} {
		u.plan(`{"effect":"UNAVAILABLE","to":"` + to + `","count":5}`)
		u.call("GET", "/2fa/1/applications", "", 200) // it is about no number
		u.verify(spared, "0", 200)
		u.verify("NONE", "0", 404)
		u.verify(struck, "0", 503)
		u.call("POST", "/2fa/1/pin/"+struck+"/resend", "", 503)
		u.call("POST", "/2fa/1/pin/"+struck+"/resend/voice", "", 503)
		u.call("POST", "/2fa/1/pin", worldSend(id, "41790010001"), 503)
		u.call("POST", "/2fa/1/pin/voice", worldSend(id, "+41790010001"), 503)
		u.verify(struck, "0", 200) // five were struck
	}
	u.call("POST", "/2fa/1/pin/"+spared+"/resend", "", 200)
}

// TestSandbox_fault_by_share strikes the same calls with the same seed, and others with another.
func TestSandbox_fault_by_share(t *testing.T) {
	t.Parallel()
	u, _ := newTester(t).open()
	draw := func(seed int) string {
		id := u.plan(fmt.Sprintf(`{"effect":"UNAVAILABLE","operation":"listApplications","share":0.5,"seed":%d}`, seed))
		struck := ""
		for range 40 {
			status, _, _ := do(t, u.request("GET", "/2fa/1/applications", ""))
			struck += map[int]string{200: ".", 503: "x"}[status]
		}
		u.call("DELETE", "/sandbox/faults/"+id, "", 200)
		return struck
	}
	one, again, other := draw(7), draw(7), draw(8)
	if one != again || one == other {
		t.Errorf("seed 7 strikes %s and %s, seed 8 %s; want the same twice and another", one, again, other)
	}
	if n := strings.Count(one, "x"); n < 8 || n > 32 || len(one) != 40 {
		t.Errorf("half of 40 calls is %s", one)
	}
}

// TestSandbox_faults_end with a reset and with their world, and are nobody else's.
func TestSandbox_faults_end(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	inside, id := u.open()
	other, _ := u.open()
	const every = `{"effect":"UNAVAILABLE","share":1}`
	inside.plan(every)
	inside.call("GET", "/2fa/1/applications", "", 503)
	other.call("GET", "/2fa/1/applications", "", 200)
	u.call("GET", "/2fa/1/applications", "", 200)
	inside.call("POST", "/sandbox/reset", "", 200)
	inside.call("GET", "/2fa/1/applications", "", 200)
	inside.plan(every)
	u.call("DELETE", "/sandbox/worlds/"+id, "", 200)
	inside.refused("GET", "/2fa/1/applications", "", 401, "")
	u.call("GET", "/2fa/1/applications", "", 200)
}

// TestSandbox_faults_in_a_crowd strikes exactly as many calls as were planned.
func TestSandbox_faults_in_a_crowd(t *testing.T) {
	t.Parallel()
	u, _ := newTester(t).open()
	u.plan(`{"effect":"UNAVAILABLE","operation":"listApplications","count":20}`)
	var mu sync.Mutex
	seen := map[int]int{}
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			status, _, _ := do(t, u.request("GET", "/2fa/1/applications", ""))
			mu.Lock()
			defer mu.Unlock()
			seen[status]++
		})
	}
	all.Wait()
	if seen[503] != 20 || seen[200] != 40 {
		t.Errorf("60 calls against a fault of 20 answer %v", seen)
	}
}
