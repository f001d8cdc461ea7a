package client

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// CallOption says how one send or resend is made, or what else is wanted of its answer. RespondAsync and WaitFor say how
// long the answer to a PIN sent by voice may wait for the call to end; without them the server decides, 20 seconds unless
// it is set otherwise, and of several the last one wins. They mean nothing for a text. WithIdempotencyKey and ReadHeader
// are for texts and calls alike.
type CallOption func(*preference)

// preference is what the options of a call say.
type preference struct {
	prefer *string // the value of the Prefer header (RFC 7240); nil leaves the header out
	err    error   // what is wrong with it
	key    string  // of the caller, empty for one of the client's own
	keyErr error
	header []*http.Header
}

// RespondAsync asks for the answer at once; the call's status is then api.CallStatusProcessing. PINStatus tells later
// what became of it.
func RespondAsync() CallOption {
	return func(p *preference) { p.prefer, p.err = new("respond-async"), nil }
}

// WaitFor asks the server to wait for the call's end up to d, in whole seconds, rounded up. The server waits for 60
// seconds at most. A wait beyond the client's own timeout (80 seconds, see WithTimeout) ends in an error. A negative d
// is an error, and nothing is sent.
func WaitFor(d time.Duration) CallOption {
	return func(p *preference) {
		if d < 0 {
			p.prefer, p.err = nil, errors.New("time to wait for is negative")
			return
		}
		seconds := int64(d / time.Second)
		if d%time.Second > 0 {
			seconds++
		}
		p.prefer, p.err = new("wait="+strconv.FormatInt(seconds, 10)), nil
	}
}

// ReadHeader puts the header of the answer into the variable that it points to, whether the answer is a value or an
// error. When no answer comes, the variable stays as it is.
func ReadHeader(into *http.Header) CallOption {
	return func(p *preference) {
		if into != nil {
			p.header = append(p.header, into)
		}
	}
}

// askWith is ask for a call that has options.
func askWith[T any](
	ctx context.Context, doing string, options []CallOption,
	send func(ctx context.Context, p preference) (*http.Response, error), ids ...pathID,
) (T, error) {
	var p preference
	for _, option := range options {
		if option != nil {
			option(&p)
		}
	}
	return ask[T](ctx, doing, func(ctx context.Context) (*http.Response, error) {
		if err := errors.Join(p.err, p.keyErr); err != nil {
			return nil, err
		}
		resp, err := send(ctx, p)
		p.tell(resp, err)
		return resp, err
	}, ids...)
}

// tell gives the header of an answer to those who asked for it.
func (p preference) tell(resp *http.Response, err error) {
	if refused, ok := errors.AsType[*APIError](err); ok {
		resp = refused.Response
	}
	if resp == nil {
		return
	}
	for _, into := range p.header {
		*into = resp.Header
	}
}
