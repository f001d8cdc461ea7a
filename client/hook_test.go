package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
)

// watcher is a hook that keeps what it is told.
type watcher struct {
	mu    sync.Mutex
	asks  []client.RequestInfo
	ends  []client.ResponseInfo
	calls []client.CallInfo
	overs []client.CallEnd
	tries []any // what Try and the end of it are told
}

func (w *watcher) hook() client.Hook {
	return client.Hook{
		Call: func(_ context.Context, info client.CallInfo) (context.Context, func(client.CallEnd)) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.calls = append(w.calls, info)
			return nil, func(end client.CallEnd) {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.overs = append(w.overs, end)
			}
		},
		Try: func(_ context.Context, info client.RequestInfo, header http.Header) (context.Context, func(client.ResponseInfo)) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.tries = append(w.tries, info, header)
			return nil, func(end client.ResponseInfo) {
				w.mu.Lock()
				defer w.mu.Unlock()
				end.Duration, end.Delay = 0, 0
				w.tries = append(w.tries, end)
			}
		},
		Request: func(_ context.Context, info client.RequestInfo) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.asks = append(w.asks, info)
		},
		Response: func(_ context.Context, info client.ResponseInfo) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.ends = append(w.ends, info)
		},
	}
}

func TestWithHook(t *testing.T) {
	t.Parallel()
	body := `{"requestError":{"serviceException":{"messageId":"THROTTLE_EXCEPTION","text":"for ` + phone + `"}}}`
	f := newFake(t, inTurn(
		says(429, body, "X-Request-Id", "REQ1", "Retry-After", "2", "Set-Cookie", "pin="+pin), abort,
		says(200, `[]`, "X-Request-Id", "REQ3"),
	))
	var w watcher
	c := newClient(t, f.URL, client.WithHook(client.Hook{}), client.WithHook(w.hook()),
		client.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}))
	filter := client.VerificationFilter{Msisdn: new(phone)}
	if _, err := c.ListVerifications(t.Context(), appID, filter); err != nil {
		t.Fatal(err)
	}
	if len(w.asks) != 3 || len(w.ends) != 3 {
		t.Fatalf("told of %d tries and %d ends, want 3", len(w.asks), len(w.ends))
	}
	port := f.Listener.Addr().(*net.TCPAddr).Port
	for i, want := range []client.ResponseInfo{
		{Status: 429, RequestID: "REQ1", Failure: "THROTTLE_EXCEPTION", Retry: true, Delay: 2 * time.Second},
		{Failure: client.FailureNoAnswer, Retry: true},
		{Status: 200, RequestID: "REQ3"},
	} {
		got := w.ends[i]
		want.Request = client.RequestInfo{
			CallInfo: client.CallInfo{
				Operation: "listVerifications", Method: "GET", Path: "/2fa/1/applications/{applicationId}/verifications",
				Host: "127.0.0.1", Port: port,
			},
			Try: i + 1,
			Header: http.Header{
				"Accept": {"application/json"}, "Authorization": {client.Redacted}, "User-Agent": {"pinpost-go"},
			},
		}
		if !reflect.DeepEqual(got.Request, w.asks[i]) {
			t.Errorf("told of %+v at the end, before of %+v", got.Request, w.asks[i])
		}
		if got.Duration <= 0 || got.Duration > time.Minute || (i == 1) != (got.Header == nil) {
			t.Errorf("try %d: took %v, header %v", i+1, got.Duration, got.Header)
		}
		if i == 1 {
			want.Delay = got.Delay
			if got.Delay < 750*time.Millisecond || got.Delay > time.Second {
				t.Errorf("delay %v, want 75 to 100 %% of a second", got.Delay)
			}
		}
		got.Duration, got.Header = 0, nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("try %d: told %+v, want %+v", i+1, got, want)
		}
	}
	if got := w.ends[0].Header; got.Get("Set-Cookie") != client.Redacted || got.Get("Retry-After") != "2" {
		t.Errorf("header %v", got)
	}
}

// All operations, all ways to fail: nothing secret reaches a hook or a log.
func TestHooksTellNoSecrets(t *testing.T) {
	t.Parallel()
	numbers := `{"requestError":{"serviceException":{"messageId":"` + phone + `","text":"` + phone + `"}}}`
	for name, answer := range map[string]http.HandlerFunc{
		"echo": echo(200, "<p>%s</p>"), "refused": echo(503, "%s"), "numbers": says(429, numbers), "cut": abort, "torn": tear(200),
		"elsewhere": locate("http://127.0.0.1/?x=%s"),
		"header":    says(400, numbers, "X-Number", phone, "Www-Authenticate", key, "Server", password, "Etag", pin),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w watcher
			var log bytes.Buffer
			var mu sync.Mutex
			f := newFake(t, answer)
			for of, credential := range map[string]client.Option{
				"key": client.WithAPIKey(key), "password": client.WithBasic("alice", password),
			} {
				zeros := readerFunc(func(p []byte) (int, error) { clear(p); return len(p), nil }) // no PIN by chance
				c, err := client.New(f.URL, credential, client.Hasty(nil), client.Drawing(zeros), client.WithHook(w.hook()), client.WithLogger(
					slog.New(slog.NewJSONHandler(&locked{&mu, &log}, timeless(slog.LevelDebug)))))
				if err != nil {
					t.Fatal(err)
				}
				for _, op := range operations {
					if value, err := op.call(t.Context(), c); err == nil {
						t.Errorf("%s of %s: value %v, want an error", op.name, of, value)
					}
				}
				if resp, err := do(t, c, http.MethodPost, "/other/"+phone+"?pin="+pin, password); err == nil {
					_ = resp.Body.Close()
				}
				_ = sends["SendPIN"](t, c, client.WithIdempotencyKey(pin))
			}
			for i := range w.ends {
				w.ends[i].Duration, w.ends[i].Delay = 0, 0
			}
			told, err := json.Marshal([]any{w.asks, w.ends, w.calls, w.overs, w.tries})
			if err != nil || len(w.asks) < 2*len(operations) || len(w.overs) != len(w.calls) || len(w.tries) != 3*len(w.asks) ||
				log.Len() == 0 {
				t.Fatalf("told of %d tries, log of %d bytes, error %v", len(w.asks), log.Len(), err)
			}
			dates := regexp.MustCompile(`"Date":\["[^"]*"\]`)
			for _, text := range []string{dates.ReplaceAllString(string(told), ""), log.String()} {
				for _, secret := range []string{key, password, basic, pin, phone, appID, msgID, pinID} {
					if at := strings.Index(text, secret); at >= 0 {
						t.Errorf("told %q in …%s…", secret, text[max(0, at-80):at+len(secret)])
					}
				}
			}
		})
	}
}

// timeless leaves out what differs from run to run, and may look like a PIN.
func timeless(level slog.Level) *slog.HandlerOptions {
	return &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "took" {
			return slog.Attr{}
		}
		return a
	}}
}

type locked struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ address, want string }{
		"down":         {down, client.FailureNotSent},
		"cut":          {newFake(t, abort).URL, client.FailureNoAnswer},
		"torn":         {newFake(t, tear(200)).URL, client.FailureBrokenAnswer},
		"undocumented": {newFake(t, says(502, "<html>")).URL, client.FailureUnknown},
	} {
		var w watcher
		_, err := newClient(t, tt.address, client.WithHook(w.hook())).PINStatus(t.Context(), pinID)
		if err == nil || len(w.ends) == 0 {
			t.Errorf("%s: error %v, told of %d ends", name, err, len(w.ends))
			continue
		}
		if got := w.ends[len(w.ends)-1]; got.Failure != tt.want || got.Retry {
			t.Errorf("%s: told %+v, want %s, the last", name, got, tt.want)
		}
	}
}

// A request that an editor keeps back is none.
func TestHook_not_sent(t *testing.T) {
	t.Parallel()
	var w watcher
	c := newClient(t, down, client.WithHook(w.hook()), client.WithRequestEditor(func(*http.Request) error { return errCaught }))
	if _, err := c.PINStatus(t.Context(), pinID); err == nil || len(w.asks)+len(w.ends) > 0 {
		t.Errorf("error %v, told of %d tries and %d ends", err, len(w.asks), len(w.ends))
	}
}

func TestWithLogger(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		level slog.Level
		want  string
	}{
		{slog.LevelDebug, `DEBUG called pinpost operation=verifyPin method=POST path=/2fa/1/pin/{pinId}/verify try=1 status=503 request_id=REQ1 failure=SERVICE_UNAVAILABLE
WARN calling pinpost again operation=verifyPin try=2 status=503 failure=SERVICE_UNAVAILABLE after=7s request_id=REQ1
DEBUG called pinpost operation=verifyPin method=POST path=/2fa/1/pin/{pinId}/verify try=2 status=200 request_id="" failure=""
`},
		{slog.LevelInfo, `WARN calling pinpost again operation=verifyPin try=2 status=503 failure=SERVICE_UNAVAILABLE after=7s request_id=REQ1
`},
	} {
		body := `{"requestError":{"serviceException":{"messageId":"SERVICE_UNAVAILABLE","text":"later"}}}`
		f := newFake(t, inTurn(says(503, body, "Retry-After", "7", "X-Request-Id", "REQ1"), says(200, `{"pinId":"P"}`)))
		var log bytes.Buffer
		text := slog.NewTextHandler(&log, timeless(tt.level))
		if _, err := newClient(t, f.URL, client.WithLogger(slog.New(text))).VerifyPIN(t.Context(), pinID, pin); err != nil {
			t.Fatal(err)
		}
		got := strings.NewReplacer("level=", "", `msg="called pinpost"`, "called pinpost", `msg="calling pinpost again"`,
			"calling pinpost again").Replace(log.String())
		if got != tt.want {
			t.Errorf("logged\n%swant\n%s", got, tt.want)
		}
	}
}
