package contract

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/conform"
)

// target is the service that is tested.
type target struct {
	base     string // without a slash at the end
	http     *http.Client
	timeout  time.Duration
	key      string
	basic    string // what follows the word Basic; empty when there is no user
	checker  *conform.Checker
	lenient  func(conform.Violation) bool // violations that are not held against the target
	silences int                          // how many requests in a row had no answer
}

// mostSilences is how many requests without an answer, one after another, mean that the target is down.
const mostSilences = 3

// errDown ends a run: nothing can be said of a target that does not answer.
var errDown = errors.New("the target does not answer")

// maxAnswer is as much of an answer as is read.
const maxAnswer = 8 << 20

// exchange is a request that was made, and what came back.
type exchange struct {
	req        conform.Request
	resp       conform.Response
	violations []conform.Violation // of the answer
	curl       string
}

func (x *exchange) decode(into any) error { return json.Unmarshal(x.resp.Body, into) }

// noAnswer is a request that was not answered; the exchange has its curl line.
type noAnswer struct{ err error }

func (e noAnswer) Error() string { return "there is no answer: " + e.err.Error() }
func (e noAnswer) Unwrap() error { return e.err }

func newTarget(o Options, client *http.Client) (*target, error) {
	base, err := url.Parse(o.Target)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, UsageError{"the target must be an address such as https://host or http://127.0.0.1:8080"}
	}
	t := &target{base: strings.TrimSuffix(o.Target, "/"), http: client, timeout: o.Timeout, key: o.Key}
	if o.User != "" {
		t.basic = base64.StdEncoding.EncodeToString([]byte(o.User + ":" + o.Password))
	}
	return t, nil
}

// do makes one request. A nil body is none.
func (t *target) do(ctx context.Context, method, path string, header http.Header, body []byte) (*exchange, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	relative, err := url.Parse(path)
	if err != nil {
		return nil, fmt.Errorf("path of a case: %w", err)
	}
	x := &exchange{req: conform.Request{Method: method, URL: relative, Header: header, Body: body}}
	x.curl = t.curl(x.req, path)
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, t.base+path, reader)
	if err != nil {
		return nil, fmt.Errorf("request of a case: %w", err)
	}
	req.Header = header.Clone()
	resp, err := t.http.Do(req)
	if err != nil {
		return x, t.silence(err)
	}
	defer func() { _ = resp.Body.Close() }()
	x.resp.Status, x.resp.Header = resp.StatusCode, resp.Header
	if x.resp.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return x, t.silence(err)
	}
	t.silences = 0
	if t.checker != nil {
		found, _ := t.checker.CheckResponse(x.req, x.resp)
		for _, v := range found {
			if t.lenient == nil || !t.lenient(v) {
				x.violations = append(x.violations, v)
			}
		}
	}
	return x, nil
}

// silence words a failure without the address, which may have a phone number in its query.
func (t *target) silence(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if t.silences++; t.silences >= mostSilences {
		return fmt.Errorf("%w: %w", errDown, err)
	}
	return noAnswer{err}
}

// own makes a request of the runner's own, with the key and JSON, and wants it to be answered 200.
func (t *target) own(ctx context.Context, w *world, method, path string, in, out any) error {
	header := http.Header{"Authorization": {"App " + t.key}}
	if w != nil && w.id != "" {
		header.Set(worldHeader, w.id)
	}
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
		header.Set("Content-Type", "application/json")
	}
	x, err := t.do(ctx, method, path, header, body)
	if err != nil {
		return preparation{x, []string{err.Error()}, err}
	}
	if x.resp.Status != http.StatusOK {
		return preparation{x, append(reasons(x.violations), fmt.Sprintf("status must be 200, and is %d", x.resp.Status)), nil}
	}
	if w != nil {
		w.blame(x)
	}
	if err := x.decode(out); out != nil && err != nil {
		return preparation{x, append(reasons(x.violations), "body cannot be read"), nil}
	}
	return nil
}

// preparation is a case that could not be prepared, as the target answered something else than it should.
type preparation struct {
	x       *exchange
	reasons []string
	err     error
}

func (p preparation) Error() string { return strings.Join(p.reasons, "; ") }
func (p preparation) Unwrap() error { return p.err }

func reasons(violations []conform.Violation) []string {
	texts := make([]string, len(violations))
	for i, v := range violations {
		texts[i] = v.String()
	}
	return texts
}
