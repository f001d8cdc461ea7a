package page

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/proxy"
)

func TestMain(m *testing.M) { os.Exit(canary.Main(m)) }

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newPage(t *testing.T) *Page {
	t.Helper()
	p, err := New(About{
		Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1:9", User: url.UserPassword("somebody", "pass-of-somebody"), RawQuery: "key=of-somebody"},
		Proxy:    "http://127.0.0.1:8081", Closed: true, Began: began,
		Operations: []Operation{{"verifyPin", "POST", "/2fa/1/pin/{pinId}/verify"}, {"sendPinOverSms", "POST", "/2fa/1/pin"}},
	})
	must(t, err)
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	missing = conform.Violation{Operation: "sendPinOverSms", In: conform.InResponse, Where: "body.pinId", Text: "is required"}
	wrong   = conform.Violation{Operation: "sendPinOverSms", In: conform.InRequest, Where: "body.to", Text: "must be a string"}
)

// pass shows an exchange with violations on a page.
func pass(t testing.TB, p *Page, number int64, operation string, violations ...conform.Violation) {
	t.Helper()
	must(t, p.Exchange(proxy.Exchange{
		Number: number, Began: began.Add(time.Duration(number) * time.Second), Took: 1500 * time.Microsecond, Operation: operation,
		Method: "POST", Path: "/2fa/1/pin", Status: 200, RequestID: fmt.Sprintf("request-%d", number), Violations: violations,
	}))
}

func get(t *testing.T, p *Page, method, target, host string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	r.Host = host
	recorder := httptest.NewRecorder()
	p.ServeHTTP(recorder, r)
	return recorder.Result()
}

func reported(t *testing.T, p *Page) report {
	t.Helper()
	resp := get(t, p, http.MethodGet, "/report.json", "127.0.0.1:8082")
	var r report
	must(t, json.NewDecoder(resp.Body).Decode(&r))
	return r
}

func TestReport(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	pass(t, p, 1, "sendPinOverSms")
	pass(t, p, 3, "sendPinOverSms", missing, wrong)
	pass(t, p, 2, "", conform.Violation{In: conform.InRequest, Where: "path", Text: "has no operation"})
	pass(t, p, 4, "sendPinOverSms", missing)
	must(t, p.End(proxy.Summary{Exchanges: 4, Others: 7, Left: 1}))

	r := reported(t, p)
	if want := (totals{Exchanges: 4, Unknown: 1, Violations: 4, Kinds: 3, Ended: true, Others: 7, Left: 1}); r.Totals != want {
		t.Errorf("totals are %+v, want %+v", r.Totals, want)
	}
	if want := (about{"http://127.0.0.1:9", "http://127.0.0.1:8081", "closed", began}); *r.About != want {
		t.Errorf("about says %+v, want %+v", *r.About, want)
	}
	send := operation{ID: "sendPinOverSms", Method: "POST", Path: "/2fa/1/pin", Count: 3, Wrong: 2}
	verify := operation{ID: "verifyPin", Method: "POST", Path: "/2fa/1/pin/{pinId}/verify"}
	if len(r.Operations) != 2 || r.Operations[0] != send || r.Operations[1] != verify {
		t.Errorf("operations are %+v, want %+v and %+v", r.Operations, send, verify)
	}
	want := group{
		ID: 1, violation: violation{"sendPinOverSms", "response", "body.pinId", "is required"}, Count: 2,
		First: sighting{3, began.Add(3 * time.Second), "request-3"}, Last: sighting{4, began.Add(4 * time.Second), "request-4"},
	}
	if len(r.Groups) != 3 || r.Groups[0] != want || r.Groups[2].Operation != "" {
		t.Errorf("groups are %+v, want the first as %+v", r.Groups, want)
	}
	if len(r.Exchanges) != 4 || r.Exchanges[1].Number != 3 || len(r.Exchanges[1].Violations) != 2 || r.Exchanges[1].TookMillis != 1.5 {
		t.Errorf("exchanges are %+v", r.Exchanges)
	}
}

// TestReport_is_bounded lets more pass than is kept: of exchanges, of different violations, of violations of one exchange and of text.
func TestReport_is_bounded(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	long := strings.Repeat("ü", 1<<13)
	for i := range int64(keptGroups) {
		pass(t, p, i, "sendPinOverSms", conform.Violation{In: conform.InRequest, Where: fmt.Sprintf("%d%s", i, long), Text: long})
	}
	pass(t, p, 1000, "verifyPin", make([]conform.Violation, 50)...)
	r := reported(t, p)
	if len(r.Groups) != keptGroups || r.Totals.Kinds != keptGroups || r.Totals.Ungrouped != 50 || r.Totals.Violations != keptGroups+50 {
		t.Errorf("%d groups are kept, with totals of %+v", len(r.Groups), r.Totals)
	}
	if len(r.Exchanges) != keptExchanges || r.Exchanges[keptExchanges-1].Number != 1000 || r.Exchanges[0].Number != keptGroups-keptExchanges+1 {
		t.Errorf("%d exchanges are kept, from %d", len(r.Exchanges), r.Exchanges[0].Number)
	}
	if last := r.Exchanges[keptExchanges-1]; len(last.Violations) != keptViolations || last.More != 50-keptViolations {
		t.Errorf("%d violations of an exchange are kept, and %d more told of", len(last.Violations), last.More)
	}
	text, err := json.Marshal(r)
	must(t, err)
	if len(text) > 1<<20 {
		t.Errorf("a report has %d bytes", len(text))
	}
}

func TestPage_guards(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	for _, c := range []struct {
		method, path, host string
		status             int
	}{
		{"GET", "/", "127.0.0.1:8082", 200},
		{"HEAD", "/", "localhost:8082", 200},
		{"GET", "/", "[::1]:8082", 200},
		{"GET", "/assets/proxy.js", "pinpost:8082", 200},
		{"GET", "/assets/stream.js", "a.localhost", 200},
		{"GET", "/report.json", "127.0.0.1", 200},
		{"HEAD", "/events", "127.0.0.1", 200},
		{"GET", "/", "evil.example", 421},
		{"GET", "/report.json", "127.0.0.1.evil.example:8082", 421},
		{"GET", "/events", "pinpost.example.com", 421},
		{"POST", "/", "127.0.0.1", 405},
		{"DELETE", "/events", "127.0.0.1", 405},
		{"OPTIONS", "/report.json", "127.0.0.1", 405},
		{"GET", "/assets/", "127.0.0.1", 404},
		{"GET", "/assets/console.js", "127.0.0.1", 404},
		{"GET", "/assets/proxy.html", "127.0.0.1", 404},
		{"GET", "/2fa/1/pin", "127.0.0.1", 404},
	} {
		resp := get(t, p, c.method, c.path, c.host)
		if resp.StatusCode != c.status {
			t.Errorf("%s %s at %s answers %d, want %d", c.method, c.path, c.host, resp.StatusCode, c.status)
		}
		policy := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || resp.Header.Get("X-Content-Type-Options") != "nosniff" ||
			resp.Header.Get("Referrer-Policy") != "no-referrer" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s at %s is not guarded: %v", c.method, c.path, c.host, resp.Header)
		}
	}
}

var named = regexp.MustCompile(`(?:src|href)="(/[^"#]*)"|from "\./([^"]+)"`)

// TestPage_has_what_it_names follows names from the page on.
func TestPage_has_what_it_names(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	seen, next := map[string]bool{"/": true}, []string{"/"}
	for len(next) > 0 {
		resp := get(t, p, http.MethodGet, next[0], "127.0.0.1")
		text, err := io.ReadAll(resp.Body)
		must(t, err)
		if resp.StatusCode != http.StatusOK || len(text) == 0 {
			t.Errorf("%s is named, and answers %d with %d bytes", next[0], resp.StatusCode, len(text))
		}
		next = next[1:]
		for _, match := range named.FindAllStringSubmatch(string(text), -1) {
			path := match[1]
			if match[2] != "" {
				path = "/assets/" + match[2]
			}
			if !seen[path] {
				seen[path], next = true, append(next, path)
			}
		}
	}
	if len(seen) < 9 {
		t.Errorf("only %v is named: the test looks at the wrong thing", seen)
	}
}

// TestPage_tells_no_secrets lets secrets pass wherever they can, through a real proxy, and looks for them in all that the page says.
func TestPage_tells_no_secrets(t *testing.T) {
	t.Parallel()
	secrets := []string{"41793026727", "739104628", "0123456789abcdef0123456789abcdef-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "pass-of-somebody", "of-somebody", "SecretPinID"}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", secrets[2])
		_, _ = fmt.Fprintf(w, `{"pin":%q,"to":739104628,"pinId":"SecretPinID","smsStatus":%q,%[2]q:1,%q:2}`, secrets[1], secrets[0], secrets[2])
	}))
	defer upstream.Close()
	p := newPage(t)
	traffic(t, upstream.URL, p, func(address string) {
		for _, path := range []string{"/2fa/1/pin", "/2fa/1/pin/SecretPinID/verify", "/2fa/1/41793026727", "/2fa/1/pin/SecretPinID/verify?pin=739104628"} {
			body := fmt.Sprintf(`{"pin":"739104628","to":%q,"from":739104628,%[1]q:1,%q:2}`, secrets[0], secrets[2])
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+path, strings.NewReader(body))
			must(t, err)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "App "+secrets[2])
			resp, err := http.DefaultClient.Do(req)
			must(t, err)
			must(t, resp.Body.Close())
		}
	})
	resp := get(t, p, http.MethodGet, "/report.json", "127.0.0.1")
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	for _, secret := range secrets {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the page tells %s: %s", secret, text)
		}
	}
	if got := reported(t, p).Totals; got.Exchanges != 4 || got.Violations < 4 {
		t.Errorf("totals are %+v: the test lets the wrong things pass", got)
	}
}

// TestPage_is_sent_compressed is of the files of this package: those that are shared have their own test.
func TestPage_is_sent_compressed(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	recorder := httptest.NewRecorder()
	newPage(t).ServeHTTP(recorder, r)
	plain, err := gzip.NewReader(recorder.Body)
	must(t, err)
	text, err := io.ReadAll(plain)
	must(t, err)
	if !bytes.Contains(text, []byte("Pinpost proxy")) {
		t.Errorf("the page is %s", text)
	}
}

func TestNew_wants_what_it_shows(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]About{
		"no upstream":   {Operations: []Operation{{ID: "sendPinOverSms"}}},
		"no operations": {Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1"}},
	} {
		if _, err := New(a); err == nil {
			t.Errorf("%s: there is a page", name)
		}
	}
}
