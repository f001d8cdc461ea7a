package sandbox_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
)

const captured = `{"id":"M","to":"41793026727","pin":"1598"}`

// inTurn is a network that answers each try in another way, and a sandbox on it.
func inTurn(t *testing.T, tries *int, answers ...func() (*http.Response, error)) *sandbox.Client {
	t.Helper()
	network := tripper(func(*http.Request) (*http.Response, error) {
		*tries++
		return answers[min(*tries, len(answers))-1]()
	})
	c, err := client.New("localhost", client.WithAPIKey("k"), client.WithHTTPClient(&http.Client{Transport: network}))
	must(t, err)
	return sandbox.New(c)
}

func answered(status int, kind, body string, then error) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {kind}},
			Body: io.NopCloser(io.MultiReader(strings.NewReader(body), iotest.ErrReader(then))),
		}, nil
	}
}

func cut() (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

// Reading the sandbox is tried again as all calls are, long waits too.
func TestRetries(t *testing.T) {
	t.Parallel()
	later := answered(http.StatusServiceUnavailable, "application/json", "", io.EOF)
	whole := answered(http.StatusOK, "application/json", captured, io.EOF)
	torn := answered(http.StatusOK, "application/json", `{"id":`, io.ErrUnexpectedEOF)
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		if m, err := inTurn(t, &tries, torn, cut, whole).Message(t.Context(), "M"); err != nil || m.ID != "M" || tries != 3 {
			t.Errorf("message: %+v, error %v after %d tries", m, err, tries)
		}
		tries = 0
		m, err := inTurn(t, &tries, later, cut, whole).Wait(t.Context(), sandbox.WaitFilter{PINID: "P"}, 0)
		if err != nil || m.ID != "M" || tries != 3 {
			t.Errorf("wait: %+v, error %v after %d tries", m, err, tries)
		}
		tries = 0
		if _, err := inTurn(t, &tries, cut, whole).Delete(t.Context(), "M"); !errors.Is(err, io.ErrUnexpectedEOF) || tries != 1 {
			t.Errorf("delete: error %v after %d tries, want it once", err, tries)
		}
	})
}

// What has begun is not tried again.
func TestRetries_not_in_an_answer(t *testing.T) {
	t.Parallel()
	torn := answered(http.StatusOK, "application/json", `{"id":`, io.ErrUnexpectedEOF)
	stream := answered(http.StatusOK, "text/event-stream", "data: "+captured+"\n\n", io.ErrUnexpectedEOF)
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		_, err := inTurn(t, &tries, torn).Wait(t.Context(), sandbox.WaitFilter{PINID: "P"}, 0)
		if !errors.Is(err, io.ErrUnexpectedEOF) || tries != 1 {
			t.Errorf("wait: error %v after %d tries", err, tries)
		}
		tries = 0
		messages, err := inTurn(t, &tries, cut, stream).Follow(t.Context(), sandbox.FollowFilter{})
		must(t, err)
		seen := 0
		for m, err := range messages {
			if seen++; (seen == 1) != (err == nil) || (seen == 1 && m.ID != "M") {
				t.Errorf("%d: message %+v, error %v", seen, m, err)
			}
		}
		if seen != 2 || tries != 2 {
			t.Errorf("%d messages and errors after %d tries, want one of each after 2", seen, tries)
		}
	})
}
