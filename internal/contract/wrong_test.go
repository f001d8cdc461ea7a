package contract_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// answer is one of our own service, to be spoilt.
type answer struct {
	*httptest.ResponseRecorder
	body any
}

// object gives the body, or a part of it, as an object.
func (a *answer) object(path ...string) map[string]any {
	members, _ := a.body.(map[string]any)
	for _, name := range path {
		members, _ = members[name].(map[string]any)
	}
	return members
}

// serviceException is the inside of an error object.
func (a *answer) serviceException() map[string]any {
	return a.object("requestError", "serviceException")
}

// set changes a member, or removes it when the value is remove.
func (a *answer) set(name string, value any) {
	switch members := a.object(); {
	case members == nil:
	case value == remove:
		delete(members, name)
	default:
		members[name] = value
	}
}

var remove = new(int)

// wrong is our own service with one thing wrong.
type wrong struct {
	*service
	asked func(r *http.Request) // changes a request before it is answered
	spoil func(r *http.Request, a *answer)
	bytes func(body []byte) []byte // changes a body once it is JSON
	at    string                   // "POST /pin": the method, and how the path ends
}

func (s *wrong) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method, end, _ := strings.Cut(s.at, " ")
	here := r.Method == method && strings.HasSuffix(r.URL.Path, end) && strings.HasPrefix(r.URL.Path, "/2fa/")
	if here && s.asked != nil {
		s.asked(r)
	}
	a := &answer{ResponseRecorder: httptest.NewRecorder()}
	s.handler.ServeHTTP(a, r)
	body := a.Body.Bytes()
	if here && s.spoil != nil {
		_ = json.Unmarshal(body, &a.body)
		s.spoil(r, a)
		body, _ = json.Marshal(a.body)
	}
	if here && s.bytes != nil {
		body = s.bytes(body)
	}
	for name, values := range a.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Code)
	_, _ = w.Write(body)
}

// ok spoils answers with status 200 alone.
func ok(spoil func(a *answer)) func(*http.Request, *answer) {
	return func(_ *http.Request, a *answer) {
		if a.Code == http.StatusOK {
			spoil(a)
		}
	}
}

// refusals spoils errors alone.
func refusals(spoil func(a *answer)) func(*http.Request, *answer) {
	return func(_ *http.Request, a *answer) {
		if a.Code >= http.StatusBadRequest {
			spoil(a)
		}
	}
}

// TestRun_finds_what_is_wrong spoils one thing after another, and wants each to be found and named.
func TestRun_finds_what_is_wrong(t *testing.T) {
	t.Parallel()
	s := newService(t)
	application, message := "8F0792F86035A9F4290821F1EE6BC06A", "F66D67327326FCCB027BEAA916B94542"
	for name, c := range map[string]struct {
		wrong wrong
		in    string // the case that must fail
		says  string // and why
	}{
		"wrong enum value": {wrong{at: "POST /pin", spoil: ok(func(a *answer) { a.set("smsStatus", "SENT") })},
			"sendPinOverSms/smallest", "body.smsStatus must be one of MESSAGE_SENT, MESSAGE_NOT_SENT"},
		"missing required member": {wrong{at: "GET " + message, spoil: ok(func(a *answer) { a.set("sender", remove) })},
			"getMessage/one", "body.sender is required"},
		"wrong status": {wrong{at: "POST /applications", spoil: ok(func(a *answer) { a.Code = 201 })},
			"createApplication/smallest", "status must be 200, and is 201"},
		"undeclared status": {wrong{at: "POST /applications", spoil: ok(func(a *answer) { a.Code = 201 })},
			"createApplication/smallest", "status 201 is not declared for this operation"},
		"wrong media type": {wrong{at: "GET " + application, spoil: ok(func(a *answer) { a.Header().Set("Content-Type", "text/plain") })},
			"getApplication/one", "header Content-Type must be application/json"},
		"no media type": {wrong{at: "GET " + application, spoil: ok(func(a *answer) { a.Header()["Content-Type"] = nil })},
			"getApplication/one", "header Content-Type must be"},
		"undeclared member": {wrong{at: "GET " + application, spoil: ok(func(a *answer) { a.set("owner", "me") })},
			"getApplication/one", "body.owner is not a member of this answer"},
		"wrong error object": {wrong{at: "GET 00000000000000000000000000000000", spoil: refusals(func(a *answer) { a.body = map[string]any{"error": "not found"} })},
			"getApplication/unknown_application", "body.requestError is required"},
		"lost WWW-Authenticate": {wrong{at: "POST /pin", spoil: refusals(func(a *answer) { a.Header().Del("WWW-Authenticate") })},
			"sendPinOverSms/no_credentials", "header WWW-Authenticate is required"},
		"lost Retry-After": {wrong{at: "POST /pin", spoil: refusals(func(a *answer) { a.Header().Del("Retry-After") })},
			"sendPinOverSms/limit_of_number", "header Retry-After is required"},
		"Retry-After in words": {wrong{at: "POST /pin", spoil: func(_ *http.Request, a *answer) {
			if a.Code == http.StatusTooManyRequests {
				a.Header().Set("Retry-After", "Sat, 21 Nov 2026 14:00:00 GMT")
			}
		}}, "sendPinOverSms/limit_of_number", "header Retry-After must be a whole number"},
		"lost Preference-Applied": {wrong{at: "POST /voice", spoil: ok(func(a *answer) { a.Header().Del("Preference-Applied") })},
			"sendPinOverVoice/wait", "header Preference-Applied is missing"},
		"wrong type": {wrong{at: "POST /verify", spoil: ok(func(a *answer) { a.set("verified", "false") })},
			"verifyPin/wrong", "body.verified must be true or false"},
		"null for required": {wrong{at: "GET " + message, spoil: ok(func(a *answer) { a.set("sender", nil) })},
			"getMessage/one", "body.sender must not be null"},
		"empty body": {wrong{at: "GET /messages", bytes: func([]byte) []byte { return nil }},
			"listMessages/own", "body is missing"},
		"truncated JSON": {wrong{at: "GET /messages", bytes: func(b []byte) []byte { return b[:len(b)/2] }},
			"listMessages/own", "body is not JSON"},
		"a member twice": {wrong{at: "GET " + message, bytes: func(b []byte) []byte { return bytes.Replace(b, []byte("{"), []byte(`{"sender":"x",`), 1) }},
			"getMessage/one", "body has a member twice"},
		"number as string": {wrong{at: "POST /verify", spoil: ok(func(a *answer) { a.set("attemptsRemaining", "2") })},
			"verifyPin/wrong", "body.attemptsRemaining must be a whole number"},
		"wrong charset": {wrong{at: "GET " + message, spoil: ok(func(a *answer) { a.Header().Set("Content-Type", "application/json; charset=ISO-8859-1") })},
			"getMessage/one", "header Content-Type must not have a charset but UTF-8"},
		"extra wrapper object": {wrong{at: "GET " + message, spoil: ok(func(a *answer) { a.body = map[string]any{"data": a.body} })},
			"getMessage/one", "body.data is not a member of this answer"},
		"an array wrapped": {wrong{at: "GET /messages", spoil: ok(func(a *answer) { a.body = map[string]any{"messages": a.body} })},
			"listMessages/own", "body must be an array"},
		"unknown messageId": {wrong{at: "POST /verify", spoil: refusals(func(a *answer) { a.serviceException()["messageId"] = "NO_SUCH_PIN" })},
			"verifyPin/unknown_pin", "body.requestError.serviceException.messageId must be one of"},
		"another messageId": {wrong{at: "POST /verify", spoil: refusals(func(a *answer) { a.serviceException()["messageId"] = "GENERAL_EXCEPTION" })},
			"verifyPin/unknown_pin", `body.requestError.serviceException.messageId must be "RESOURCE_NOT_FOUND"`},
		"validationErrors missing": {wrong{at: "POST /messages", spoil: refusals(func(a *answer) { delete(a.serviceException(), "validationErrors") })},
			"createMessage/several_faults", "body.requestError.serviceException.validationErrors is missing"},
		"verified for a wrong PIN": {wrong{at: "POST /verify", spoil: ok(func(a *answer) { a.set("verified", true); a.set("pinError", remove) })},
			"verifyPin/wrong", "body.verified must be false"},
		"a new pinId on resend": {wrong{at: "POST /resend", spoil: ok(func(a *answer) { a.set("pinId", "00112233445566778899AABBCCDDEEFF") })},
			"resendPinOverSms/documented", "body.pinId must be what stands for 9C817C6F8AF3D48F9FE553282AFA2B67"},
		"attemptsRemaining wrong": {wrong{at: "POST /verify", spoil: ok(func(a *answer) { a.set("attemptsRemaining", 1) })},
			"verifyPin/wrong", "body.attemptsRemaining must be 2"},
		"200 for unknown ids": {wrong{at: "GET /status", spoil: refusals(func(a *answer) { a.Code, a.body = 200, []any{} })},
			"getPinStatus/unknown_pin", "status must be 404, and is 200"},
		"another number": {wrong{at: "POST /pin", spoil: ok(func(a *answer) { a.set("to", "33199000099") })},
			"sendPinOverSms/smallest", "body.to must be what stands for 41793026727"},
		"accepts an undocumented member": {wrong{at: "POST /pin", asked: func(r *http.Request) { without(r, "placeholders") }},
			"sendPinOverSms/undocumented_member", "status must be 400, and is 200"},
		"accepts requests without credentials": {wrong{at: "POST /applications", asked: func(r *http.Request) { r.Header.Set("Authorization", "App "+s.key) }},
			"createApplication/no_credentials", "status must be 401, and is 200"},
		"the newest first": {wrong{at: "GET /applications", spoil: ok(func(a *answer) { list, _ := a.body.([]any); slices.Reverse(list) })},
			"listApplications/own", `body[0].applicationId must be "8F0792F86035A9F4290821F1EE6BC06A"`},
		"fails at each send": {wrong{at: "POST /pin", spoil: ok(func(a *answer) {
			a.Code, a.body = 500, map[string]any{"requestError": map[string]any{"serviceException": map[string]any{"messageId": "GENERAL_EXCEPTION", "text": "t"}}}
		})}, "verifyPin/right", "cannot be prepared: POST /2fa/1/pin: status must be 200, and is 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.wrong.service = s
			o := s.options(t, &c.wrong)
			o.Case = c.in
			n, failed := play(t, o)
			if failed != 1 || !strings.Contains(n.failures(), c.in+": ") || !strings.Contains(n.failures(), c.says) {
				t.Fatalf("%d failed:\n%s\nwant %s, as %s", failed, n.failures(), c.in, c.says)
			}
			if strings.Contains(n.failures(), s.key) || !strings.Contains(n.failures(), "curl -sS -i ") {
				t.Errorf("%s\nwant a curl line without the key", n.failures())
			}
		})
	}
}

// without removes a member of a request.
func without(r *http.Request, member string) {
	var members map[string]any
	body, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(body, &members)
	delete(members, member)
	body, _ = json.Marshal(members)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}
