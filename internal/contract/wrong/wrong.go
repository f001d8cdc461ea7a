// Package wrong is our own service with one thing wrong, so that what judges services can be judged.
package wrong

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
)

// Ids of api/testdata/fixture.json, and one that nobody has.
const (
	ApplicationID = "8F0792F86035A9F4290821F1EE6BC06A"
	MessageID     = "F66D67327326FCCB027BEAA916B94542"
	UnknownID     = "00000000000000000000000000000000"
)

// Fault is one thing that is wrong.
type Fault struct {
	Name  string
	Case  string // of api/testdata, which must fail
	Says  string // and why
	Alone bool   // a single exchange shows it, whatever was asked before: Where and Text of a violation begin with Says

	at    string                            // "POST /pin": the method, and how the path ends
	asked func(key string, r *http.Request) // changes a request before it is answered
	spoil func(r *http.Request, a *answer)
	bytes func(body []byte) []byte // changes a body once it is JSON
}

// Faults are all that we can do wrong.
func Faults() []Fault {
	return []Fault{
		{Name: "wrong enum value", Case: "sendPinOverSms/smallest", Says: "body.smsStatus must be one of MESSAGE_SENT, MESSAGE_NOT_SENT", Alone: true,
			at: "POST /pin", spoil: ok(func(a *answer) { a.set("smsStatus", "SENT") })},
		{Name: "missing required member", Case: "getMessage/one", Says: "body.sender is required", Alone: true,
			at: "GET " + MessageID, spoil: ok(func(a *answer) { a.set("sender", remove) })},
		{Name: "wrong status", Case: "createApplication/smallest", Says: "status must be 200, and is 201",
			at: "POST /applications", spoil: ok(func(a *answer) { a.Code = 201 })},
		{Name: "undeclared status", Case: "createApplication/smallest", Says: "status 201 is not declared for this operation", Alone: true,
			at: "POST /applications", spoil: ok(func(a *answer) { a.Code = 201 })},
		{Name: "wrong media type", Case: "getApplication/one", Says: "header Content-Type must be application/json", Alone: true,
			at: "GET " + ApplicationID, spoil: ok(func(a *answer) { a.Header().Set("Content-Type", "text/plain") })},
		{Name: "no media type", Case: "getApplication/one", Says: "header Content-Type must be", Alone: true,
			at: "GET " + ApplicationID, spoil: ok(func(a *answer) { a.Header()["Content-Type"] = nil })},
		{Name: "undeclared member", Case: "getApplication/one", Says: "body.owner is not a member of this answer", Alone: true,
			at: "GET " + ApplicationID, spoil: ok(func(a *answer) { a.set("owner", "me") })},
		{Name: "wrong error object", Case: "getApplication/unknown_application", Says: "body.requestError is required", Alone: true,
			at: "GET " + UnknownID, spoil: refusals(func(a *answer) { a.body = map[string]any{"error": "not found"} })},
		{Name: "lost WWW-Authenticate", Case: "sendPinOverSms/no_credentials", Says: "header WWW-Authenticate is required", Alone: true,
			at: "POST /pin", spoil: refusals(func(a *answer) { a.Header().Del("WWW-Authenticate") })},
		{Name: "lost Retry-After", Case: "sendPinOverSms/limit_of_number", Says: "header Retry-After is required", Alone: true,
			at: "POST /pin", spoil: refusals(func(a *answer) { a.Header().Del("Retry-After") })},
		{Name: "Retry-After in words", Case: "sendPinOverSms/limit_of_number", Says: "header Retry-After must be a whole number", Alone: true,
			at: "POST /pin", spoil: func(_ *http.Request, a *answer) {
				if a.Code == http.StatusTooManyRequests {
					a.Header().Set("Retry-After", "Sat, 21 Nov 2026 14:00:00 GMT")
				}
			}},
		{Name: "lost Preference-Applied", Case: "sendPinOverVoice/wait", Says: "header Preference-Applied is missing",
			at: "POST /voice", spoil: ok(func(a *answer) { a.Header().Del("Preference-Applied") })},
		{Name: "wrong type", Case: "verifyPin/wrong", Says: "body.verified must be true or false", Alone: true,
			at: "POST /verify", spoil: ok(func(a *answer) { a.set("verified", "false") })},
		{Name: "null for required", Case: "getMessage/one", Says: "body.sender must not be null", Alone: true,
			at: "GET " + MessageID, spoil: ok(func(a *answer) { a.set("sender", nil) })},
		{Name: "empty body", Case: "listMessages/own", Says: "body is missing", Alone: true,
			at: "GET /messages", bytes: func([]byte) []byte { return nil }},
		{Name: "truncated JSON", Case: "listMessages/own", Says: "body is not JSON", Alone: true,
			at: "GET /messages", bytes: func(b []byte) []byte { return b[:len(b)/2] }},
		{Name: "a member twice", Case: "getMessage/one", Says: "body has a member twice", Alone: true,
			at: "GET " + MessageID, bytes: func(b []byte) []byte { return bytes.Replace(b, []byte("{"), []byte(`{"sender":"x",`), 1) }},
		{Name: "number as string", Case: "verifyPin/wrong", Says: "body.attemptsRemaining must be a whole number", Alone: true,
			at: "POST /verify", spoil: ok(func(a *answer) { a.set("attemptsRemaining", "2") })},
		{Name: "wrong charset", Case: "getMessage/one", Says: "header Content-Type must not have a charset but UTF-8", Alone: true,
			at: "GET " + MessageID, spoil: ok(func(a *answer) { a.Header().Set("Content-Type", "application/json; charset=ISO-8859-1") })},
		{Name: "extra wrapper object", Case: "getMessage/one", Says: "body.data is not a member of this answer", Alone: true,
			at: "GET " + MessageID, spoil: ok(func(a *answer) { a.body = map[string]any{"data": a.body} })},
		{Name: "an array wrapped", Case: "listMessages/own", Says: "body must be an array", Alone: true,
			at: "GET /messages", spoil: ok(func(a *answer) { a.body = map[string]any{"messages": a.body} })},
		{Name: "unknown messageId", Case: "verifyPin/unknown_pin", Says: "body.requestError.serviceException.messageId must be one of", Alone: true,
			at: "POST /verify", spoil: refusals(func(a *answer) { a.serviceException()["messageId"] = "NO_SUCH_PIN" })},
		{Name: "another messageId", Case: "verifyPin/unknown_pin", Says: `body.requestError.serviceException.messageId must be "RESOURCE_NOT_FOUND"`,
			at: "POST /verify", spoil: refusals(func(a *answer) { a.serviceException()["messageId"] = "GENERAL_EXCEPTION" })},
		{Name: "validationErrors missing", Case: "createMessage/several_faults", Says: "body.requestError.serviceException.validationErrors is missing",
			at: "POST /messages", spoil: refusals(func(a *answer) { delete(a.serviceException(), "validationErrors") })},
		{Name: "verified for a wrong PIN", Case: "verifyPin/wrong", Says: "body.verified must be false",
			at: "POST /verify", spoil: ok(func(a *answer) { a.set("verified", true); a.set("pinError", remove) })},
		{Name: "a new pinId on resend", Case: "resendPinOverSms/documented", Says: "body.pinId must be what stands for 9C817C6F8AF3D48F9FE553282AFA2B67",
			at: "POST /resend", spoil: ok(func(a *answer) { a.set("pinId", "00112233445566778899AABBCCDDEEFF") })},
		{Name: "attemptsRemaining wrong", Case: "verifyPin/wrong", Says: "body.attemptsRemaining must be 2",
			at: "POST /verify", spoil: ok(func(a *answer) { a.set("attemptsRemaining", 1) })},
		{Name: "200 for unknown ids", Case: "getPinStatus/unknown_pin", Says: "status must be 404, and is 200",
			at: "GET /status", spoil: refusals(func(a *answer) { a.Code, a.body = 200, []any{} })},
		{Name: "another number", Case: "sendPinOverSms/smallest", Says: "body.to must be what stands for 41793026727",
			at: "POST /pin", spoil: ok(func(a *answer) { a.set("to", "33199000099") })},
		{Name: "accepts an undocumented member", Case: "sendPinOverSms/undocumented_member", Says: "status must be 400, and is 200",
			at: "POST /pin", asked: func(_ string, r *http.Request) { without(r, "placeholders") }},
		{Name: "accepts requests without credentials", Case: "createApplication/no_credentials", Says: "status must be 401, and is 200",
			at: "POST /applications", asked: func(key string, r *http.Request) { r.Header.Set("Authorization", "App "+key) }},
		{Name: "the newest first", Case: "listApplications/own", Says: `body[0].applicationId must be "8F0792F86035A9F4290821F1EE6BC06A"`,
			at: "GET /applications", spoil: ok(func(a *answer) { list, _ := a.body.([]any); slices.Reverse(list) })},
		{Name: "fails at each send", Case: "verifyPin/right", Says: "cannot be prepared: POST /2fa/1/pin: status must be 200, and is 500",
			at: "POST /pin", spoil: ok(func(a *answer) {
				a.Code, a.body = 500, map[string]any{"requestError": map[string]any{"serviceException": map[string]any{"messageId": "GENERAL_EXCEPTION", "text": "t"}}}
			})},
	}
}

// HTML is the fault that every answer to some requests is called HTML, be it success or refusal. The requests are such as
// "POST /pin": a method, and how the path ends.
func HTML(at string) Fault {
	return Fault{Name: "HTML", Says: "header Content-Type must be application/json", at: at, spoil: func(_ *http.Request, a *answer) {
		a.Header().Set("Content-Type", "text/html")
	}}
}

// Handler does what another one does, but for the fault. The key is one that the other takes.
func (f Fault) Handler(right http.Handler, key string) http.Handler {
	method, end, _ := strings.Cut(f.at, " ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method || !strings.HasSuffix(r.URL.Path, end) || !strings.HasPrefix(r.URL.Path, "/2fa/") {
			right.ServeHTTP(w, r)
			return
		}
		f.serve(w, r, right, key)
	})
}

func (f Fault) serve(w http.ResponseWriter, r *http.Request, right http.Handler, key string) {
	if f.asked != nil {
		f.asked(key, r)
	}
	a := &answer{ResponseRecorder: httptest.NewRecorder()}
	right.ServeHTTP(a, r)
	body := a.Body.Bytes()
	if f.spoil != nil {
		_ = json.Unmarshal(body, &a.body)
		f.spoil(r, a)
		body, _ = json.Marshal(a.body)
	}
	if f.bytes != nil {
		body = f.bytes(body)
	}
	for name, values := range a.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Code)
	_, _ = w.Write(body)
}

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

// without removes a member of a request.
func without(r *http.Request, member string) {
	var members map[string]any
	body, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(body, &members)
	delete(members, member)
	body, _ = json.Marshal(members)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}
