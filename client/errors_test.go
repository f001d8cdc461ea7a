package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

var kinds = map[int]api.ErrorKind{
	400: api.ErrorKindInvalidArgument, 401: api.ErrorKindUnauthorized, 404: api.ErrorKindResourceNotFound,
	405: api.ErrorKindInvalidArgument, 413: api.ErrorKindInvalidArgument, 415: api.ErrorKindInvalidArgument,
	409: api.ErrorKindConflict, 429: api.ErrorKindThrottleException, 500: api.ErrorKindGeneralException, 503: api.ErrorKindServiceUnavailable,
}

// helpers are the questions that can be asked of an error, by the kind that answers yes.
var helpers = map[api.ErrorKind]func(error) bool{
	api.ErrorKindInvalidArgument:    client.IsInvalidArgument,
	api.ErrorKindUnauthorized:       client.IsUnauthorized,
	api.ErrorKindResourceNotFound:   client.IsNotFound,
	api.ErrorKindConflict:           client.IsConflict,
	api.ErrorKindThrottleException:  client.IsTooManyRequests,
	api.ErrorKindServiceUnavailable: client.IsUnavailable,
}

func checkHelpers(t *testing.T, err error, kind api.ErrorKind) {
	t.Helper()
	for of, is := range helpers {
		if got := is(err); got != (of == kind) {
			t.Errorf("helper for %s says %t of %v", of, got, err)
		}
	}
}

func apiError(t *testing.T, err error) *client.APIError {
	t.Helper()
	var e *client.APIError
	if !errors.As(err, &e) {
		t.Fatalf("error %v (%T), want an APIError", err, err)
	}
	return e
}

func TestAPIError(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		for _, status := range op.statuses {
			t.Run(fmt.Sprint(op.name, "/", status), func(t *testing.T) {
				t.Parallel()
				checkAPIError(t, op, status)
			})
		}
	}
}

func checkAPIError(t *testing.T, op operation, status int) {
	t.Helper()
	want := client.APIError{Status: status, Kind: kinds[status], Text: "what went wrong", RequestID: "REQ7"}
	details, headers := "", []string{"X-Request-Id", "REQ7"}
	if status == http.StatusBadRequest {
		details = `,"validationErrors":{"to":["is wrong","very"]}`
		want.ValidationErrors = map[string][]string{"to": {"is wrong", "very"}}
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		headers = append(headers, "Retry-After", "86400")
		want.RetryAfter = 24 * time.Hour
	}
	body := fmt.Sprintf(`{"requestError":{"serviceException":{"messageId":%q,"text":"what went wrong"%s}}}`, want.Kind, details)
	f := newFake(t, says(status, body, headers...))

	value, err := op.call(t.Context(), newClient(t, f.URL))
	if !reflect.ValueOf(value).IsZero() {
		t.Errorf("value %+v along with error %v", value, err)
	}
	got := *apiError(t, err)
	if again, err := io.ReadAll(got.Response.Body); err != nil || string(again) != body {
		t.Errorf("body reads %q, error %v, want %q", again, err, body)
	}
	if got.Response.StatusCode != status || got.Response.Header.Get("X-Request-Id") != "REQ7" {
		t.Errorf("Response is %+v", got.Response)
	}
	checkBareRequest(t, got.Response.Request, op)
	got.Response = nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
	wantText := fmt.Sprintf(": %d %s: what went wrong (request REQ7)", status, want.Kind)
	if !strings.HasSuffix(err.Error(), wantText) {
		t.Errorf("text %q, want it to end in %q", err, wantText)
	}
	if _, ok := errors.AsType[*client.ResponseError](err); ok {
		t.Error("is a ResponseError too")
	}
	checkHelpers(t, err, want.Kind)
}

// checkBareRequest wants nothing secret on the request that hangs on an error.
func checkBareRequest(t *testing.T, req *http.Request, op operation) {
	t.Helper()
	path, _, _ := strings.Cut(op.path, "?")
	if req.Method != op.method || req.URL.Path != path {
		t.Errorf("request %s %s, want %s %s", req.Method, req.URL.Path, op.method, path)
	}
	if len(req.Header) > 0 || req.Body != nil || req.GetBody != nil || req.URL.RawQuery != "" {
		t.Errorf("request has more than method and path: %+v", req)
	}
}

// Answers of something that stands before the API, or of another version of it.
func TestAPIErrorUndocumented(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status   int
		body     string
		wantKind api.ErrorKind
		wantText string
		helped   api.ErrorKind
	}{
		"HTML":         {502, "<h1>Bad Gateway</h1>", "", "Bad Gateway, without an error object", ""},
		"empty":        {503, "", "", "Service Unavailable, without an error object", api.ErrorKindServiceUnavailable},
		"rate limiter": {429, "slow down", "", "Too Many Requests, without an error object", api.ErrorKindThrottleException},
		"other object": {404, `{"message":"no"}`, "", "Not Found, without an error object", api.ErrorKindResourceNotFound},
		"other method": {405, `[]`, "", "Method Not Allowed, without an error object", api.ErrorKindInvalidArgument},
		"odd status":   {599, `null`, "", "undocumented status, without an error object", ""},
		"other kind": {
			401, `{"requestError":{"serviceException":{"messageId":"UNKNOWN_KEY","text":"Invalid login details"}}}`,
			"UNKNOWN_KEY", "Invalid login details", api.ErrorKindUnauthorized,
		},
		"kind and status differ": {
			400, `{"requestError":{"serviceException":{"messageId":"RESOURCE_NOT_FOUND","text":"no PIN"}}}`,
			"RESOURCE_NOT_FOUND", "no PIN", api.ErrorKindResourceNotFound,
		},
		"details of another form": {
			400, `{"requestError":{"serviceException":{"messageId":"INVALID_ARGUMENT","validationErrors":"to","text":"wrong"}}}`,
			"INVALID_ARGUMENT", "wrong", api.ErrorKindInvalidArgument,
		},
		"no text": {
			400, `{"requestError":{"serviceException":{"messageId":"INVALID_ARGUMENT"}}}`,
			"INVALID_ARGUMENT", "Bad Request, without an error object", api.ErrorKindInvalidArgument,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(tt.status, tt.body))
			_, err := newClient(t, f.URL).VerifyPIN(t.Context(), pinID, pin)
			got := apiError(t, err)
			if got.Status != tt.status || got.Kind != tt.wantKind || got.Text != tt.wantText {
				t.Errorf("got %d %q %q, want %d %q %q", got.Status, got.Kind, got.Text, tt.status, tt.wantKind, tt.wantText)
			}
			checkHelpers(t, err, tt.helped)
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	inAnHour := time.Now().Add(time.Hour)
	for header, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "0": 0, "-5": 0, "soon": 0, "1.5": 0, "99999999999999999999": 0,
		inAnHour.UTC().Format(http.TimeFormat):                     time.Hour,
		inAnHour.Add(-2 * time.Hour).UTC().Format(http.TimeFormat): 0,
	} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusTooManyRequests, "", "Retry-After", header))
			_, err := newClient(t, f.URL).ResendPIN(t.Context(), pinID)
			if got := apiError(t, err).RetryAfter; got > want || got < want-time.Minute {
				t.Errorf("RetryAfter %v, want %v", got, want)
			}
		})
	}
}

func TestHelpersOfOtherErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errCaught, &client.ResponseError{Status: 200}, &client.APIError{Status: 500}} {
		checkHelpers(t, err, "")
	}
	checkHelpers(t, fmt.Errorf("sign in: %w", &client.APIError{Status: 429}), api.ErrorKindThrottleException)
	if got, want := (&client.APIError{Status: 429, Text: "no"}).Error(), "429: no"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if got, want := (&client.ResponseError{Status: 200}).Error(), "200: answer unreadable"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestResponseError(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ body, want string }{
		"empty":          {"", "it is not JSON"},
		"HTML":           {"<!doctype html><title>Welcome</title>", "it is not JSON"},
		"cut off":        {`{"pinId":"9C81`, "it is not JSON"},
		"two values":     {smsAnswer + smsAnswer, "it is not JSON"},
		"null":           {" null\n", "it is not of the documented form"},
		"a list":         {"[]", "it is not of the documented form"},
		"another object": {`{"status":"ok"}`, "it is not of the documented form"},
		"another type":   {`{"pinId":41793026727}`, "it is not of the documented form"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusOK, tt.body, "X-Request-Id", "REQ7"))
			got, err := newClient(t, f.URL).ResendPIN(t.Context(), pinID)
			e, ok := errors.AsType[*client.ResponseError](err)
			if !ok || got != nil {
				t.Fatalf("value %v, error %v, want a ResponseError", got, err)
			}
			if !strings.HasPrefix(err.Error(), "resend PIN: 200: answer unreadable: "+tt.want) {
				t.Errorf("text %q, want %q in it", err, tt.want)
			}
			if e.Status != http.StatusOK || e.RequestID != "REQ7" {
				t.Errorf("got %+v", e)
			}
			if again, err := io.ReadAll(e.Response.Body); err != nil || string(again) != tt.body {
				t.Errorf("body reads %q, error %v, want %q", again, err, tt.body)
			}
			if _, ok := errors.AsType[*client.APIError](err); ok {
				t.Error("is an APIError too")
			}
			checkHelpers(t, err, "")
		})
	}
}
