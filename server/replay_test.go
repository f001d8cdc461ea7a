package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/delivery"
)

// replayCase is one file of api/testdata; see the README there.
type replayCase struct {
	Title   string            `json:"title"`
	Source  string            `json:"source"` // the documentation page whose example it is
	Given   map[string]string `json:"given"`
	Before  []replayRequest   `json:"before"`
	Request replayRequest     `json:"request"`
	Answer  struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    any               `json:"body"`
	} `json:"response"`
}

type replayRequest struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
	RawBody *string           `json:"rawBody"`
}

const testdata = "../api/testdata"

// replayAll replays every documented pair over real HTTP, each against a service of its own.
func replayAll(t *testing.T, seen *pairs) {
	files, err := filepath.Glob(testdata + "/*/*.json")
	if err != nil || len(files) < 100 {
		t.Fatalf("found %d cases (%v), want at least 100", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(file), testdata+"/"), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replay(t, readCase(t, file), seen)
		})
	}
}

func readCase(t *testing.T, file string) replayCase {
	t.Helper()
	var c replayCase
	readJSON(t, file, &c)
	return c
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("read %s: %v", file, err)
	}
}

func replay(t *testing.T, c replayCase, seen *pairs) {
	fixture := loadFixture(t)
	var lookup delivery.Lookup = fixture
	if c.Given["lookup"] == "none" {
		lookup = nil
	}
	address := serveFixture(t, fixture, lookup, seen)
	pinID := ""
	for i, request := range c.Before {
		status, _, body := request.typing(t, address, pinID).send(t, address, pinID)
		if status != http.StatusOK {
			t.Fatalf("before %d: %s %s answers %d %s, want 200", i, request.Method, request.Path, status, body)
		}
		var answer struct {
			PinID string `json:"pinId"`
		}
		if err := json.Unmarshal(body, &answer); err == nil && answer.PinID != "" {
			pinID = answer.PinID
		}
	}
	status, header, body := c.Request.typing(t, address, pinID).send(t, address, pinID)
	if status != c.Answer.Status {
		t.Fatalf("status %d, want %d; body %s", status, c.Answer.Status, body)
	}
	for name, want := range c.Answer.Headers {
		if got := header.Get(name); !fits(got, want) {
			t.Errorf("header %s is %q, want %q", name, got, want)
		}
	}
	var got any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("body %q: %v", body, err)
	}
	want, err := json.Marshal(c.Answer.Body)
	must(t, err)
	want = bytes.ReplaceAll(want, []byte("{{pinId}}"), []byte(pinID))
	must(t, json.Unmarshal(want, &c.Answer.Body))
	if !fits(got, c.Answer.Body) {
		t.Errorf("body %s\nwant %s", body, want)
	}
}

// typing puts the PIN behind {{pinId}} into a body that types it: the inbox has what was sent.
func (r replayRequest) typing(t *testing.T, address, pinID string) replayRequest {
	t.Helper()
	var body struct {
		Pin any `json:"pin"`
	}
	if json.Unmarshal(r.Body, &body) != nil || body.Pin != "{{pin}}" {
		return r
	}
	asked := replayRequest{Method: http.MethodGet, Path: "/sandbox/inbox/wait?timeout=10&pinId={{pinId}}", Headers: r.Headers}
	_, _, answer := asked.send(t, address, pinID)
	var captured struct {
		Pin string `json:"pin"`
	}
	if err := json.Unmarshal(answer, &captured); err != nil || captured.Pin == "" {
		t.Fatalf("the inbox has no PIN for {{pin}}: %v", err)
	}
	r.Body = bytes.ReplaceAll(r.Body, []byte("{{pin}}"), []byte(captured.Pin))
	return r
}

func (r replayRequest) send(t *testing.T, address, pinID string) (int, http.Header, []byte) {
	t.Helper()
	var body io.Reader
	switch {
	case r.RawBody != nil:
		body = strings.NewReader(*r.RawBody)
	case r.Body != nil:
		body = bytes.NewReader(r.Body)
	}
	path := strings.ReplaceAll(r.Path, "{{pinId}}", pinID)
	req, err := http.NewRequestWithContext(t.Context(), r.Method, address+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range r.Headers {
		req.Header.Set(name, value)
	}
	return do(t, req)
}

func do(t *testing.T, req *http.Request) (int, http.Header, []byte) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		_, _ = canary.Log().Write(append(body, '\n'))
	}
	return resp.StatusCode, resp.Header, body
}

// TestReplay_types_the_PIN_that_was_sent wants {{pin}} to be the PIN behind {{pinId}}, in the last request and before it.
func TestReplay_types_the_PIN_that_was_sent(t *testing.T) {
	t.Parallel()
	auth := map[string]string{"Authorization": "App 003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9"}
	send := replayRequest{Method: http.MethodPost, Path: "/2fa/1/pin", Headers: map[string]string{
		"Authorization": auth["Authorization"], "Content-Type": "application/json",
	}, Body: json.RawMessage(`{"to":"41793026701","applicationId":"8F0792F86035A9F4290821F1EE6BC06A","messageId":"F66D67327326FCCB027BEAA916B94542"}`)}
	verify := replayRequest{Method: http.MethodPost, Path: "/2fa/1/pin/{{pinId}}/verify", Headers: send.Headers, Body: json.RawMessage(`{"pin":"{{pin}}"}`)}
	right := replayCase{Before: []replayRequest{send}, Request: verify}
	right.Answer.Status = http.StatusOK
	right.Answer.Body = map[string]any{"pinId": "{{pinId}}", "msisdn": "41793026701", "verified": true, "attemptsRemaining": 0.0}
	replay(t, right, &pairs{})

	after := replayCase{Before: []replayRequest{send, verify}, Request: replayRequest{Method: http.MethodGet, Path: "/2fa/1/pin/{{pinId}}/status", Headers: auth}}
	after.Answer.Status = http.StatusOK
	after.Answer.Body = []any{map[string]any{"status": "MESSAGE_DELIVERED", "description": "Message sent and delivered", "finalStatus": true}}
	replay(t, after, &pairs{})
}

// patterns are what the placeholders of expected values stand for.
var patterns = map[string]string{
	"{{id}}":      `[0-9A-F]{32}`,
	"{{key}}":     `[0-9a-f]{32}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`,
	"{{seconds}}": `([1-9]|[1-9][0-9]{1,3}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|86400)`,
}

// fits compares two JSON values, minding the placeholders of the wanted one.
func fits(got, want any) bool {
	switch want := want.(type) {
	case string:
		if want == "{{time}}" {
			millis, ok := got.(float64)
			return ok && millis > 1e12 && millis < 1e13
		}
		text, ok := got.(string)
		return ok && fitsText(text, want)
	case map[string]any:
		members, ok := got.(map[string]any)
		if !ok || len(members) != len(want) {
			return false
		}
		for name := range want {
			if member, there := members[name]; !there || !fits(member, want[name]) {
				return false
			}
		}
		return true
	case []any:
		elements, ok := got.([]any)
		if !ok || len(elements) != len(want) {
			return false
		}
		for i := range want {
			if !fits(elements[i], want[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(got, want)
}

func fitsText(got, want string) bool {
	pattern := regexp.QuoteMeta(want)
	for placeholder, stands := range patterns {
		pattern = strings.ReplaceAll(pattern, regexp.QuoteMeta(placeholder), stands)
	}
	return regexp.MustCompile(fmt.Sprintf("^%s$", pattern)).MatchString(got)
}
