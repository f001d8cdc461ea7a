package client

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"
)

// Hook watches the tries of all calls. Its functions may be nil; they run in the goroutine of the call, for several calls
// at the same time, and get its context. What they are told has no key, body, query, PIN or phone number in it.
type Hook struct {
	// Request is called right before a try is sent.
	Request func(context.Context, RequestInfo)
	// Response is called after each try for which Request was called, when it is known whether another one follows.
	Response func(context.Context, ResponseInfo)
}

// WithHook adds a hook. Hooks run in the order given.
func WithHook(h Hook) Option {
	return func(s *settings) error {
		s.hooks = append(s.hooks, h)
		return nil
	}
}

// RequestInfo is what a hook learns of a try.
type RequestInfo struct {
	// Operation is the operationId of the contract, such as sendPinOverSms; empty for a path that the contracts do not have.
	Operation string
	// Method is that of HTTP.
	Method string
	// Path is the template of the contract, such as /2fa/1/pin/{pinId}/resend; empty as Operation is.
	Path string
	// Try is 1 for the first try of a call.
	Try int
	// Header has the names of all headers. Values that are not on the list of harmless ones are replaced by Redacted.
	Header http.Header
}

// ResponseInfo is what a hook learns of the end of a try.
type ResponseInfo struct {
	// Request is what was told of it before.
	Request RequestInfo
	// Duration is how long the try took, until the answer was read; until it began, for streams and paths of no contract.
	Duration time.Duration
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// Header is that of the answer, as in RequestInfo; nil when none came.
	Header http.Header
	// RequestID finds the request in the log of the server, empty when the server gave none.
	RequestID string
	// Failure is empty for success. For a refusal it is the kind of the error object, such as THROTTLE_EXCEPTION; otherwise
	// one of the constants.
	Failure string
	// Retry tells that another try follows, after Delay.
	Retry bool
	Delay time.Duration
}

// Failures that have no error object.
const (
	FailureNotSent      = "NOT_SENT"        // the connection was never made
	FailureNoAnswer     = "NO_ANSWER"       // no answer came
	FailureBrokenAnswer = "ANSWER_BROKEN"   // the answer broke off
	FailureUnknown      = "UNKNOWN_REFUSAL" // the answer is no success, and has no documented kind
)

// Redacted stands for the value of a header that hooks do not get to see.
const Redacted = "[redacted]"

// harmlessHeaders are those whose values hooks see.
var harmlessHeaders = []string{
	"Accept", "Accept-Encoding", "Allow", "Content-Encoding", "Content-Length", "Content-Type", "Date",
	"Idempotency-Replayed", "Prefer", "Preference-Applied", "Retry-After", "User-Agent", "X-Request-Id",
}

func redact(header http.Header) http.Header {
	out := make(http.Header, len(header))
	for name, values := range header {
		if slices.Contains(harmlessHeaders, name) {
			out[name] = slices.Clone(values)
		} else {
			out[name] = []string{Redacted}
		}
	}
	return out
}

// announce tells the hooks of a try.
func (c *call) announce(req *http.Request) RequestInfo {
	info := RequestInfo{Operation: c.op.id, Method: req.Method, Path: c.op.path, Try: c.tries}
	for _, hook := range c.client.hooks {
		info.Header = redact(req.Header)
		if hook.Request != nil {
			hook.Request(c.req.Context(), info)
		}
	}
	return info
}

// report tells the hooks how a try ended.
func (c *call) report(info ResponseInfo, resp *http.Response, err error) {
	if len(c.client.hooks) == 0 {
		return
	}
	info.Failure = failureOf(resp, err)
	if refused, ok := errors.AsType[*APIError](err); ok {
		resp = refused.Response
	}
	if resp != nil {
		info.Status, info.RequestID = resp.StatusCode, resp.Header.Get("X-Request-Id")
	}
	for _, hook := range c.client.hooks {
		if hook.Response == nil {
			continue
		}
		if resp != nil {
			info.Header = redact(resp.Header)
		}
		hook.Response(c.req.Context(), info)
	}
}

func failureOf(resp *http.Response, err error) string {
	if refused, ok := errors.AsType[*APIError](err); ok {
		if refused.Kind.Valid() {
			return string(refused.Kind)
		}
		return FailureUnknown
	}
	switch endingOf(resp, err) {
	case unconnected:
		return FailureNotSent
	case broken:
		if err == nil {
			return FailureBrokenAnswer
		}
		return FailureNoAnswer
	}
	return ""
}
