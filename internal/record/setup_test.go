package record_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/record"
)

// What must never be written. The numbers are no fiction of the numbering plan that recordings take theirs from.
const (
	key      = "77f2e3d4c5b6a79880716253443526aa-1c5d7e1f-2a3b-4c4d-8e5f-60718293a4b5"
	user     = "the-shop-user"
	password = "the shop's password"
	basic    = "dGhlLXNob3AtdXNlcjp0aGUgc2hvcCdzIHBhc3N3b3Jk"
	phone    = "41793026727"
	code     = "QX81ZP7W"
	app      = "8F0792F86035A9F4290821F1EE6BC06A"
	text     = "F66D67327326FCCB027BEAA916B94542"
	pinID    = "9C817C6F8AF3D48F9FE553282AFA2B67"
)

var secrets = []string{key, user, password, basic, phone, code, app, text, pinID, "browser", "session=1", "order 7781", "request-1"}

// talk is one exchange, with what most of them have.
type talk struct {
	op, at  string // at is "POST /2fa/1/pin"
	body    string
	status  int
	answer  string
	header  map[string]string // of the request
	replied map[string]string // headers of the answer
}

func (k talk) exchange(t testing.TB) (string, conform.Request, conform.Response) {
	t.Helper()
	method, at, _ := strings.Cut(k.at, " ")
	address, err := url.Parse(at)
	must(t, err)
	req := conform.Request{Method: method, URL: address, Body: []byte(k.body), Header: http.Header{
		"Authorization": {"App " + key}, "User-Agent": {"browser"}, "Cookie": {"session=1"}, "X-Request-Id": {"request-1"},
	}}
	if k.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range k.header {
		req.Header.Set(name, value)
	}
	resp := conform.Response{Status: k.status, Body: []byte(k.answer), Header: http.Header{
		"Content-Type": {"application/json"}, "X-Request-Id": {"request-1"}, "Set-Cookie": {"session=1"},
	}}
	for name, value := range k.replied {
		resp.Header.Set(name, value)
	}
	return k.op, req, resp
}

// recording is what was written.
type recording struct {
	record.Summary
	files map[string]string
	names []string
}

// tape records exchanges, and looks for secrets in every byte that is to be written.
func tape(t testing.TB, talks ...talk) recording {
	t.Helper()
	return search(t, secrets, talks...)
}

// search is tape for other secrets.
func search(t testing.TB, secrets []string, talks ...talk) recording {
	t.Helper()
	files, summary, err := record.Compose(func(r *record.Recorder) {
		for _, k := range talks {
			op, req, resp := k.exchange(t)
			must(t, r.Exchange(op, req, resp))
		}
	})
	must(t, err)
	done := recording{Summary: summary, files: files}
	for name, content := range files {
		for _, secret := range secrets {
			if strings.Contains(name+content, secret) {
				t.Errorf("%s has %q:\n%s", name, secret, content)
			}
		}
		if name != "fixture.json" {
			done.names = append(done.names, name)
		}
	}
	return done
}

// written is as much of a case as tests look at.
type written struct {
	Given   map[string]string
	Before  []request
	Request request
	Answer  struct {
		Status  int
		Headers map[string]string
		Body    any
	} `json:"response"`
}

type request struct {
	Method, Path string
	Headers      map[string]string
	Body         any
	RawBody      *string
}

// last gives the case with the highest number.
func (r recording) last(t *testing.T) written {
	t.Helper()
	var c written
	var number string
	for _, name := range r.names {
		if base := filepath.Base(name); base > number {
			number = base
			c = written{}
			must(t, json.Unmarshal([]byte(r.files[name]), &c))
		}
	}
	return c
}

func said(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(text))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The main job, step by step.

func sendTo(to, id string) talk {
	return talk{
		op: "sendPinOverSms", at: "POST /2fa/1/pin", body: `{"to":"` + to + `","applicationId":"` + app + `","messageId":"` + text + `"}`,
		status: 200, answer: `{"to":"` + strings.TrimPrefix(to, "+") + `","ncStatus":"NC_DESTINATION_UNKNOWN","smsStatus":"MESSAGE_SENT","pinId":"` + id + `"}`,
	}
}

func resend(id string) talk {
	return talk{
		op: "resendPinOverSms", at: "POST /2fa/1/pin/" + id + "/resend",
		status: 200, answer: `{"to":"` + phone + `","ncStatus":"NC_DESTINATION_UNKNOWN","smsStatus":"MESSAGE_SENT","pinId":"` + id + `"}`,
	}
}

func verify(typed, outcome string) talk {
	return talk{
		op: "verifyPin", at: "POST /2fa/1/pin/" + pinID + "/verify", body: `{"pin":"` + typed + `"}`,
		status: 200, answer: `{"pinId":"` + pinID + `","msisdn":"` + phone + `",` + outcome + `}`,
	}
}

const (
	right = `"verified":true,"attemptsRemaining":0`
	wrong = `"verified":false,"attemptsRemaining":9,"pinError":"WRONG_PIN"`
)

// refused makes a talk one that is answered with an error.
func refused(k talk, status int, message string) talk {
	k.status = status
	k.answer = `{"requestError":{"serviceException":{"messageId":"KIND","text":"` + message + `"}}}`
	return k
}

// faulty makes a talk one whose member is wrong.
func faulty(k talk, member, message string) talk {
	k.status = 400
	k.answer = `{"requestError":{"serviceException":{"messageId":"INVALID_ARGUMENT","text":"` + member + `: ` + message +
		`","validationErrors":{"` + member + `":["` + message + `"]}}}}`
	return k
}

func (k talk) with(header, value string) talk {
	k.header = map[string]string{header: value}
	return k
}

func (k talk) reply(header, value string) talk {
	k.replied = map[string]string{header: value}
	return k
}

// application is an answer about the application, with some limits.
func application(limits string) string {
	return `{"applicationId":"` + app + `","name":"Shop","enabled":true,"processId":"5E3A1C9D7B2F4860A1B2C3D4E5F60718","configuration":{` +
		limits + `"allowMultiplePinVerifications":true,"pinTimeToLive":900000,"verificationIntervalLength":3000,` +
		`"initiationIntervalLength":86400000,"overallInitiationAttempts":10000,"overallInitiationIntervalLength":86400000,` +
		`"initiationThrottlingProlongationFactor":1,"initiationThrottlingWaitPeriod":0}}`
}

const usual = `"pinAttempts":10,"verificationAttempts":1,"initiationAttempts":3,`

func get(answer string) talk {
	return talk{op: "getApplication", at: "GET /2fa/1/applications/" + app, status: 200, answer: answer}
}

func put(body, answer string) talk {
	return talk{op: "updateApplication", at: "PUT /2fa/1/applications/" + app, body: body, status: 200, answer: answer}
}

func message(at, id, words, sender string) talk {
	body := `"pinType":"NUMERIC","pinPlaceholder":"<pin>","messageText":"` + words + `","pinLength":4,"sender":"` + sender + `"`
	return talk{
		op: "createMessage", at: at, body: "{" + body + "}", status: 200,
		answer: `{"messageId":"` + id + `","applicationId":"` + app + `",` + body + "}",
	}
}
