package client

import (
	"errors"
	"net/http/httptrace"
	"net/textproto"
	"regexp"
	"sync/atomic"
)

// SendError is a request to which no answer came. Its cause can be reached, so that for example
// errors.Is(err, context.DeadlineExceeded) holds when time ran out.
type SendError struct {
	// Host is where the request was to go.
	Host string
	// Sent is false when it is certain that nothing of the request left: the connection was never made. Otherwise the server
	// may have carried it out, and a PIN may have gone out.
	Sent bool

	cause error
}

// Error gives the host and the cause, but not the URL, which may have a phone number in it.
func (e *SendError) Error() string {
	text := "no answer from " + e.Host
	if e.cause != nil {
		text += ": " + harmless(e.cause)
	}
	return text
}

// Unwrap gives the cause.
func (e *SendError) Unwrap() error { return e.cause }

// quoted is what %q prints.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// harmless words a failure of net/http. What such texts quote are pieces of the answer or of a URL: a server that speaks
// no HTTP may send our own request back.
func harmless(err error) string {
	if _, ok := errors.AsType[textproto.ProtocolError](err); ok { // quotes without quotation marks in some releases of Go
		return "the answer is not HTTP"
	}
	return quoted.ReplaceAllString(err.Error(), `"..."`)
}

// journey notes how far a request gets.
type journey struct{ looked, connected atomic.Bool }

// trace is called from several goroutines, now and then even after the request has ended.
func (j *journey) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { j.looked.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { j.connected.Store(true) },
		WroteHeaders: func() { j.connected.Store(true) },
	}
}

// unconnected reports whether it is certain that the request never got a connection. A transport that notes nothing at all,
// such as a caller's own, may have sent it.
func (j *journey) unconnected() bool { return j.looked.Load() && !j.connected.Load() }
