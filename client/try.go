package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// call is a request on its way: it is tried, and tried again.
type call struct {
	client *Client
	op     operation
	req    *http.Request // below the base URL
	tries  int           // sent so far
	over   []func(CallEnd)
}

// run tries until an answer counts, or no further try is due.
func (c *call) run() (*http.Response, error) {
	for {
		resp, report, err := c.try()
		delay, again := c.again(resp, err)
		if report != nil {
			report(delay, again)
		}
		if !again {
			return resp, err
		}
		if resp != nil {
			_ = resp.Body.Close() // read whole by then
		}
		if late := c.client.pause(c.req.Context(), delay); late != nil {
			return nil, c.late(err, late)
		}
	}
}

// late words that the caller's time was over before the next try.
func (c *call) late(err, late error) error {
	if err == nil { // an answer that broke off
		return &SendError{Host: c.req.URL.Host, Sent: true, cause: late}
	}
	return fmt.Errorf("%w; %w", err, late)
}

// again decides about another try, and when it is due.
func (c *call) again(resp *http.Response, err error) (time.Duration, bool) {
	after, ctx := endingOf(resp, err), c.req.Context()
	body := c.req.Body == nil || c.req.Body == http.NoBody || c.req.GetBody != nil
	if c.tries > c.client.retries || ctx.Err() != nil || !body ||
		!mayRepeat(after, c.req.Method, c.op, c.client.understood.Load()) {
		return 0, false
	}
	return c.client.delay(ctx, c.tries, err)
}

// try sends the request once. report, which is nil when nothing was sent, tells the hooks.
func (c *call) try() (_ *http.Response, report func(time.Duration, bool), _ error) {
	ctx, cancel := bounded(c.req.Context(), c.client.tryTimeout)
	req, err := c.prepare(ctx)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	c.tries++
	req, info, ends := c.announce(req)
	began := time.Now()
	resp, err := c.answer(req, cancel)
	took := time.Since(began)
	return resp, func(delay time.Duration, again bool) {
		c.report(ResponseInfo{Request: info, Duration: took, Retry: again, Delay: delay}, ends, resp, err)
	}, err
}

// prepare gives the request of one try.
func (c *call) prepare(ctx context.Context) (*http.Request, error) {
	req := c.req.Clone(ctx)
	if c.tries > 0 && req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, fmt.Errorf("read body again: %w", err)
		}
		req.Body = body
	}
	if err := c.client.dress(req); err != nil {
		return nil, err
	}
	return req, nil
}

// answer sends the request of one try and gives the answer of success. That of a known operation is read whole, so that
// one that breaks off counts as none; only streams and long waits are left to the caller.
func (c *call) answer(req *http.Request, cancel context.CancelFunc) (*http.Response, error) {
	if c.op.sent {
		hideKey(req.Header)
	}
	resp, err := c.client.sender.Do(req)
	if err != nil {
		cancel()
		return nil, err
	}
	if c.op.sent {
		c.client.learn(resp)
	}
	if err := refused(resp); err != nil {
		cancel()
		return nil, err
	}
	if c.client.patient || !c.op.known() {
		resp.Body = timed{resp.Body, cancel}
		return resp, nil
	}
	defer cancel()
	defer func(body io.Closer) { _ = body.Close() }(resp.Body)
	body, err := readBody(resp.Body)
	resp.Body = &readAlready{rest: bytes.NewReader(body), err: err}
	return resp, nil
}

// readAlready is the body of an answer that was read: what came, and then the error that it ended with, if any.
type readAlready struct {
	rest *bytes.Reader
	err  error
}

// Read reads on.
func (r *readAlready) Read(p []byte) (int, error) {
	n, err := r.rest.Read(p)
	if err == io.EOF && r.err != nil {
		return n, r.err
	}
	return n, err
}

// Close does nothing.
func (r *readAlready) Close() error { return nil }

// isTorn reports whether an answer broke off.
func isTorn(body io.Reader) bool {
	r, ok := body.(*readAlready)
	return ok && r.err != nil && !errors.Is(r.err, errTooLarge)
}

// bounded gives ctx an end after d; zero means none.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d > 0 {
		return context.WithTimeout(ctx, d)
	}
	return ctx, func() {}
}
