package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

const mediaType = "application/json"

var errNotPath = errors.New("the URL of a request must be a path that begins with a slash, and its query")

// Do sends a request to a path of the server that no other method knows. The URL of req is that path, below the base
// URL and with a query or without, as in
//
//	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "/sandbox/clock", nil)
//
// Credential, user agent and request editors are those of all calls; Accept is application/json where req has none. The
// time of WithTimeout runs until the body is closed, so close it; see WithoutTimeout for answers that take longer. Tries
// are repeated as for all calls, provided that req.GetBody gives its body again; hooks do not learn the path.
//
// An answer other than 2xx is an *APIError, as it is for all calls. Decode reads the value of the others.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if req.URL == nil || req.URL.Scheme != "" || req.URL.Host != "" || !strings.HasPrefix(req.URL.Path, "/") {
		return nil, errNotPath
	}
	ctx, cancel := bounded(req.Context(), c.timeout)
	call := &call{client: c, op: operationOf(req.Method, req.URL)}
	resp, err := call.send(req.Clone(call.begin(ctx, req.Method)))
	if err != nil {
		call.finish(endOf(err))
		cancel()
		return nil, err
	}
	resp.Body = &handed{ReadCloser: timed{resp.Body, cancel}, call: call, status: resp.StatusCode}
	return resp, nil
}

func (c *call) send(req *http.Request) (*http.Response, error) {
	req.URL, req.Host = below(c.client.base, req.URL), ""
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if c.op.sent {
		if err := c.client.name(req); err != nil {
			return nil, err
		}
	}
	c.req = req
	return c.run()
}

// timed is the body of an answer, with the time that it may take.
type timed struct {
	io.ReadCloser
	end context.CancelFunc
}

// Close ends the time too.
func (t timed) Close() error {
	defer t.end()
	return t.ReadCloser.Close()
}

// handed is the body of an answer of success, as the caller gets it. The call is over when it is closed.
type handed struct {
	io.ReadCloser
	call   *call
	status int
	closed sync.Once

	mu         sync.Mutex
	broke      error // what reading it ended with
	unreadable bool  // as Decode found
}

// Read notes when the answer breaks off.
func (h *handed) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.broke = err
	}
	return n, err
}

// Close ends the call too.
func (h *handed) Close() error {
	h.closed.Do(func() { h.call.finish(h.end()) })
	return h.ReadCloser.Close()
}

func (h *handed) end() CallEnd {
	h.mu.Lock()
	defer h.mu.Unlock()
	end := CallEnd{Status: h.status, Stopped: stopOf(nil, h.broke)}
	switch {
	case h.broke != nil:
		end.Failure = FailureBrokenAnswer
	case h.unreadable:
		end.Failure = FailureUnreadable
	}
	return end
}

// noteUnreadable tells the call of resp, if it is one, that its answer means nothing.
func noteUnreadable(resp *http.Response) {
	if h, ok := resp.Body.(*handed); ok {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.unreadable = true
	}
}

// pathID is an id that becomes one segment of a path.
type pathID struct{ name, value string }

// check refuses ids that would make another path of it: no segment at all, or one that means here or above.
func (id pathID) check() error {
	switch id.value {
	case "":
		return fmt.Errorf("%s is empty", id.name)
	case ".", "..":
		return fmt.Errorf("%s is not an id", id.name)
	}
	return nil
}

// ask carries out one operation: it checks the ids, sends the request, and reads the answer. doing opens the text of its
// errors.
func ask[T any](
	ctx context.Context, doing string, send func(context.Context) (*http.Response, error), ids ...pathID,
) (T, error) {
	var none T
	for _, id := range ids {
		if err := id.check(); err != nil {
			return none, fmt.Errorf("%s: %w", doing, err)
		}
	}
	resp, err := send(ctx)
	if err != nil {
		return none, fmt.Errorf("%s: %w", doing, err)
	}
	defer func() { _ = resp.Body.Close() }() // all that is wanted was read by then
	value, err := Decode(resp, complete[T])
	if err != nil {
		return none, fmt.Errorf("%s: %w", doing, err)
	}
	return value, nil
}
