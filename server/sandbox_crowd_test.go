package server_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// reachable is a scenario number without limits, shared by the tests of a crowd.
const reachable = "33639980012"

// TestSandbox_wait_in_a_crowd sends and waits as fifty tests that share one number and one world. Behind the cursor of a send
// there may be messages of others too; with its PIN each gets its own, whatever the others do.
func TestSandbox_wait_in_a_crowd(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			pinID, cursor := u.send(id, reachable, 200)
			m, _ := u.call("GET", "/sandbox/inbox/wait?to="+reachable+"&pinId="+pinID+"&after="+cursor, "", 200)
			if m["pinId"] != pinID {
				t.Errorf("wait gives PIN %v, want %s", m["pinId"], pinID)
			}
			if answer := u.verify(pinID, m["pin"], 200); answer["verified"] != true {
				t.Errorf("verify with the PIN of the message answers %v", answer)
			}
		})
	}
	all.Wait()
}

// TestSandbox_drain_in_a_crowd wants every message drained once: what one drain answers no other does.
func TestSandbox_drain_in_a_crowd(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	var mu sync.Mutex
	sent, drained := map[string]int{}, map[string]int{}
	drain := func() {
		page, _ := u.call("DELETE", "/sandbox/inbox?to="+reachable, "", 200)
		mu.Lock()
		defer mu.Unlock()
		for _, m := range objects(page["messages"]) {
			drained[fmt.Sprint(m["pinId"])]++
		}
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				pinID, _ := u.send(id, reachable, 200)
				mu.Lock()
				sent[pinID]++
				mu.Unlock()
				drain()
			}
		})
	}
	all.Wait()
	drain()
	for pinID := range sent {
		if drained[pinID] != 1 {
			t.Errorf("the message of PIN %s was drained %d times, want once", pinID, drained[pinID])
		}
	}
	if left := u.messages(""); len(left) != 0 || len(drained) != len(sent) {
		t.Errorf("%d messages are left and %d of %d drained, want none and all", len(left), len(drained), len(sent))
	}
}

// TestSandbox_pages reads 250 messages in pages while new ones arrive: none is lost and none comes twice.
func TestSandbox_pages(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	sending := func(n int) []string {
		pins := make([]string, n)
		var all sync.WaitGroup
		for w := range 4 {
			all.Go(func() {
				for i := w; i < n; i += 4 {
					pins[i], _ = u.send(id, reachable, 200)
				}
			})
		}
		all.Wait()
		return pins
	}
	sent := sending(250)
	arriving := make(chan struct{})
	go func() {
		defer close(arriving)
		sending(30)
	}()
	var read []string
	last := int64(0)
	for before := ""; ; {
		page, _ := u.call("GET", "/sandbox/inbox?limit=20"+before, "", 200)
		for _, m := range objects(page["messages"]) {
			var cursor int64
			_, _ = fmt.Sscan(fmt.Sprint(m["cursor"]), &cursor)
			if last > 0 && cursor >= last {
				t.Errorf("cursor %d follows %d, want newest first", cursor, last)
			}
			last, read = cursor, append(read, fmt.Sprint(m["pinId"]))
		}
		if page["next"] == nil {
			break
		}
		before = "&before=" + fmt.Sprint(page["next"])
	}
	<-arriving
	for _, pinID := range sent {
		if n := len(slices.DeleteFunc(slices.Clone(read), func(got string) bool { return got != pinID })); n != 1 {
			t.Fatalf("PIN %s was listed %d times, want once", pinID, n)
		}
	}
}
