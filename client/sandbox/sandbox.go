package sandbox

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox/internal/gen"
)

// Headers of a sandbox.
const (
	worldHeader  = "Pinpost-World"
	cursorHeader = "Pinpost-Cursor"
)

// Client calls the sandbox of one server as one account, or in one world of it. New makes it. It does not change after
// that and is safe for use by many goroutines.
type Client struct {
	calls gen.ClientInterface
	waits gen.ClientInterface // for answers that are long in coming
}

// New gives a client for the sandbox of the server that c calls, with c's credential. Nothing is sent yet.
func New(c *client.Client) *Client {
	return &Client{
		calls: &gen.Client{Server: "/", Client: c},
		waits: &gen.Client{Server: "/", Client: c.WithoutTimeout()},
	}
}

// InWorld is an option of client.New: all calls of that client, those of the 2FA PIN API included, are made in the
// private world with this ID, which the account must have opened. A key of the world's own needs no such option.
//
// With an empty ID every call is an error, and nothing is sent.
func InWorld(worldID string) client.Option {
	return client.WithRequestEditor(func(req *http.Request) error {
		if worldID == "" {
			return errors.New("worldID is empty")
		}
		req.Header.Set(worldHeader, worldID)
		return nil
	})
}

// Cursor gives the place in the inbox right before the message of a send or resend, from the header of its answer (see
// client.ReadHeader). It is empty when the server is no sandbox.
func Cursor(header http.Header) string { return header.Get(cursorHeader) }

// IsTimeout reports whether Wait ended because no message came in time (status 408).
func IsTimeout(err error) bool {
	e, ok := errors.AsType[*client.APIError](err)
	return ok && e.Status == http.StatusRequestTimeout
}

// ask carries out one operation. doing opens the text of its errors; complete says whether an answer has what makes it
// one.
func ask[T any](
	ctx context.Context, doing string, send func(context.Context) (*http.Response, error), complete func(T) bool,
) (T, error) {
	var none T
	resp, err := send(ctx)
	if err != nil {
		return none, fmt.Errorf("%s: %w", doing, err)
	}
	defer func() { _ = resp.Body.Close() }() // all that is wanted was read by then
	value, err := client.Decode(resp, complete)
	if err != nil {
		return none, fmt.Errorf("%s: %w", doing, err)
	}
	return value, nil
}

// askFor carries out one operation on what has the id. It refuses ids that would make another path of it, such as the
// empty one, with which a deletion would mean everything.
func askFor[T any](
	ctx context.Context, doing, name, id string, send func(context.Context) (*http.Response, error), complete func(T) bool,
) (T, error) {
	return ask(ctx, doing, func(ctx context.Context) (*http.Response, error) {
		switch id {
		case "":
			return nil, errors.New(name + " is empty")
		case ".", "..":
			return nil, errors.New(name + " is not an id")
		}
		return send(ctx)
	}, complete)
}

// given leaves out what is empty.
func given[T comparable](value T) *T {
	var empty T
	if value == empty {
		return nil
	}
	return &value
}

// whole gives d in units, rounded up.
func whole(d, unit time.Duration) int64 {
	n := int64(d / unit)
	if d%unit > 0 {
		n++
	}
	return n
}

// narrow leaves it to the server to refuse numbers that are too large, even for the wire.
func narrow[T int | int64](n T) int32 { return int32(min(max(n, math.MinInt32), math.MaxInt32)) }
