package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// stream is an event stream under way.
type stream struct {
	t     *testing.T
	body  io.ReadCloser
	lines *bufio.Scanner
}

// listen opens an event stream; last is its Last-Event-ID when not empty.
func (u *tester) listen(query, last string) *stream {
	u.t.Helper()
	req := u.request("GET", "/sandbox/inbox/events?"+query, "")
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(req)
	must(u.t, err)
	u.t.Cleanup(func() { _ = resp.Body.Close() })
	if media := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || media != "text/event-stream" {
		u.t.Fatalf("events answer %d %s", resp.StatusCode, media)
	}
	return &stream{u.t, resp.Body, bufio.NewScanner(resp.Body)}
}

// next reads the next event; nil when the stream has ended.
func (s *stream) next() map[string]any {
	s.t.Helper()
	defer time.AfterFunc(3*attackTime, func() { _ = s.body.Close() }).Stop()
	event := map[string]string{}
	for s.lines.Scan() {
		if s.lines.Text() == "" && event["data"] != "" {
			break
		}
		name, value, _ := strings.Cut(s.lines.Text(), ": ")
		event[name] = value
	}
	if event["data"] == "" {
		return nil
	}
	var m map[string]any
	must(s.t, json.Unmarshal([]byte(event["data"]), &m))
	if event["event"] != "message" || event["id"] != m["cursor"] {
		s.t.Errorf("event %q has id %q, want message with %v", event["event"], event["id"], m["cursor"])
	}
	return m
}

// TestSandbox_events streams what comes, and to a reader who comes back what was missed.
func TestSandbox_events(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	u.send(id, reachable, 200) // before the stream: listed, not streamed
	events, ofNumber := u.listen("", ""), u.listen("to=41790010002", "")
	first, cursor := u.send(id, "41790010001", 200)
	second, _ := u.send(id, "41790010002", 200)
	third, _ := u.send(id, "41790010001", 200)
	for i, s := range map[*stream][]string{
		events: {first, second, third}, ofNumber: {second}, u.listen("", cursor): {first, second, third},
		u.listen("pinId="+third, "0"): {third},
	} {
		for _, want := range s {
			if m := i.next(); m["pinId"] != want {
				t.Errorf("the event is of PIN %v, want %s", m["pinId"], want)
			}
		}
	}
	_ = events.body.Close()
	again := u.listen("", fmt.Sprint(u.messages("pinId=" + second)[0]["cursor"]))
	if m := again.next(); m["pinId"] != third {
		t.Errorf("a reader who comes back gets PIN %v, want %s", m["pinId"], third)
	}
}

// TestSandbox_stopping ends waits and streams when the server stops: a stop must not take a minute.
func TestSandbox_stopping(t *testing.T) {
	t.Parallel()
	u, _ := newTester(t).open()
	events := u.listen("", "")
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		u.refused("GET", "/sandbox/inbox/wait?to="+reachable, "", 503, "")
	}()
	u.awaitGoroutines(sleeper, 2)
	u.house.Drain()
	wait(t, waited, "the wait to end")
	if m := events.next(); m != nil {
		t.Errorf("a stream of a server that stops goes on with %v", m)
	}
	u.refused("GET", "/sandbox/inbox/wait?to="+reachable, "", 503, "")
}
