package server_test

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/canary"
)

// ask makes a request with a key and gives its answer, and whether it is a repetition.
func (u *tester) ask(path, key, body string, want int) (answer, repeated string, header http.Header) {
	u.t.Helper()
	canary.Watch(key)
	req := u.request("POST", path, body)
	req.Header.Set("Idempotency-Key", key)
	status, header, text := do(u.t, req)
	if status != want {
		u.t.Fatalf("POST %s answers %d %s, want %d", path, status, text, want)
	}
	return string(text), header.Get("Idempotency-Replayed"), header
}

// The paths of the four requests that take a key, in a world with a PIN that can be sent again.
func (u *tester) keyed(id string) map[string]string {
	u.t.Helper()
	pinID, _ := u.send(id, "33639980041", 200)
	return map[string]string{
		"/2fa/1/pin": worldSend(id, "33639980042"), "/2fa/1/pin/voice": worldSend(id, "33639980043"),
		"/2fa/1/pin/" + pinID + "/resend": "", "/2fa/1/pin/" + pinID + "/resend/voice": "",
	}
}

func TestOnce_of_many_at_once_one_sends(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	for path, body := range u.keyed(id) {
		before := len(u.messages("limit=1000"))
		answers, repeats := make([]string, crowd), make([]string, crowd)
		var all sync.WaitGroup
		for i := range crowd {
			all.Go(func() { answers[i], repeats[i], _ = u.ask(path, "crowd of "+path, body, 200) })
		}
		all.Wait()
		if len(slices.Compact(answers)) != 1 {
			t.Errorf("%s answers differently: %q", path, slices.Compact(answers))
		}
		slices.Sort(repeats)
		if repeats[0] != "false" || repeats[1] != "true" {
			t.Errorf("%s repeats %q, want one that does not", path, repeats)
		}
		if more := len(u.messages("limit=1000")) - before; more != 1 {
			t.Errorf("%s sends %d messages, want one", path, more)
		}
	}
}

func TestOnce_ends_after_a_day_of_the_world(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	for path, body := range map[string]string{
		"/2fa/1/pin": worldSend(id, "33639980042"), "/2fa/1/pin/voice": worldSend(id, "33639980043"),
	} {
		first, repeated, _ := u.ask(path, "a key of a day", body, 200)
		if repeated != "false" {
			t.Fatalf("%s repeats %q at first, want false", path, repeated)
		}
		u.move(24*time.Hour - time.Minute)
		if again, repeated, _ := u.ask(path, "a key of a day", body, 200); again != first || repeated != "true" {
			t.Errorf("%s answers %s, repeated %s, want %s", path, again, repeated, first)
		}
		u.move(time.Minute)
		if again, repeated, _ := u.ask(path, "a key of a day", body, 200); again == first || repeated != "false" {
			t.Errorf("%s answers %s, repeated %s, want a new PIN a day later", path, again, repeated)
		}
		u.move(24 * time.Hour) // so that the next path may have the key
	}
}

func TestOnce_is_the_world_s_own(t *testing.T) {
	t.Parallel()
	owner := newTester(t)
	pins := map[string]bool{}
	for range 2 {
		u, id := owner.open()
		answer, repeated, _ := u.ask("/2fa/1/pin", "a key of two worlds", worldSend(id, "33639980042"), 200)
		if pins[answer] = true; repeated != "false" || len(u.messages("")) != 1 {
			t.Errorf("answer %s is repeated %s, want a first one", answer, repeated)
		}
	}
	if len(pins) != 2 {
		t.Errorf("two worlds hear %v, want a PIN each", slices.Collect(maps.Keys(pins)))
	}
}

func TestOnce_names_the_cursor_of_the_message(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	for path, body := range u.keyed(id) {
		_, _, first := u.ask(path, "cursor of "+path, body, 200)
		u.send(id, "33639980044", 200)
		_, _, again := u.ask(path, "cursor of "+path, body, 200)
		if got, want := again.Get("Pinpost-Cursor"), first.Get("Pinpost-Cursor"); got != want || got == "" {
			t.Errorf("%s repeats with cursor %q, want %q", path, got, want)
		}
	}
	_, _, first := u.ask("/2fa/1/pin", "cursor of nothing", worldSend(id, "33639980045"), 200)
	u.call("DELETE", "/sandbox/inbox", "", 200)
	if _, _, again := u.ask("/2fa/1/pin", "cursor of nothing", worldSend(id, "33639980045"), 200); again.Get("Pinpost-Cursor") == "" {
		t.Errorf("a repetition has no cursor after its message was deleted; it had %q", first.Get("Pinpost-Cursor"))
	}
}

// TestOnce_survives_a_cut_at_every_byte cuts the connection after each byte of the answer, as a bad line does, and asks
// again with the same key.
func TestOnce_survives_a_cut_at_every_byte(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	body := worldSend(id, "33639980042")
	request := func(key string) string {
		return "POST /2fa/1/pin HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: App " + u.key +
			"\r\nContent-Type: application/json\r\nIdempotency-Key: " + key + "\r\nContent-Length: " + length(body) + "\r\n\r\n" + body
	}
	whole := u.cut(request("a whole answer"), 1<<16)
	if !strings.HasPrefix(whole, "HTTP/1.1 200") || len(whole) > 2000 {
		t.Fatalf("the answer is %q, want 200 in a few hundred bytes", whole)
	}
	for n := range len(whole) {
		key := fmt.Sprintf("a cut after %d bytes", n)
		part := u.cut(request(key), n)
		answer, repeated, _ := u.ask("/2fa/1/pin", key, body, 200)
		if n > 0 && repeated != "true" { // with none read, the second request may have been the first to be served
			t.Errorf("after %d bytes the answer %s is repeated %s, want true; cut: %q", n, answer, repeated, part)
		}
	}
	if got, want := len(u.messages("limit=1000")), len(whole)+1; got != want {
		t.Errorf("%d messages for %d keys, want one each", got, want)
	}
}

// cut sends a request, reads so many bytes of its answer and breaks the connection.
func (u *tester) cut(request string, most int) string {
	u.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(u.address, "http://"))
	must(u.t, err)
	defer func() { _ = conn.Close() }()
	must(u.t, conn.SetDeadline(time.Now().Add(attackTime)))
	_, err = io.WriteString(conn, request)
	must(u.t, err)
	part, err := io.ReadAll(io.LimitReader(conn, int64(most)))
	must(u.t, err)
	must(u.t, conn.(*net.TCPConn).SetLinger(0)) // a reset, not a goodbye
	return string(part)
}
