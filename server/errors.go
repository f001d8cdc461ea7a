package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

// kinds says which status and messageId a kind of failure becomes. This is the only table of that.
var kinds = map[fault.Kind]struct {
	status int
	id     api.ErrorKind
}{
	fault.Internal:     {http.StatusInternalServerError, api.ErrorKindGeneralException},
	fault.Invalid:      {http.StatusBadRequest, api.ErrorKindInvalidArgument},
	fault.Unauthorized: {http.StatusUnauthorized, api.ErrorKindUnauthorized},
	fault.NotFound:     {http.StatusNotFound, api.ErrorKindResourceNotFound},
	fault.Conflict:     {http.StatusConflict, api.ErrorKindConflict},
	fault.TooMany:      {http.StatusTooManyRequests, api.ErrorKindThrottleException},
	fault.Unavailable:  {http.StatusServiceUnavailable, api.ErrorKindServiceUnavailable},
	fault.TimedOut:     {http.StatusRequestTimeout, "TIMED_OUT"}, // a kind of the sandbox's contract
}

// generalText is all that a caller hears of a fault of ours.
const generalText = "Something went wrong"

// failure is an error on its way out.
type failure struct {
	status     int
	id         api.ErrorKind
	text       string
	members    map[string][]string
	retryAfter time.Duration
	cause      error
}

// writeError is the one writer of error objects, for every error that handlers, middlewares and Echo itself report.
func (s *Server) writeError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if errors.Is(err, errReset) {
		return // there is no connection to answer on
	}
	f, v := failureOf(err), visitOf(c.Request().Context())
	v.reason = f.reason(err)
	if f.status >= http.StatusInternalServerError {
		s.deps.Log.Log(v, f.level(v.Context.Context), "request failed",
			slog.Int("status", f.status), slog.Any("error", f.cause))
	}
	if f.retryAfter > 0 {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.FormatFloat(math.Ceil(f.retryAfter.Seconds()), 'f', 0, 64))
	}
	if c.Request().Method == http.MethodHead {
		c.Response().WriteHeader(f.status)
		return
	}
	c.Response().Header().Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	c.Response().WriteHeader(f.status)
	_, _ = c.Response().Write(errorObject(f.id, f.text, f.members)) // a caller who is gone hears nothing
}

// reason is the kind of the failure for the log, with the limit that was reached.
func (f failure) reason(err error) string {
	if limit, ok := errors.AsType[*pin.LimitError](err); ok {
		return string(f.id) + " " + limit.Limit.Name
	}
	return string(f.id)
}

// level is that of an error, but for what strangers can bring about as often as they like: leaving, which ends the connection's
// context and makes what was under way fail, and asking for more than there is room for, which is a failure without a cause.
func (f failure) level(connection context.Context) slog.Level {
	named, ok := errors.AsType[*fault.Error](f.cause)
	if connection.Err() != nil || ok && named.Kind == fault.Unavailable && named.Err == nil {
		return slog.LevelWarn
	}
	return slog.LevelError
}

func failureOf(err error) failure {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		k := kinds[f.Kind]
		out := failure{k.status, k.id, f.Text, f.Members, f.RetryAfter, err}
		if f.Kind == fault.Internal {
			out.text = generalText
		}
		if f.Kind == fault.Unavailable && out.retryAfter == 0 {
			out.retryAfter = time.Second
		}
		return out
	}
	if h, ok := errors.AsType[*echo.HTTPError](err); ok {
		return httpFailure(h)
	}
	k := kinds[fault.Internal]
	return failure{status: k.status, id: k.id, text: generalText, cause: err}
}

// httpFailure words what Echo's router and binder, or the gate, found wrong with a request as HTTP.
func httpFailure(h *echo.HTTPError) failure {
	f := failure{status: h.Code, id: api.ErrorKindInvalidArgument, cause: h}
	switch h.Code {
	case http.StatusNotFound:
		f.id, f.text = api.ErrorKindResourceNotFound, "There is no such path"
	case http.StatusMethodNotAllowed:
		f.text = "This path does not take that method; see the Allow header"
	case http.StatusRequestEntityTooLarge:
		f.text = fmt.Sprint(h.Message) // see tooLarge
	case http.StatusUnsupportedMediaType:
		f.text = "The body must be sent with Content-Type: application/json, in UTF-8"
	default:
		if h.Code >= http.StatusInternalServerError {
			return failure{status: http.StatusInternalServerError, id: api.ErrorKindGeneralException, text: generalText, cause: h}
		}
		f.status, f.text = http.StatusBadRequest, "The request could not be read"
		f.members = bindMembers(h)
		if len(f.members) > 0 {
			f.text = membersText(f.members)
		}
	}
	return f
}

// bindMembers names the member that did not fit its Go type after the schema had let it pass: 4.0 or 1e3 for a whole
// number.
func bindMembers(err error) map[string][]string {
	mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok || mistyped.Field == "" {
		return nil
	}
	return map[string][]string{mistyped.Field: {"must be a whole number without a fraction or an exponent"}}
}

func membersText(members map[string][]string) string {
	f, _ := errors.AsType[*fault.Error](fault.Members(members).Err())
	return f.Text
}

func errorObject(id api.ErrorKind, text string, members map[string][]string) []byte {
	object := api.ErrorObject{RequestError: api.RequestError{ServiceException: api.ServiceException{
		MessageID: id, Text: text,
	}}}
	if len(members) > 0 {
		listed := api.ValidationErrors(members)
		object.RequestError.ServiceException.ValidationErrors = &listed
	}
	encoded, _ := json.Marshal(object) // texts and maps of texts can always be encoded
	return append(encoded, '\n')
}
