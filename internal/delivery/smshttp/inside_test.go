package smshttp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

func TestPointer(t *testing.T) {
	t.Parallel()
	// The document and its pointers are those of RFC 6901, section 5.
	document, err := ParseJSON([]byte(`{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5,
		"k\"l": 6, " ": 7, "m~n": 8, "list": [{"id": 12345678901234567890, "on": true, "none": null}], "~1": "tilde"}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[Pointer]string{
		"/foo/0": "bar", "/foo/1": "baz", "/": "0", "/a~1b": "1", "/c%d": "2", "/e^f": "3", "/g|h": "4", `/i\j`: "5", `/k"l`: "6",
		"/ ": "7", "/m~0n": "8", "/list/0/id": "12345678901234567890", "/list/0/on": "true", "/~01": "tilde",
	}
	for p, want := range tests {
		if got, found := p.Text(document); got != want || !found || p.Fault() != "" {
			t.Errorf("%q: got %q, %v, fault %q, want %q", p, got, found, p.Fault(), want)
		}
	}
	for _, p := range []Pointer{"", "/foo", "/foo/2", "/foo/-", "/foo/01", "/foo/+1", "/foo/-1", "/nothing", "/foo/0/x", "/list/0/none"} {
		if got, found := p.Text(document); found {
			t.Errorf("%q: got %q, want nothing", p, got)
		}
	}
	for _, p := range []Pointer{"foo", "/a~", "/a~2", "/~0~"} {
		if p.Fault() == "" {
			t.Errorf("%q: got no fault", p)
		}
	}
}

func TestParseJSON_is_one_value(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{", "{} {}", "[1,]", "x", `{"a":1}]`} {
		if _, err := ParseJSON([]byte(body)); err == nil {
			t.Errorf("%q: got no error", body)
		}
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{ // whether it is public
		"8.8.8.8:443": true, "[2a00:1450:4001::1]:443": true, "172.32.0.1:80": true, "100.128.0.1:80": true,
		"127.0.0.1:80": false, "127.8.9.1:80": false, "[::1]:80": false, "10.1.2.3:80": false, "172.16.0.1:80": false,
		"192.168.1.1:80": false, "169.254.169.254:80": false, "[fe80::1%eth0]:80": false, "[fd00::1]:80": false, "0.0.0.0:80": false,
		"[::]:80": false, "[::ffff:127.0.0.1]:80": false, "[::ffff:10.0.0.1]:80": false, "[::ffff:100.64.1.1]:80": false, "100.64.1.1:80": false,
		"224.0.0.1:80": false, "255.255.255.255:80": false, "240.0.0.1:80": false, "[64:ff9b::a00:1]:80": false,
		"[2002:a00:1::]:80": false, "198.18.0.1:80": false, "nonsense": false,
	}
	for address, public := range tests {
		if err := (guard{}).control("tcp", address, nil); (err == nil) != public {
			t.Errorf("%s: got %v, want public %v", address, err, public)
		}
		near := guard{allowPrivate: true, plain: true}.control("tcp", address, nil)
		if address != "nonsense" && (near == nil) == public {
			t.Errorf("%s over http: got %v, want the private ones alone", address, near)
		}
	}
}

func TestClassOfStatus(t *testing.T) {
	t.Parallel()
	tests := map[int]delivery.Class{
		100: delivery.Temporary, 200: delivery.Ambiguous, 301: delivery.LinkDown, 400: delivery.Rejected, 401: delivery.Unauthorised,
		402: delivery.NoCredit, 403: delivery.Unauthorised, 404: delivery.LinkDown, 408: delivery.Temporary, 422: delivery.Rejected,
		429: delivery.Throttled, 500: delivery.Temporary, 501: delivery.Temporary, 502: delivery.Ambiguous, 503: delivery.LinkDown,
		504: delivery.Ambiguous,
	}
	for status, want := range tests {
		if got := ClassOfStatus(status); got != want {
			t.Errorf("%d: got class %d, want %d", status, got, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)
	tests := map[string]time.Duration{
		"": 0, "5": 5 * time.Second, " 7 ": 7 * time.Second, "-5": 0, "1e9": 0, "99999999999": 0, "86400": time.Hour, "soon": 0,
		"Sat, 21 Nov 2026 22:01:00 GMT": time.Minute, "Sat, 21 Nov 2026 21:00:00 GMT": 0, "Sun, 22 Nov 2026 22:00:00 GMT": time.Hour,
	}
	tests["99999999999"] = time.Hour // all that an int can hold is bounded
	for text, want := range tests {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestRest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		validity, unit time.Duration
		want           int64
	}{
		{0, time.Second, 0}, {-time.Second, time.Second, 0}, {time.Millisecond, time.Second, 1}, {90 * time.Second, time.Minute, 2},
		{15 * time.Minute, time.Minute, 15}, {time.Hour, time.Second, 100},
	}
	for _, tt := range tests {
		if got := Rest(tt.validity, tt.unit, 1, 100); got != tt.want {
			t.Errorf("%v in %v: got %d, want %d", tt.validity, tt.unit, got, tt.want)
		}
	}
}

func TestWord(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		" ok ": "ok", "a\nb\x00c": "a b c", "to 41793026727 PIN 1234": "to […] PIN […]", strings.Repeat("é", 200): strings.Repeat("é", maxWord),
	}
	for text, want := range tests {
		if got := Word(text, "", "1234", "41793026727"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestProgress_says_what_a_lost_answer_means(t *testing.T) {
	t.Parallel()
	lost := &url.Error{Op: "Get", URL: "http://gateway/?password=secret", Err: errors.New("answer with the text")}
	tests := map[string]struct {
		events  string // d: dialling, g: connection, r: reused one, h: headers written, w: all written, b: broken while writing
		err     error
		class   delivery.Class
		code    string
		isStale bool
	}{
		"no connection":             {"", lost, delivery.LinkDown, "no connection", false},
		"no connection in time":     {"d", context.DeadlineExceeded, delivery.LinkDown, "no connection in time", false},
		"no connection is free":     {"", context.DeadlineExceeded, delivery.Throttled, "all connections busy", false},
		"no such name":              {"d", &net.DNSError{Name: "gateway.example", IsNotFound: true}, delivery.LinkDown, "name not found", false},
		"no such name in time":      {"d", &net.DNSError{Name: "gateway.example", IsTimeout: true}, delivery.LinkDown, "name not found", false},
		"caller left before":        {"g", context.Canceled, delivery.Temporary, "cancelled", false},
		"new connection, lost":      {"g", lost, delivery.LinkDown, "no connection", false},
		"old connection, closed":    {"r", lost, delivery.LinkDown, "no connection", true},
		"old connection, broken":    {"rhb", lost, delivery.LinkDown, "no connection", true},
		"on its way":                {"rh", lost, delivery.Ambiguous, "connection lost", false},
		"written, lost":             {"ghw", lost, delivery.Ambiguous, "connection lost", false},
		"written, silent":           {"ghw", context.DeadlineExceeded, delivery.Ambiguous, "no answer in time", false},
		"written, caller left":      {"ghw", context.Canceled, delivery.Ambiguous, "cancelled", false},
		"old connection and silent": {"rhw", context.DeadlineExceeded, delivery.Ambiguous, "no answer in time", false},
	}
	for name, tt := range tests {
		p := &progress{}
		trace := p.trace()
		for _, e := range tt.events {
			switch e {
			case 'd':
				trace.ConnectStart("tcp", "192.0.2.1:443")
				trace.DNSStart(httptrace.DNSStartInfo{})
			case 'g', 'r':
				trace.GotConn(httptrace.GotConnInfo{Reused: e == 'r'})
			case 'h':
				trace.WroteHeaders()
			case 'w':
				trace.WroteRequest(httptrace.WroteRequestInfo{})
			case 'b':
				trace.WroteRequest(httptrace.WroteRequestInfo{Err: errors.New("broken pipe")})
			}
		}
		refused, _ := errors.AsType[*delivery.Error](p.fault(tt.err))
		if refused.Class != tt.class || refused.Code != tt.code || p.stale() != tt.isStale {
			t.Errorf("%s: got %v, stale %v, want class %d by %q, stale %v", name, refused, p.stale(), tt.class, tt.code, tt.isStale)
		}
		if text := refused.Error(); strings.Contains(text, "secret") || tt.class == delivery.Ambiguous && strings.Contains(text, "the text") {
			t.Errorf("%s: tells %q", name, text)
		}
	}
}

func TestClient_settings(t *testing.T) {
	t.Parallel()
	s := Settings{Connections: 7}.withDefaults()
	c, err := newClient(s, false, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	transport := c.http.Transport.(*http.Transport)
	if transport.Proxy != nil || transport.TLSClientConfig.InsecureSkipVerify || transport.TLSClientConfig.MinVersion < tls.VersionTLS12 {
		t.Error("the client takes a proxy from the environment, or does not verify TLS")
	}
	if transport.MaxIdleConnsPerHost != 7 || transport.MaxConnsPerHost != 7 || c.timeout != defaultTimeout {
		t.Errorf("got %d idle, %d at most, timeout %v", transport.MaxIdleConnsPerHost, transport.MaxConnsPerHost, c.timeout)
	}
	if _, err := newClient(Settings{CAFile: "client.go"}.withDefaults(), false, time.Now); err == nil {
		t.Error("a CA file without a certificate: got no error")
	}
}

// net/http repeats a GET whose connection is lost, unless its body cannot be had again.
func TestPrepare_leaves_nothing_to_repeat(t *testing.T) {
	t.Parallel()
	for _, body := range []io.Reader{nil, http.NoBody, strings.NewReader("")} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://gateway/", body)
		if err != nil {
			t.Fatal(err)
		}
		req = prepare(req, &progress{})
		if req.Body == nil || req.Body == http.NoBody || req.GetBody != nil {
			t.Errorf("body %T: the request can be repeated", body)
		}
	}
}

func TestCallback_Authentic(t *testing.T) {
	t.Parallel()
	const token = "tok-0123456789abcdef"
	tests := []struct {
		auth, address, header string
		want                  bool
	}{
		{"", "/r?token=" + token, "", true},
		{"", "/r?token=" + token + "x", "", false},
		{"", "/r", "Bearer " + token, false},
		{AuthPath, "/r/" + token, "", true},
		{AuthPath, "/r?token=" + token, "", false},
		{AuthBearer, "/r", "Bearer " + token, true},
		{AuthBearer, "/r", token, false},
		{AuthBearer, "/r", "", false},
		{AuthBasic, "/r", "Basic " + "dXNlcjp0b2stMDEyMzQ1Njc4OWFiY2RlZg==", true}, // user:tok-0123456789abcdef
		{AuthBasic, "/r", "Basic " + "dXNlcjE6dG9rLTAxMjM0NTY3ODlhYmNkZWY=", false},
		{AuthBasic, "/r", "", false},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, tt.address, nil)
		r.Header.Set("Authorization", tt.header)
		c := Callback{URL: "https://x/r", Auth: tt.auth, User: "user", Token: token}
		if got := c.Authentic(r); got != tt.want {
			t.Errorf("%s %s %q: got %v, want %v", tt.auth, tt.address, tt.header, got, tt.want)
		}
		c.Token = ""
		if c.Authentic(r) {
			t.Errorf("%s: authentic without a token", tt.auth)
		}
	}
}

func TestCallback_Address(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		AuthQuery: "https://x/r?a=1&b=2&token=secret", AuthPath: "https://x/r/secret?a=1&b=2", AuthBearer: "https://x/r?a=1&b=2",
	}
	for auth, want := range tests {
		got, err := Callback{URL: "https://x/r?a=1", Auth: auth, Token: "secret"}.Address(url.Values{"b": {"2"}})
		if err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v, want %s", auth, got, err, want)
		}
	}
}

func TestSecret_hides(t *testing.T) {
	t.Parallel()
	s := Settings{Name: "x", Receipts: Callback{Token: "hidden-hidden"}}
	if told := fmt.Sprintf("%v %+v %#v %s", s, s, s, s.Receipts.Token); strings.Contains(told, "hidden-h") {
		t.Errorf("tells %s", told)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).InfoContext(t.Context(), "x", slog.Any("settings", s), slog.Any("token", s.Receipts.Token))
	if strings.Contains(log.String(), "hidden-h") {
		t.Errorf("logs %s", log.String())
	}
}

func TestNew_needs_its_deps(t *testing.T) {
	t.Parallel()
	if _, err := New(nil, Settings{}, "", Deps{}); err == nil {
		t.Error("got no error")
	}
}
