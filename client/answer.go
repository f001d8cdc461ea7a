package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/pinpost/pinpost/api"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 16 << 20

// What can be wrong with the body of an answer. None of these repeats it.
var (
	errTooLarge = errors.New("it is larger than 16 MiB")
	errNotJSON  = errors.New("it is not JSON; does the base URL lead to the API?")
	errShape    = errors.New("it is not of the documented form")
)

// Decode reads the value of an answer that Do gave. An answer that is not JSON, not of the form of T, or of which complete
// says that something is missing, is a *ResponseError; a nil complete asks for nothing more. Closing the body is left to
// the caller.
func Decode[T any](resp *http.Response, complete func(T) bool) (T, error) {
	var value, none T
	body, err := readBody(resp.Body)
	if err == nil {
		err = decode(body, &value)
	}
	if err == nil && complete != nil && !complete(value) {
		err = errShape
	}
	if err != nil {
		noteUnreadable(resp)
		return none, newResponseError(resp, body, err)
	}
	return value, nil
}

// refused gives the error that an answer is, nil for an answer of success.
func refused(resp *http.Response) error {
	if succeeded(resp) {
		return nil
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readBody(resp.Body)
	return newAPIError(resp, body, err)
}

func succeeded(resp *http.Response) bool { return resp.StatusCode >= 200 && resp.StatusCode <= 299 }

func readBody(from io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		return body[:maxAnswer], errTooLarge
	}
	return body, err
}

// kept is a response as errors hold it: what was read of its body can be read once more, and its request tells nothing
// secret.
func kept(resp *http.Response, body []byte) http.Response {
	copied := *resp
	copied.Body = io.NopCloser(bytes.NewReader(body))
	copied.Request = bareRequest(resp.Request)
	return copied
}

// bareRequest keeps method and path of a request. Headers, query and body hold the key, PINs and phone numbers.
func bareRequest(req *http.Request) *http.Request {
	if req == nil || req.URL == nil {
		return nil
	}
	u := *req.URL
	u.User, u.RawQuery = nil, ""
	return &http.Request{Method: req.Method, URL: &u, Host: req.Host, Header: http.Header{}}
}

// decode reads one JSON value. The errors of encoding/json can quote the text, so others stand in for them.
func decode(body []byte, into any) error {
	if !json.Valid(body) {
		return errNotJSON
	}
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) || json.Unmarshal(body, into) != nil {
		return errShape
	}
	return nil
}

// complete tells whether an answer has what makes it one. JSON of something else, say of a health page, decodes into
// any of these types and leaves it empty.
func complete[T any](value T) bool {
	switch v := any(value).(type) {
	case *api.SmsPinResponse:
		return v.PinID != ""
	case *api.VoicePinResponse:
		return v.PinID != ""
	case *api.VerifyPinResponse:
		return v.PinID != ""
	case *api.Application:
		return v.ApplicationID != ""
	case *api.Message:
		return v.MessageID != ""
	case api.APIKey:
		return v != ""
	}
	return true // a list, which may be empty
}
