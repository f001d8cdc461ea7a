package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const mediaType = "application/json"

// CallOption says how long the answer to a PIN sent by voice may wait for the call to end. Without one the server
// decides, 20 seconds unless it is set otherwise. Of several the last one wins.
type CallOption func(*preference)

// preference is the value of the Prefer header (RFC 7240); nil leaves the header out.
type preference struct {
	value *string
	err   error
}

// RespondAsync asks for the answer at once; the call's status is then api.CallStatusProcessing. PINStatus tells later
// what became of it.
func RespondAsync() CallOption {
	return func(p *preference) { *p = preference{value: new("respond-async")} }
}

// WaitFor asks the server to wait for the call's end up to d, in whole seconds, rounded up. The server waits for 60
// seconds at most. A wait beyond the client's own timeout (80 seconds, see WithTimeout) ends in an error. A negative d
// is an error, and nothing is sent.
func WaitFor(d time.Duration) CallOption {
	return func(p *preference) {
		if d < 0 {
			*p = preference{err: errors.New("time to wait for is negative")}
			return
		}
		seconds := int64(d / time.Second)
		if d%time.Second > 0 {
			seconds++
		}
		*p = preference{value: new("wait=" + strconv.FormatInt(seconds, 10))}
	}
}

func prefer(options []CallOption) (*string, error) {
	var p preference
	for _, option := range options {
		if option != nil {
			option(&p)
		}
	}
	return p.value, p.err
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

// ask carries out one operation: it checks the ids, sends the request within the client's time, and reads the answer.
// doing opens the text of its errors.
func ask[T any](
	ctx context.Context, c *Client, doing string, send func(context.Context) (*http.Response, error), ids ...pathID,
) (T, error) {
	var none T
	for _, id := range ids {
		if err := id.check(); err != nil {
			return none, fmt.Errorf("%s: %w", doing, err)
		}
	}
	if c.timeout > 0 {
		bounded, cancel := context.WithTimeout(ctx, c.timeout)
		defer cancel()
		ctx = bounded
	}
	resp, err := send(ctx)
	if err != nil {
		return none, fmt.Errorf("%s: %w", doing, err)
	}
	defer func() { _ = resp.Body.Close() }() // all that is wanted was read by then
	value, err := answer[T](resp)
	if err != nil {
		return none, fmt.Errorf("%s: %w", doing, err)
	}
	return value, nil
}
