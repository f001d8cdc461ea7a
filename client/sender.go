package client

import (
	"errors"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
)

// sender sends requests, and keeps their URLs out of the errors.
type sender struct{ http *http.Client }

func newSender(given *http.Client) sender {
	own := *given
	if own.CheckRedirect == nil {
		own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return sender{http: &own}
}

// withoutTimeout gives a sender that waits for ever.
func (s sender) withoutTimeout() sender {
	own := *s.http
	own.Timeout = 0
	return sender{http: &own}
}

// Do sends a request. Its error tells the host and the cause, but not the URL, which may have a phone number in it.
func (s sender) Do(req *http.Request) (*http.Response, error) {
	resp, err := s.http.Do(req)
	if err == nil {
		return resp, nil
	}
	if full, ok := errors.AsType[*url.Error](err); ok {
		err = full.Err
	}
	return nil, &sendError{host: req.URL.Host, cause: err}
}

// sendError is an answer that did not come.
type sendError struct {
	host  string
	cause error
}

func (e *sendError) Error() string { return "no answer from " + e.host + ": " + harmless(e.cause) }

func (e *sendError) Unwrap() error { return e.cause }

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
