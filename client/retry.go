package client

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	defaultRetries = 2
	firstDelay     = 500 * time.Millisecond
	longestDelay   = 5 * time.Second
	// longestAsked is the longest Retry-After that is waited for. Limits ask for hours; their callers want to know at once.
	longestAsked = 30 * time.Second
)

// WithRetries says how often a call is tried again at most, after the first time; 0 switches it off. The default is 2.
// The documentation of the package says what is tried again, and when.
func WithRetries(n int) Option {
	return func(s *settings) error {
		if n < 0 {
			return errors.New("number of retries is negative")
		}
		s.retries = n
		return nil
	}
}

// ending says what is known after a try.
type ending int

const (
	final       ending = iota // success, a refusal that stands, or a request that cannot be sent at all
	unconnected               // nothing left: the connection was never made
	postponed                 // the server answered that it did not carry the request out, and may later
	broken                    // the server may have carried the request out: no answer came, or not all of it
)

// endingOf reads what a try gave.
func endingOf(resp *http.Response, err error) ending {
	if failed, ok := errors.AsType[*SendError](err); ok {
		if failed.Sent {
			return broken
		}
		return unconnected
	}
	if refused, ok := errors.AsType[*APIError](err); ok {
		if refused.Status == http.StatusTooManyRequests || refused.Status == http.StatusServiceUnavailable {
			return postponed
		}
		return final
	}
	if err == nil && isTorn(resp.Body) {
		return broken
	}
	return final
}

// mayRepeat decides whether a request may be sent again. understood says that the server knows idempotency keys.
func mayRepeat(after ending, method string, op operation, understood bool) bool {
	switch after {
	case unconnected, postponed:
		return true
	case broken:
		switch method {
		case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut:
			return true
		}
		return op.sent && understood
	}
	return false
}

// delay gives the time until the next try; false when it is more than the call waits.
func (c *Client) delay(ctx context.Context, tries int, err error) (time.Duration, bool) {
	d := backoff(tries, c.random)
	if refused, ok := errors.AsType[*APIError](err); ok && refused.RetryAfter > 0 {
		d = refused.RetryAfter
	}
	end, bounded := ctx.Deadline()
	if bounded && time.Until(end) <= d {
		return 0, false
	}
	if d > longestAsked {
		return 0, false
	}
	return d, true
}

// backoff doubles from try to try. It takes up to a quarter off, so that clients that failed together do not come back
// together.
func backoff(tries int, random io.Reader) time.Duration {
	d := longestDelay
	if tries < 5 {
		d = min(d, firstDelay<<(tries-1))
	}
	var word [4]byte
	if _, err := io.ReadFull(random, word[:]); err != nil {
		return d
	}
	share := float64(binary.BigEndian.Uint32(word[:])) / (1 << 32)
	return d - time.Duration(share*float64(d)/4)
}

// wait lets time pass, until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait to try again: %w", ctx.Err())
	}
}
