package conform_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/conform"
)

func checker(t *testing.T, options ...conform.Option) *conform.Checker {
	t.Helper()
	doc, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	c, err := conform.New(doc, options...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// contract is read once: that takes longer than a test.
var contract = sync.OnceValues(spec.Load)

// sent is a good send and its good answer; tests spoil one thing of it.
func sent(t *testing.T) (conform.Request, conform.Response) {
	t.Helper()
	return request(t, "POST", "/2fa/1/pin", `{"to":"41793026727","applicationId":"A","messageId":"M","from":null}`), conform.Response{
		Status: 200, Header: http.Header{"Content-Type": {"application/json"}, "Idempotency-Replayed": {"false"}},
		Body: []byte(`{"to":"41793026727","ncStatus":"NC_NOT_CONFIGURED","smsStatus":"MESSAGE_SENT","pinId":"P"}`),
	}
}

func request(t *testing.T, method, path, body string) conform.Request {
	t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	return conform.Request{Method: method, URL: u, Header: http.Header{
		"Authorization": {"App key"}, "Content-Type": {"application/json"},
	}, Body: []byte(body)}
}

func texts(violations []conform.Violation) string {
	var lines []string
	for _, v := range violations {
		lines = append(lines, v.In+" "+v.String())
	}
	return strings.Join(lines, "\n")
}

func TestOperation(t *testing.T) {
	t.Parallel()
	c := checker(t)
	for path, want := range map[string]string{
		"POST /2fa/1/pin":                "sendPinOverSms",
		"POST /2fa/1/pin/":               "sendPinOverSms",
		"POST /2fa/1/pin/voice":          "sendPinOverVoice",
		"POST /2fa/1/pin/P/resend/voice": "resendPinOverVoice",
		"POST /2fa/1/pin/a%2Fb/verify":   "verifyPin",
		"GET /2fa/1/pin":                 "",
		"POST /2fa/1/pin//verify":        "",
		"POST /2fa/2/pin":                "",
	} {
		method, path, _ := strings.Cut(path, " ")
		if got, known := c.Operation(method, request(t, method, path, "").URL); got != want || known != (want != "") {
			t.Errorf("%s %s is %q, %v; want %q", method, path, got, known, want)
		}
	}
	if _, known := c.Check(request(t, "GET", "/elsewhere", ""), conform.Response{Status: 404}); known {
		t.Error("an unknown path is judged")
	}
}

type exchange struct {
	req  conform.Request
	resp conform.Response
}

// refuse makes the answer a refusal with the error object.
func (x *exchange) refuse(status int, retryAfter []string) {
	x.resp.Status = status
	x.resp.Body = []byte(`{"requestError":{"serviceException":{"messageId":"THROTTLE_EXCEPTION","text":"t"}}}`)
	if retryAfter != nil {
		x.resp.Header["Retry-After"] = retryAfter
	}
}

func TestCheck_says_what_is_wrong(t *testing.T) {
	t.Parallel()
	judge := checker(t, conform.Closed(true))
	body := func(old, next string) func(*exchange) {
		return func(x *exchange) { x.resp.Body = []byte(strings.Replace(string(x.resp.Body), old, next, 1)) }
	}
	for name, c := range map[string]struct {
		spoil func(*exchange)
		want  string // empty when nothing is wrong
	}{
		"nothing":            {func(*exchange) {}, ""},
		"charset":            {func(x *exchange) { x.resp.Header.Set("Content-Type", "application/json; charset=UTF-8") }, ""},
		"status":             {func(x *exchange) { x.resp.Status = 201 }, "response status 201 is not declared for this operation"},
		"media type":         {func(x *exchange) { x.resp.Header.Set("Content-Type", "text/plain") }, "response header Content-Type must be application/json"},
		"no media type":      {func(x *exchange) { x.resp.Header.Del("Content-Type") }, "response header Content-Type must be given once, as application/json"},
		"wrong charset":      {func(x *exchange) { x.resp.Header.Set("Content-Type", "application/json; charset=latin1") }, "response header Content-Type must not have a charset but UTF-8"},
		"enum":               {body("MESSAGE_SENT", "41793026727"), "response body.smsStatus must be one of MESSAGE_SENT, MESSAGE_NOT_SENT"},
		"type":               {body(`"41793026727"`, `41793026727`), "response body.to must be a string"},
		"null":               {body(`"P"`, `null`), "response body.pinId must not be null"},
		"missing":            {body(`,"pinId":"P"`, ``), "response body.pinId is required"},
		"undeclared":         {body(`"P"`, `"P","price":1`), "response body.price is not a member of this answer"},
		"wrong case":         {body(`"pinId"`, `"pinID"`), "response body.pinID is not a member of this answer; pinId is\nresponse body.pinId is required"},
		"wrapped":            {func(x *exchange) { x.resp.Body = []byte("[" + string(x.resp.Body) + "]") }, "response body must be an object"},
		"empty":              {func(x *exchange) { x.resp.Body = nil }, "response body is missing"},
		"truncated":          {func(x *exchange) { x.resp.Body = x.resp.Body[:20] }, "response body is not JSON"},
		"twice":              {body(`"pinId"`, `"pinId":"Q","pinId"`), "response body has a member twice"},
		"trailing":           {func(x *exchange) { x.resp.Body = append(x.resp.Body, "{}"...) }, "response body has something after the JSON value"},
		"not UTF-8":          {body("P", "\xff"), "response body is not UTF-8"},
		"lost header":        {func(x *exchange) { x.refuse(429, nil) }, "response header Retry-After is required"},
		"header of one type": {func(x *exchange) { x.refuse(429, []string{"soon"}) }, "response header Retry-After must be a whole number"},
		"header too small":   {func(x *exchange) { x.refuse(429, []string{"0"}) }, "response header Retry-After must be at least 1"},
		"header":             {func(x *exchange) { x.refuse(429, []string{"3"}) }, ""},
		"asked in a query":   {func(x *exchange) { x.req.URL.RawQuery = "ncNeeded=maybe" }, "request query ncNeeded is not of its type\nresponse status 200 takes a request that the contract refuses"},
		"asked twice":        {func(x *exchange) { x.req.URL.RawQuery = "ncNeeded=true&ncNeeded=false" }, "request query ncNeeded must be given once\nresponse status 200 takes a request that the contract refuses"},
		"asked in a body":    {func(x *exchange) { x.req.Body = []byte(`{"to":"x41793026727","applicationId":"A"}`) }, "request body.messageId is required\nrequest body.to must be a phone number in international format, digits with or without a leading +\nresponse status 200 takes a request that the contract refuses"},
		"no credentials":     {func(x *exchange) { x.req.Header.Del("Authorization") }, "response status 200 is for requests with credentials, and this one had none"},
		"asked nothing":      {func(x *exchange) { x.req.Body = nil }, "request body is required\nresponse status 200 takes a request that the contract refuses"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var x exchange
			x.req, x.resp = sent(t)
			c.spoil(&x)
			got, known := judge.Check(x.req, x.resp)
			if !known || texts(got) != c.want {
				t.Errorf("found %q, want %q", texts(got), c.want)
			}
			if strings.Contains(texts(got), "41793026727") {
				t.Errorf("%q repeats a value", texts(got))
			}
		})
	}
}

func TestOpen_schemas_let_answers_have_more(t *testing.T) {
	t.Parallel()
	req, resp := sent(t)
	resp.Body = []byte(strings.Replace(string(resp.Body), `"P"`, `"P","price":1`, 1))
	if got, _ := checker(t).Check(req, resp); len(got) > 0 {
		t.Errorf("found %q, want nothing", texts(got))
	}
}
