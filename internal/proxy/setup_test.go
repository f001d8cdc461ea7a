package proxy_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/proxy"
	"github.com/pinpost/pinpost/internal/wire"
)

func TestMain(m *testing.M) { os.Exit(canary.Main(m)) }

// contractDocument is parsed once: that takes longer than a test.
var contractDocument = sync.OnceValues(spec.Load)

func document(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := contractDocument()
	must(t, err)
	return doc
}

// passing is a proxy in front of an upstream, and what it reports.
type passing struct {
	*proxy.Proxy
	server *httptest.Server
	texts  *lockedText // log lines and JSON lines
	seen   *seen
}

// lockedText is written by the server's goroutines and read by a test.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = canary.Log().Write(p)
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// seen keeps exchanges, and may hold the reporting up.
type seen struct {
	exchanges []proxy.Exchange
	held      chan struct{}
	ended     int
	fails     error
}

func (s *seen) Exchange(x proxy.Exchange) error {
	if s.held != nil {
		<-s.held
	}
	s.exchanges = append(s.exchanges, x)
	return s.fails
}

func (s *seen) End(proxy.Summary) error { s.ended++; return nil }

// front puts a proxy in front of an upstream.
func front(t *testing.T, upstream string) *passing {
	t.Helper()
	target, err := url.Parse(upstream)
	must(t, err)
	p := &passing{texts: &lockedText{}, seen: &seen{}}
	log := observe.NewLogger(p.texts, slog.LevelDebug, true)
	p.Proxy, err = proxy.New(document(t), proxy.Options{
		Upstream: target, Closed: true, Log: log, Reporters: []proxy.Reporter{proxy.Log{To: log}, proxy.Lines{To: p.texts}, p.seen},
	})
	must(t, err)
	p.server = httptest.NewServer(p.Proxy)
	t.Cleanup(p.server.Close)
	return p
}

// end stops the proxy, and gives what it found.
func (p *passing) end(t *testing.T) proxy.Summary {
	t.Helper()
	p.server.Close()
	summary, err := p.Close()
	must(t, err)
	if p.seen.ended != 1 {
		t.Errorf("the end was told %d times", p.seen.ended)
	}
	return summary
}

// found are all violations: "sendPinOverSms response body.smsStatus must be one of …".
func found(s proxy.Summary) string {
	var lines []string
	for _, g := range s.Groups {
		lines = append(lines, strings.TrimSpace(g.Operation+" "+g.In+" "+g.String()))
	}
	return strings.Join(lines, "\n")
}

// service is our own, as a sandbox, with one account.
type service struct {
	handler             http.Handler
	key, user, password string
}

func newService(t *testing.T) *service {
	t.Helper()
	settings := config.Default()
	settings.Data = t.TempDir()
	house, err := wire.Build(t.Context(), settings, wire.Outside{Log: observe.NewLogger(canary.Log(), slog.LevelDebug, true)})
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		must(t, house.Close(ctx))
	})
	s := &service{handler: house.Handler(), user: "tester", password: "a password of the tester"}
	account, err := house.Accounts.Create(t.Context(), s.user, s.password)
	must(t, err)
	_, s.key, err = house.Accounts.CreateKey(t.Context(), account.ID, "")
	must(t, err)
	canary.Watch(s.key)
	return s
}

func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	upstream := httptest.NewServer(handler)
	t.Cleanup(upstream.Close)
	return upstream.URL
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
