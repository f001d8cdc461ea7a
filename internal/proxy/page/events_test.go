package page

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/proxy"
)

// traffic runs a proxy that reports to a page while what calls it runs.
func traffic(t *testing.T, upstream string, p *Page, calls func(address string)) {
	t.Helper()
	target, err := url.Parse(upstream)
	must(t, err)
	doc, err := spec.Load()
	must(t, err)
	passing, err := proxy.New(doc, proxy.Options{
		Upstream: target, Closed: true, Log: slog.New(slog.DiscardHandler), Reporters: []proxy.Reporter{p},
	})
	must(t, err)
	server := httptest.NewServer(passing)
	calls(server.URL)
	server.Close()
	_, err = passing.Close()
	must(t, err)
}

type event struct {
	name string
	report
}

// listen gives the events of a page as they come; the channel is closed with the stream. Comments come as events named ":".
func listen(t *testing.T, p *Page) <-chan event {
	t.Helper()
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/events", nil)
	must(t, err)
	resp, err := server.Client().Do(req)
	must(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("answers %d %v", resp.StatusCode, resp.Header)
	}
	events := make(chan event, 100)
	go func() {
		defer close(events)
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for e := (event{}); lines.Scan(); {
			key, value, _ := strings.Cut(lines.Text(), ": ")
			switch key {
			case "":
				e.name = ":"
				events <- e
			case "event":
				e = event{name: value}
			case "data":
				if json.Unmarshal([]byte(value), &e.report) != nil {
					e.name = "broken"
				}
				events <- e
				lines.Scan() // the empty line
			}
			if key == "" {
				lines.Scan()
			}
		}
	}()
	return events
}

func next(t *testing.T, events <-chan event, name string) event {
	t.Helper()
	select {
	case e, open := <-events:
		if !open || e.name != name {
			t.Fatalf("got %q (open: %t), want %q", e.name, open, name)
		}
		return e
	case <-time.After(10 * time.Second):
		t.Fatalf("no %s comes", name)
		panic("unreachable")
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	pass(t, p, 1, "sendPinOverSms", wrong)
	events := listen(t, p)
	first := next(t, events, "snapshot")
	if first.About == nil || first.Totals.Exchanges != 1 || len(first.Groups) != 1 || len(first.Operations) != 2 {
		t.Errorf("the snapshot is %+v", first)
	}
	pass(t, p, 2, "sendPinOverSms", missing)
	second := next(t, events, "update")
	if second.About != nil || second.Totals.Exchanges != 2 || len(second.Exchanges) != 1 || second.Exchanges[0].Number != 2 {
		t.Errorf("the update is %+v", second)
	}
	if len(second.Groups) != 1 || second.Groups[0].ID != 2 || second.Groups[0].Count != 1 {
		t.Errorf("the update has the groups %+v, want the one that changed", second.Groups)
	}
	must(t, p.End(proxy.Summary{Others: 3}))
	if last := next(t, events, "update"); !last.Totals.Ended || last.Totals.Others != 3 || len(last.Exchanges) != 0 {
		t.Errorf("at the end comes %+v", last)
	}
	next(t, events, "end")
	if e, open := <-events; open {
		t.Errorf("after the end comes %+v", e)
	}
	if got := get(t, p, http.MethodGet, "/events", "127.0.0.1").StatusCode; got != http.StatusServiceUnavailable {
		t.Errorf("after the end a listener is answered %d, want 503", got)
	}
}

func TestEvents_beat(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	p.beat = 20 * time.Millisecond
	events := listen(t, p)
	next(t, events, "snapshot")
	next(t, events, ":")
	next(t, events, ":")
}

// TestEvents_of_a_crowd has a listener find all numbers right, however much comes at once.
func TestEvents_of_a_crowd(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	p.pace = time.Millisecond
	events := listen(t, p)
	next(t, events, "snapshot")
	const crowd = 5000
	go func() {
		for i := range int64(crowd) {
			_ = p.Exchange(proxy.Exchange{Number: i + 1, Operation: "verifyPin"})
		}
	}()
	last := int64(0)
	for last < crowd {
		e := next(t, events, "update")
		if e.Totals.Exchanges < last || len(e.Exchanges) > keptExchanges {
			t.Fatalf("after %d exchanges comes %+v", last, e.Totals)
		}
		if n := len(e.Exchanges); n > 0 && e.Exchanges[n-1].Number != e.Totals.Exchanges {
			t.Fatalf("the newest of %d exchanges is %d", e.Totals.Exchanges, e.Exchanges[n-1].Number)
		}
		last = e.Totals.Exchanges
	}
}

// stuck is a reader who stopped reading: what is written to it waits until it is let go, as a connection's deadline does.
type stuck struct {
	*httptest.ResponseRecorder
	deadline       time.Time
	writing, letGo chan struct{}
}

func (s *stuck) SetWriteDeadline(at time.Time) error {
	s.deadline = at
	return nil
}

func (s *stuck) Write([]byte) (int, error) {
	close(s.writing)
	<-s.letGo
	return 0, http.ErrHandlerTimeout
}

// TestEvents_wait_for_nobody has a reader that does not read hold nobody up, and wants a deadline for it.
func TestEvents_wait_for_nobody(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	w := &stuck{httptest.NewRecorder(), time.Time{}, make(chan struct{}), make(chan struct{})}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/events", nil))
	}()
	<-w.writing
	if wait := time.Until(w.deadline); wait <= 0 || wait > patience {
		t.Errorf("a reader may take %s, want at most %s", wait, patience)
	}
	other := listen(t, p)
	next(t, other, "snapshot")
	for i := range int64(1000) {
		pass(t, p, i, "sendPinOverSms", missing)
	}
	next(t, other, "update")
	close(w.letGo)
	<-gone
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.listeners) != 1 {
		t.Errorf("%d listen once one is let go, want 1", len(p.listeners))
	}
}

func TestEvents_are_for_so_many(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	for range maxListeners {
		next(t, listen(t, p), "snapshot")
	}
	if got := get(t, p, http.MethodGet, "/events", "127.0.0.1").StatusCode; got != http.StatusServiceUnavailable {
		t.Errorf("one too many is answered %d, want 503", got)
	}
	p.mu.Lock()
	for news := range p.listeners {
		delete(p.listeners, news)
		break
	}
	p.mu.Unlock()
	next(t, listen(t, p), "snapshot")
}
