package client

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/pinpost/pinpost/client/internal/gen"
)

// Client calls one server as one account. New makes it. Its settings do not change after that, and it is safe for use by
// many goroutines.
type Client struct {
	base       *url.URL
	dress      func(*http.Request) error
	sender     sender
	timeout    time.Duration // of a call
	tryTimeout time.Duration
	retries    int
	patient    bool // answers may take long, and are not read ahead
	hooks      []Hook
	understood *atomic.Bool // the server knows idempotency keys, as far as its answers tell
	pause      func(context.Context, time.Duration) error
	random     io.Reader
	calls      gen.ClientInterface // made of Do
}

// New gives a client for the server at baseURL, for example https://pin.example.com or http://127.0.0.1:8080. Exactly
// one credential is required: WithAPIKey or WithBasic. Nothing is sent yet.
//
// The base URL may have a path in front of the API's own. Slashes at its end and the API's own /2fa/1 are tolerated. A
// bare host such as pin.example.com means https; localhost, 127.0.0.1, [::1] and other loopback addresses mean http.
// User name, query and fragment do not belong into it.
//
// The error lists everything that is wrong with the base URL and the options.
func New(baseURL string, options ...Option) (*Client, error) {
	base, err := normalise(baseURL)
	faults := []error{err}
	s := settings{
		http: &http.Client{}, userAgent: defaultUserAgent, timeout: defaultTimeout, retries: defaultRetries,
		pause: wait, random: rand.Reader,
	}
	for _, option := range options {
		if option != nil {
			faults = append(faults, option(&s))
		}
	}
	faults = append(faults, s.oneCredential())
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("new client: %w", err)
	}
	return newClient(Client{
		base: base, dress: s.dress, sender: newSender(s.http), timeout: s.timeout, tryTimeout: s.tryTimeout,
		retries: s.retries, hooks: s.hooks, understood: new(atomic.Bool), pause: s.pause, random: s.random,
	}), nil
}

// WithoutTimeout gives a client that is like c but bounds no call: neither WithTimeout nor WithTryTimeout nor the Timeout
// of an HTTP client of yours holds. It is for calls of Do that wait long or never end by themselves; their context ends
// them. Once an answer has begun, nothing is tried again.
func (c *Client) WithoutTimeout() *Client {
	own := *c
	own.sender, own.timeout, own.tryTimeout, own.patient = c.sender.withoutTimeout(), 0, 0, true
	return newClient(own)
}

// newClient lets the generated calls go through Do.
func newClient(c Client) *Client {
	c.calls = &gen.Client{Server: "/", Client: &c}
	return &c
}

// dress gives a request the headers that all requests have, then hands it to the editors.
func (s settings) dress(req *http.Request) error {
	req.Header.Set("Authorization", s.authorization)
	req.Header.Set("User-Agent", s.userAgent)
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", mediaType)
	}
	for _, edit := range s.editors {
		if err := edit(req); err != nil {
			return fmt.Errorf("edit request: %w", err)
		}
	}
	return nil
}
