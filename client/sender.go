package client

import (
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
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

// Do sends a request. Its error is a *SendError.
func (s sender) Do(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, &SendError{Host: req.URL.Host, cause: err}
	}
	var j journey
	resp, err := s.http.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), j.trace())))
	if err == nil {
		return resp, nil
	}
	if full, ok := errors.AsType[*url.Error](err); ok {
		err = full.Err
	}
	return nil, &SendError{Host: req.URL.Host, Sent: !j.unconnected(), cause: err}
}
