package contract_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/record"
)

// tape makes requests to our service and records them.
type tape struct {
	*service
	recorder *record.Recorder
	checker  *conform.Checker
	asked    int
	pins     []string // what was sent
}

// said is an answer, with the members that the test needs.
type said struct {
	ApplicationID, MessageID, PinID string
}

// ask makes one request and records it. Headers are given in pairs.
func (tp *tape) ask(t *testing.T, status int, method, path, body string, headers ...string) said {
	t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "App "+tp.key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if req.Header.Get("Authorization") == "" {
		req.Header.Del("Authorization")
	}
	req.Header.Set("User-Agent", "somebody's program")
	req.Header.Set("Cookie", "session=4d2c61b0")
	kept := conform.Request{Method: method, URL: req.URL, Header: req.Header.Clone(), Body: []byte(body)}
	answer := httptest.NewRecorder()
	tp.handler.ServeHTTP(answer, req)
	if answer.Code != status {
		t.Fatalf("%s %s answers %d %s, want %d", method, path, answer.Code, answer.Body, status)
	}
	operation, known := tp.checker.Operation(method, req.URL)
	if !known {
		t.Fatalf("%s %s is no operation", method, path)
	}
	must(t, tp.recorder.Exchange(operation, kept, conform.Response{Status: answer.Code, Header: answer.Header(), Body: answer.Body.Bytes()}))
	tp.asked++
	var s said
	_ = json.Unmarshal(answer.Body.Bytes(), &s)
	return s
}

// pin reads a PIN from the inbox, as a person does.
func (tp *tape) pin(t *testing.T, pinID string) string {
	t.Helper()
	var captured struct{ Pin string }
	tp.call(t, "/sandbox/inbox/wait?pinId="+pinID, &captured)
	tp.pins = append(tp.pins, captured.Pin)
	return captured.Pin
}

// TestRun_a_recording records the main job and the common errors of a service, and replays them against another one.
func TestRun_a_recording(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "recording")
	recorder, err := record.New(folder)
	must(t, err)
	doc, err := spec.Load()
	must(t, err)
	checker, err := conform.New(doc)
	must(t, err)
	tp := &tape{service: newService(t), recorder: recorder, checker: checker}
	tp.mainJob(t)
	tp.commonErrors(t)
	summary, err := recorder.Close()
	must(t, err)
	t.Logf("%d requests became %d cases; left out: %v", tp.asked, summary.Cases, summary.LeftOut)
	left := 0
	for _, n := range summary.LeftOut {
		left += n
	}
	if summary.Cases+left != tp.asked || left > 3 {
		t.Errorf("%d requests became %d cases, left out %v; want all but three", tp.asked, summary.Cases, summary.LeftOut)
	}
	secrets := append([]string{tp.key, tp.password, "33199000001", "33199000002", "33199200", "4d2c61b0", "somebody", "order-7781", "447700900123"}, tp.pins...)
	must(t, fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(folder, path))
		for _, secret := range secrets {
			if secret != "" && bytes.Contains(text, []byte(secret)) && len(secret) > 4 {
				t.Errorf("%s has %q", path, secret)
			}
		}
		return err
	}))

	fresh := newService(t)
	o := fresh.options(t, fresh.handler)
	o.Cases = folder
	n, failed := play(t, o)
	if why := n.why(); failed > 0 || len(why) > 0 || n.total != summary.Cases {
		t.Errorf("%d of %d cases failed, not applicable %v:\n%s", failed, n.total, why, n.failures())
	}

	// Elsewhere than in a sandbox the same cases hold, but for those that cannot be had there.
	f := &foreign{service: newService(t), additions: true}
	o = f.options(t)
	o.Cases, o.Additions = folder, true
	n, failed = play(t, o)
	if failed > 0 || len(n.results) != summary.Cases {
		t.Errorf("%d of %d cases failed elsewhere, not applicable %v:\n%s", failed, n.total, n.why(), n.failures())
	}
	o.PINOf = nil
	if n, failed = play(t, o); failed > 0 || len(n.why()["it needs the PIN that was sent, and no --pin-command is given"]) != 3 {
		t.Errorf("%d cases failed without PINs, not applicable %v:\n%s", failed, n.why(), n.failures())
	}
}

const applications = "/2fa/1/applications"

func (tp *tape) mainJob(t *testing.T) {
	app := tp.ask(t, 200, http.MethodPost, applications, `{"name":"Shop of ann@example.org"}`).ApplicationID
	at := applications + "/" + app
	message := tp.ask(t, 200, http.MethodPost, at+"/messages",
		`{"pinType":"ALPHANUMERIC","pinPlaceholder":"{{pin}}","messageText":"{{pin}} is your code. Call +44 7700 900123.","pinLength":8,"sender":"447700900123"}`).MessageID
	tp.ask(t, 200, http.MethodGet, at, "")
	tp.ask(t, 200, http.MethodGet, at+"/messages", "")
	tp.ask(t, 200, http.MethodGet, at+"/messages/"+message, "")
	tp.ask(t, 200, http.MethodGet, applications, "")
	send := `{"to":"+33199000001","applicationId":"` + app + `","messageId":"` + message + `"}`
	pinID := tp.ask(t, 200, http.MethodPost, "/2fa/1/pin", send, "Idempotency-Key", "order-7781").PinID
	tp.ask(t, 200, http.MethodPost, "/2fa/1/pin", send, "Idempotency-Key", "order-7781")
	tp.ask(t, 409, http.MethodPost, "/2fa/1/pin", strings.Replace(send, "+33199000001", "33199000002", 1), "Idempotency-Key", "order-7781")
	code := tp.pin(t, pinID)
	canary.Watch(code)
	tp.ask(t, 200, http.MethodGet, "/2fa/1/pin/"+pinID+"/status", "")
	tp.ask(t, 200, http.MethodPost, "/2fa/1/pin/"+pinID+"/resend", "")
	tp.ask(t, 200, http.MethodPost, "/2fa/1/pin/"+pinID+"/resend/voice", "{}", "Prefer", "wait=5")
	tp.ask(t, 429, http.MethodPost, "/2fa/1/pin/"+pinID+"/resend", "null")
	tp.ask(t, 429, http.MethodPost, "/2fa/1/pin", send)
	tp.ask(t, 200, http.MethodPost, "/2fa/1/pin/"+pinID+"/verify", `{"pin":"NOTRIGHT"}`)
	tp.ask(t, 429, http.MethodPost, "/2fa/1/pin/"+pinID+"/verify", `{"pin":"`+code+`"}`)
	tp.ask(t, 200, http.MethodPut, at, `{"configuration":{"verificationAttempts":5,"initiationAttempts":9,"pinAttempts":4,"allowMultiplePinVerifications":false}}`)
	tp.ask(t, 200, http.MethodGet, at, "")
	other := tp.ask(t, 200, http.MethodPost, "/2fa/1/pin/voice", strings.Replace(send, "+33199000001", "33199000002", 1)).PinID
	tp.ask(t, 200, http.MethodPost, "/2fa/1/pin/"+other+"/verify", `{"pin":"1"}`)
	tp.ask(t, 200, http.MethodPost, "/2fa/1/pin/"+other+"/verify", `{"pin":"2"}`)
	tp.ask(t, 200, http.MethodPost, "/2fa/1/pin/"+other+"/verify", `{"pin":"`+strings.ToLower(tp.pin(t, other))+`"}`)
	tp.ask(t, 200, http.MethodPost, "/2fa/1/pin/"+other+"/verify", `{"pin":"`+tp.pin(t, other)+`"}`)
	tp.ask(t, 400, http.MethodPost, "/2fa/1/pin/"+other+"/resend", "")
	tp.ask(t, 200, http.MethodPut, at+"/messages/"+message, `{"messageText":"Your code: {{pin}}","pinLength":null}`)
	tp.ask(t, 200, http.MethodGet, at+"/messages", "")
	tp.ask(t, 200, http.MethodGet, at+"/verifications?verified=false&msisdn=33199000077", "")
	lost := tp.ask(t, 200, http.MethodPost, "/2fa/1/pin?ncNeeded=true", strings.Replace(send, "+33199000001", tp.number(t, "not-reachable"), 1)).PinID
	tp.ask(t, 200, http.MethodGet, "/2fa/1/pin/"+lost+"/status", "")
	tp.ask(t, 200, http.MethodPost, "/2fa/1/pin", strings.Replace(send, "+33199000001", tp.number(t, "lookup-not-configured"), 1))
	tp.ask(t, 200, http.MethodPut, at, `{"enabled":false}`)
	tp.ask(t, 400, http.MethodPost, "/2fa/1/pin", send)
}

// number is a phone number of one of the sandbox's scenarios.
func (tp *tape) number(t *testing.T, scenario string) string {
	t.Helper()
	var table struct {
		Scenarios []struct {
			Name           string
			LimitedNumbers struct{ First string }
		}
	}
	tp.call(t, "/sandbox/scenarios", &table)
	for _, row := range table.Scenarios {
		if row.Name == scenario {
			return row.LimitedNumbers.First
		}
	}
	t.Fatalf("there is no scenario %s", scenario)
	return ""
}

func (tp *tape) commonErrors(t *testing.T) {
	nobody := "0123456789ABCDEF0123456789ABCDEF"
	tp.ask(t, 401, http.MethodGet, applications, "", "Authorization", "")
	tp.ask(t, 401, http.MethodGet, applications, "", "Authorization", "App some-other-key")
	tp.ask(t, 401, http.MethodPost, "/2fa/1/api-key", "")
	tp.ask(t, 401, http.MethodPost, "/2fa/1/pin/"+nobody+"/verify", `{"pin":"1598"}`, "Authorization", "Basic c29tZWJvZHk6c29tZXRoaW5n")
	tp.ask(t, 404, http.MethodGet, applications+"/"+nobody, "")
	tp.ask(t, 404, http.MethodPost, "/2fa/1/pin", `{"to":"33199000001","applicationId":"`+nobody+`","messageId":"`+nobody+`"}`)
	tp.ask(t, 404, http.MethodPost, "/2fa/1/pin/"+nobody+"/verify", `{"pin":"1598"}`)
	tp.ask(t, 404, http.MethodGet, "/2fa/1/pin/"+nobody+"/status", "")
	for _, to := range []string{"999123456789", "12", "331", "+33 1 99 00 00 01", ""} {
		tp.ask(t, 400, http.MethodPost, "/2fa/1/pin", `{"to":"`+to+`","applicationId":"`+nobody+`","messageId":"`+nobody+`"}`)
	}
	tp.ask(t, 400, http.MethodPost, "/2fa/1/pin", `{"to":33199000001}`)
	tp.ask(t, 400, http.MethodPost, applications, `{"configuration":{"pinAttempts":0}}`)
	tp.ask(t, 400, http.MethodGet, applications+"/"+nobody+"/verifications?verified=maybe", "")
	tp.ask(t, 400, http.MethodPost, "/2fa/1/pin/"+nobody+"/verify", `{}`)
	tp.ask(t, 415, http.MethodPost, applications, `{"name":"n"}`, "Content-Type", "text/plain")
}
