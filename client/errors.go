package client

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/pinpost/pinpost/api"
)

// APIError is a request that the server refused or failed to carry out. Find it with errors.As or errors.AsType.
//
// See https://dev.infobip.com/docs/2fa-status-codes-and-error-details
type APIError struct {
	// Status is the HTTP status: 400, 401, 404, 405, 409, 413, 415, 429, 500 or 503, and any other from a proxy in between.
	Status int
	// Kind is the messageId of the error object, empty when the answer was not an error object.
	Kind api.ErrorKind
	// Text says for a person what went wrong. Branch on Kind, not on this.
	Text string
	// ValidationErrors says for each member at fault, such as to or configuration.pinAttempts, what is wrong with it. Only
	// status 400 has it.
	ValidationErrors map[string][]string
	// RetryAfter is how long to wait before trying again, zero when the server did not say. With status 429 it can be hours.
	RetryAfter time.Duration
	// RequestID finds the request in the log of the server, empty when the server gave none.
	RequestID string
	// Response is the answer. Its body can be read once more; its Request has method and path only, so that no secret hangs
	// on an error.
	Response *http.Response

	cause error // why the body could not be read
}

// Error gives status, kind, text and request id.
func (e *APIError) Error() string {
	text := strconv.Itoa(e.Status)
	if e.Kind != "" {
		text += " " + string(e.Kind)
	}
	return text + ": " + e.Text + idSuffix(e.RequestID)
}

// Unwrap gives the reason why the body of the answer could not be read, nil when it could.
func (e *APIError) Unwrap() error { return e.cause }

// ResponseError is an answer of success that cannot be read: not JSON, not of the documented form, too large (more than
// 16 MiB), or broken off. The server took the request, so a PIN may have gone out. A base URL that leads to something
// other than the API is the usual reason.
type ResponseError struct {
	// Status is the HTTP status, 200 as a rule.
	Status int
	// RequestID finds the request in the log of the server, empty when the server gave none.
	RequestID string
	// Response is the answer. What was read of its body can be read once more; its Request has method and path only.
	Response *http.Response

	cause error
}

// Error says why the answer cannot be read. It repeats nothing of it.
func (e *ResponseError) Error() string {
	text := strconv.Itoa(e.Status) + ": answer unreadable"
	if e.cause != nil {
		text += ": " + harmless(e.cause)
	}
	return text + idSuffix(e.RequestID)
}

// Unwrap gives the reason, for example context.DeadlineExceeded when time ran out in the middle of the answer.
func (e *ResponseError) Unwrap() error { return e.cause }

// IsInvalidArgument reports whether the request cannot be carried out as it stands (status 400, 405, 413 or 415): a
// member is wrong, the application is disabled, or the PIN cannot be resent. ValidationErrors of the APIError may say more.
func IsInvalidArgument(err error) bool { return isKind(err, api.ErrorKindInvalidArgument) }

// IsUnauthorized reports whether the server does not accept the credential (status 401).
func IsUnauthorized(err error) bool { return isKind(err, api.ErrorKindUnauthorized) }

// IsNotFound reports whether the account has no such PIN, application or message (status 404). The text says which.
func IsNotFound(err error) bool { return isKind(err, api.ErrorKindResourceNotFound) }

// IsConflict reports whether the idempotency key is that of another request (status 409). Only WithIdempotencyKey leads
// to it.
func IsConflict(err error) bool { return isKind(err, api.ErrorKindConflict) }

// IsTooManyRequests reports whether a limit of the application is reached (status 429). RetryAfter of the APIError says
// when to try again.
func IsTooManyRequests(err error) bool { return isKind(err, api.ErrorKindThrottleException) }

// IsUnavailable reports whether something the server depends on does not answer (status 503). RetryAfter of the APIError
// says when to try again.
func IsUnavailable(err error) bool { return isKind(err, api.ErrorKindServiceUnavailable) }

// isKind goes by the documented kind, and by the status where an answer has none, as those of proxies.
func isKind(err error, kind api.ErrorKind) bool {
	e, ok := errors.AsType[*APIError](err)
	if !ok {
		return false
	}
	if e.Kind.Valid() {
		return e.Kind == kind
	}
	return slices.Contains(statuses[kind], e.Status)
}

// statuses is the list in the contract's ErrorKind.
var statuses = map[api.ErrorKind][]int{
	api.ErrorKindInvalidArgument: {
		http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
	},
	api.ErrorKindUnauthorized:       {http.StatusUnauthorized},
	api.ErrorKindResourceNotFound:   {http.StatusNotFound},
	api.ErrorKindConflict:           {http.StatusConflict},
	api.ErrorKindThrottleException:  {http.StatusTooManyRequests},
	api.ErrorKindServiceUnavailable: {http.StatusServiceUnavailable},
}

func newResponseError(resp *http.Response, body []byte, cause error) *ResponseError {
	response := kept(resp, body)
	return &ResponseError{
		Status: resp.StatusCode, RequestID: resp.Header.Get("X-Request-Id"), Response: &response, cause: cause,
	}
}

func newAPIError(resp *http.Response, body []byte, cause error) *APIError {
	response := kept(resp, body)
	e := &APIError{
		Status:     resp.StatusCode,
		RetryAfter: retryAfter(resp.Header.Get("Retry-After")),
		RequestID:  resp.Header.Get("X-Request-Id"),
		Response:   &response,
		cause:      cause,
	}
	// A member of another type leaves the others decoded, so what is there counts, not the error.
	var object api.ErrorObject
	_ = json.Unmarshal(body, &object)
	exception := object.RequestError.ServiceException
	e.Kind, e.Text = exception.MessageID, exception.Text
	if exception.ValidationErrors != nil {
		e.ValidationErrors = *exception.ValidationErrors
	}
	if e.Text == "" {
		e.Text = plainText(resp)
	}
	return e
}

// plainText words an answer that is not an error object. It repeats nothing of the body, which may be anything.
func plainText(resp *http.Response) string {
	if to, err := resp.Location(); err == nil && resp.StatusCode < http.StatusBadRequest {
		return "redirected to " + to.Scheme + "://" + to.Host + ", which is not followed; correct the base URL"
	}
	text := http.StatusText(resp.StatusCode)
	if text == "" {
		text = "undocumented status"
	}
	return text + ", without an error object"
}

// retryAfter reads seconds, as the API answers them, or the date that a proxy may send.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

func idSuffix(requestID string) string {
	if requestID == "" {
		return ""
	}
	return " (request " + requestID + ")"
}
