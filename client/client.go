package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pinpost/pinpost/client/internal/gen"
)

// Client calls one server as one account. New makes it. It does not change after that and is safe for use by many
// goroutines.
type Client struct {
	calls   gen.ClientInterface
	timeout time.Duration
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
	server, err := normalise(baseURL)
	faults := []error{err}
	s := settings{http: &http.Client{}, userAgent: defaultUserAgent, timeout: defaultTimeout}
	for _, option := range options {
		if option != nil {
			faults = append(faults, option(&s))
		}
	}
	faults = append(faults, s.oneCredential())
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("new client: %w", err)
	}
	calls, err := gen.NewClient(server, gen.WithHTTPClient(newSender(s.http)), gen.WithRequestEditorFn(s.dress))
	if err != nil {
		return nil, fmt.Errorf("new client: %w", err)
	}
	return &Client{calls: calls, timeout: s.timeout}, nil
}

// dress gives a request the headers that all requests have, then hands it to the editors.
func (s settings) dress(_ context.Context, req *http.Request) error {
	req.Header.Set("Authorization", s.authorization)
	req.Header.Set("Accept", mediaType)
	req.Header.Set("User-Agent", s.userAgent)
	for _, edit := range s.editors {
		if err := edit(req); err != nil {
			return fmt.Errorf("edit request: %w", err)
		}
	}
	return nil
}
