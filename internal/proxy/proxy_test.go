package proxy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// ask makes a request through the proxy, and gives the status; 0 when the answer broke off.
func (p *passing) ask(t *testing.T, method, path, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.server.URL+path, strings.NewReader(body))
	must(t, err)
	req.Header.Set("Authorization", "App key")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0
	}
	return resp.StatusCode
}

// answering is an upstream that answers everything with this.
func answering(t *testing.T, body string) string {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}))
}

func TestProxy_judges_what_is_the_contracts(t *testing.T) {
	t.Parallel()
	p := front(t, answering(t, `[]`))
	for _, path := range []string{"/", "/sandbox/inbox", "/healthz", "/2fab/1/pin"} {
		p.ask(t, http.MethodGet, path, "")
	}
	p.ask(t, http.MethodGet, "/2fa/1/applications/", "")
	p.ask(t, http.MethodGet, "/2fa/1/pins/41793026727", "")
	p.ask(t, "BREW41793026727", "/2fa/1/pin", "")
	summary := p.end(t)
	const want = "request path has no operation in the contract with this method"
	if found(summary) != want || summary.Exchanges != 3 || summary.Others != 4 || summary.Groups[0].Count != 2 {
		t.Errorf("found %q in %d exchanges, %d others", found(summary), summary.Exchanges, summary.Others)
	}
	if strings.Contains(p.texts.String(), "41793026727") {
		t.Errorf("%s has a number in it", p.texts)
	}
}

func TestProxy_holds_success_against_what_the_contract_refuses(t *testing.T) {
	t.Parallel()
	p := front(t, answering(t, `{"to":"41793026727","ncStatus":"NC_NOT_CONFIGURED","smsStatus":"MESSAGE_SENT","pinId":"P"}`))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.server.URL+"/2fa/1/pin",
		strings.NewReader(`{"to":"41793026727","applicationId":"A","messageId":"M","placeholder":1}`))
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	want := strings.Join([]string{
		"sendPinOverSms request body.placeholder is not a member of this request",
		"sendPinOverSms response status 200 is for requests with credentials, and this one had none",
		"sendPinOverSms response header Idempotency-Replayed is required",
		"sendPinOverSms response status 200 takes a request that the contract refuses",
	}, "\n")
	if got := found(p.end(t)); got != want {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
}

func TestProxy_upstream_is_down(t *testing.T) {
	t.Parallel()
	p := front(t, "http://127.0.0.1:1") // a port that was free a moment ago may be another test's by now
	if status := p.ask(t, http.MethodGet, "/2fa/1/applications", ""); status != http.StatusBadGateway {
		t.Errorf("answers %d", status)
	}
	if got := found(p.end(t)); got != "listApplications response status is missing: the upstream does not answer" {
		t.Errorf("found %q", got)
	}
}

func TestProxy_upstream_breaks_off(t *testing.T) {
	t.Parallel()
	p := front(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `[`)
	})))
	if status := p.ask(t, http.MethodGet, "/2fa/1/applications", ""); status != 0 {
		t.Errorf("the answer is whole, and %d", status)
	}
	if got := found(p.end(t)); got != "listApplications response body broke off" {
		t.Errorf("found %q", got)
	}
}

func TestProxy_client_leaves(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	p := front(t, serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(asked)
		<-r.Context().Done()
	})))
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-asked; leave() }()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.server.URL+"/2fa/1/applications", nil)
	must(t, err)
	if resp, err := http.DefaultClient.Do(req); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, %v", resp, err)
	}
	if summary := p.end(t); summary.Left != 1 || summary.Exchanges != 0 || summary.Violations != 0 {
		t.Errorf("%d left, %d judged, %d violations", summary.Left, summary.Exchanges, summary.Violations)
	}
}

// TestProxy_an_answer_before_the_request_has_passed: a request that was not read to its end is no bad one.
func TestProxy_an_answer_before_the_request_has_passed(t *testing.T) {
	t.Parallel()
	p := front(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("WWW-Authenticate", `Basic realm="a"`)
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"t"}}}`)
	})))
	reader, writer := io.Pipe()
	go func() { _, _ = writer.Write([]byte(`{"to":`)) }()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.server.URL+"/2fa/1/pin", reader)
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err == nil {
		must(t, resp.Body.Close())
	}
	must(t, writer.Close())
	if summary := p.end(t); strings.Contains(found(summary), "request body") {
		t.Errorf("found %q", found(summary))
	}
}

func TestProxy_too_long_to_be_judged(t *testing.T) {
	t.Parallel()
	p := front(t, answering(t, `[`+strings.Repeat(" ", 8<<20)+`]`))
	p.ask(t, http.MethodGet, "/2fa/1/applications", "")
	if got := found(p.end(t)); got != "listApplications response body is too long to be judged" {
		t.Errorf("found %q", got)
	}
}

// TestProxy_judges_everything holds the judge up while more requests pass than may wait: all are answered at once, and none is
// lost.
func TestProxy_judges_everything(t *testing.T) {
	t.Parallel()
	p := front(t, answering(t, `[]`))
	p.seen.held = make(chan struct{})
	const requests = 280 // more than the queue has room for
	var all sync.WaitGroup
	for range requests {
		all.Go(func() {
			if status := p.ask(t, http.MethodGet, "/2fa/1/applications", ""); status != http.StatusOK {
				t.Errorf("answers %d", status)
			}
		})
	}
	all.Wait() // with nothing judged
	close(p.seen.held)
	if summary := p.end(t); summary.Exchanges != requests || summary.Violations > 0 {
		t.Errorf("%d judged: %s", summary.Exchanges, found(summary))
	}
}

func TestProxy_reports_that_it_cannot_report(t *testing.T) {
	t.Parallel()
	p := front(t, answering(t, `[]`))
	p.seen.fails = errors.New("disk full")
	p.ask(t, http.MethodGet, "/2fa/1/applications", "")
	p.ask(t, http.MethodGet, "/2fa/1/applications", "")
	p.server.Close()
	if _, err := p.Close(); !errors.Is(err, p.seen.fails) {
		t.Errorf("ends with %v", err)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	p := front(t, answering(t, `{"applications":[]}`))
	for range 3 {
		p.ask(t, http.MethodGet, "/2fa/1/applications", "")
	}
	summary := p.end(t)
	var printed bytes.Buffer
	must(t, summary.Print(&printed))
	const want = `listApplications: response body must be an array (3 times, first in exchange 1)
3 exchanges of 1 operations judged, 3 violations; 0 of other paths passed, 0 clients left before the end
`
	if printed.String() != want {
		t.Errorf("prints %q, want %q", printed.String(), want)
	}
	lines := strings.Split(strings.TrimSpace(p.texts.String()), "\n")
	var last map[string]any
	must(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
	if last["type"] != "summary" || last["exchanges"] != 3.0 || last["violations"] != 3.0 {
		t.Errorf("the last line is %v", last)
	}
	if took := summary.Took; took <= 0 || took > time.Minute {
		t.Errorf("took %s", took)
	}
}
