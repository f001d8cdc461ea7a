package server_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/server"
)

// TestDrain_ends_what_a_sandbox_makes_wait stops the server while a fault delays a call for a minute, a request waits for a
// call that never ends, and another waits for a message.
func TestDrain_ends_what_a_sandbox_makes_wait(t *testing.T) {
	t.Parallel()
	u := newTester(t)
	inside, id := u.open()
	httpServer := server.NewHTTP(u.house.Handler(), slog.New(slog.NewJSONHandler(canary.Log(), nil)))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = httpServer.Serve(server.Listener(listener)) }()
	inside.plan(`{"effect":"DELAY","delayMs":60000,"operation":"listApplications","count":1}`)
	inside.address = "http://" + listener.Addr().String()
	ringing := *inside
	ringing.prefer = "wait=60"
	waitingPhone := "33639980900"
	canary.Watch(waitingPhone)
	type end struct {
		what   string
		status int
		body   string
	}
	ends := make(chan end, 3)
	begin := func(what string, req *http.Request) {
		go func() {
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				ends <- end{what, 0, err.Error()}
				return
			}
			defer func() { _ = resp.Body.Close() }()
			text := make([]byte, 1<<10)
			n, _ := resp.Body.Read(text)
			ends <- end{what, resp.StatusCode, string(text[:n])}
		}()
	}
	begin("a delay", inside.request("GET", "/2fa/1/applications", ""))
	begin("a wait", inside.request("GET", "/sandbox/inbox/wait?to="+reachable, ""))
	begin("a call", ringing.request("POST", "/2fa/1/pin/voice", worldSend(id, waitingPhone)))
	seen := u.in(t)
	seen.world = id
	for len(seen.messages("")) == 0 { // until the phone rings
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond) // the others wait by now

	began := time.Now()
	u.house.Drain()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := httpServer.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown gives %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("stopping takes %s, want a second or two", took)
	}
	want := map[string]int{"a delay": 503, "a wait": 503, "a call": 200}
	for range want {
		if got := <-ends; got.status != want[got.what] {
			t.Errorf("%s ends with %d %s, want %d", got.what, got.status, got.body, want[got.what])
		}
	}
}
