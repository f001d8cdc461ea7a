package client

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// Hook watches all calls and their tries. Its functions may be nil; they run in the goroutine of the call, for several
// calls at the same time, and get its context. What they are told has no key, id, body, query, PIN or phone number in it.
type Hook struct {
	// Call is called when a call begins. The context that it returns, made of the one given, takes its place for the tries
	// and for all hooks. The function that it returns is called once, when the call is over: with an error, or when its answer was
	// read and closed. For what Do returned that is when the caller closes the body, maybe in another goroutine. Both
	// results may be nil.
	Call func(context.Context, CallInfo) (context.Context, func(CallEnd))
	// Try is called before each try, and before Request. What it puts into header, which is empty at first, is set on the
	// request. The context that it returns, made of the one given, takes its place for the try; the function that it returns
	// is called like Response. Both results may be nil.
	Try func(ctx context.Context, info RequestInfo, header http.Header) (context.Context, func(ResponseInfo))
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

// CallInfo is what a hook learns of a call.
type CallInfo struct {
	// Operation is the operationId of the contract, such as sendPinOverSms; empty for a path that the contracts do not have.
	Operation string
	// Method is that of HTTP.
	Method string
	// Path is the template of the contract, such as /2fa/1/pin/{pinId}/resend; empty as Operation is.
	Path string
	// Host is the name or address of the server in the base URL, without brackets.
	Host string
	// Port is that of the server, 443 or 80 where the base URL has none.
	Port int
}

// CallEnd is what a hook learns of the end of a call.
type CallEnd struct {
	// Tries is how many requests were sent, 0 when an editor kept the first one back.
	Tries int
	// Status is the HTTP status of the last answer, 0 when none came.
	Status int
	// Failure is empty for success, and otherwise as in ResponseInfo, or FailureUnreadable.
	Failure string
	// Stopped is as in ResponseInfo.
	Stopped error
}

// RequestInfo is what a hook learns of a try.
type RequestInfo struct {
	// CallInfo is what the try belongs to.
	CallInfo
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
	// Stopped is context.Canceled or context.DeadlineExceeded when that is why no answer came or was read, nil otherwise.
	Stopped error
	// Retry tells that another try follows, after Delay.
	Retry bool
	Delay time.Duration
}

// Failures that have no error object.
const (
	FailureNotSent      = "NOT_SENT"          // the connection was never made
	FailureNoAnswer     = "NO_ANSWER"         // no answer came
	FailureBrokenAnswer = "ANSWER_BROKEN"     // the answer broke off
	FailureUnreadable   = "ANSWER_UNREADABLE" // the answer came whole, and is not of the documented form; of calls, not tries
	FailureUnknown      = "UNKNOWN_REFUSAL"   // the answer is no success, and has no documented kind
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
