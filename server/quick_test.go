package server

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/server/internal/gen"
)

// gated is a server like fuzzServer's, whose gates a test may change, or leave away by giving nil.
func gated(t testing.TB, change func(*gate) *gate) *Server {
	t.Helper()
	deps := fuzzServer(t).deps
	deps.PINs = cannedPIN{}
	return laid(deps, change, withoutShort)
}

// laid is a server whose operations are laid out as routeOperations does it, but with gates that a test may change, with what last gives
// before the generated code, and with answers that the test may change on their way out of it.
func laid(
	deps Deps, change func(*gate) *gate, last func(s *Server, operation string) []echo.MiddlewareFunc, answers ...gen.StrictMiddlewareFunc,
) *Server {
	s := &Server{deps: deps, echo: echo.New()}
	s.echo.HTTPErrorHandler, s.echo.JSONSerializer = s.writeError, serializer{}
	chains, made := map[string][]echo.MiddlewareFunc{}, newCheckers(deps.Log)
	for id, op := range spec.Operations(deps.Contract) {
		chain := []echo.MiddlewareFunc{enter(id)}
		g := change(newGate(deps.Contract, op, made))
		if g != nil {
			chain = append(chain, s.respond(g))
		}
		chain = append(chain, recovered, s.authenticate(schemesOf(op, s.globalSchemes())), s.enterWorld)
		if g != nil {
			chain = append(chain, g.request)
		}
		chain = append(chain, s.nameCursor(id), s.nameCursorAgain(id), s.strike(id))
		chains[id] = joined(append(chain, last(s, id)...)...)
	}
	gen.RegisterHandlersWithOptions(s.echo, gen.NewStrictHandler(desk{deps}, answers),
		gen.RegisterHandlersOptions{OperationMiddlewares: chains})
	return s
}

// cannedPIN sends to any number without a look at it, so that what is measured is the way there and back.
type cannedPIN struct{ onePIN }

func (cannedPIN) SendSMS(context.Context, pin.SendInput) (pin.SMSResult, error) {
	return pin.SMSResult{
		To: "41793026727", NCStatus: "NC_NOT_CONFIGURED", SMSStatus: "MESSAGE_SENT", PINID: "9C817C6F8AF3D48F9FE553282AFA2B67",
	}, nil
}

func withQuick(g *gate) *gate { return g }

func withoutQuick(g *gate) *gate {
	g.quick = quickGate{}
	return g
}

func withoutGate(*gate) *gate { return nil }

func withoutShort(*Server, string) []echo.MiddlewareFunc { return nil }

// TestQuick_whole wants a checker for every body, parameter and header of both contracts.
func TestQuick_whole(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	for _, load := range []func() (*openapi3.T, error){spec.Load, spec.LoadSandbox} {
		contract, err := load()
		if err != nil {
			t.Fatal(err)
		}
		made := newCheckers(slog.New(slog.NewTextHandler(&log, nil)))
		for id, op := range spec.Operations(contract) {
			g := newGate(contract, op, made)
			if (g.body == nil) != (g.quick.body == nil) {
				t.Errorf("%s: the body of the request is checked the slow way", id)
			}
			for i, parameter := range g.parameters {
				if g.quick.parameters[i] == nil {
					t.Errorf("%s: the parameter %s is checked the slow way", id, parameter.Name)
				}
			}
			if id != "streamCapturedMessages" && id != "getCapturedAudio" && g.quick.answers[http.StatusOK] == nil {
				t.Errorf("%s: answers are checked the slow way", id)
			}
		}
	}
	if log.Len() > 0 {
		t.Errorf("the log says %s", &log)
	}
}

// TestQuick_unknownKeyword has a keyword that the quick check does not know: the log says so once, and kin-openapi decides.
func TestQuick_unknownKeyword(t *testing.T) {
	t.Parallel()
	contract, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	one := uint64(1)
	contract.Components.Schemas["SmsPinResponse"].Value.MaxProps = &one
	var log bytes.Buffer
	made := newCheckers(slog.New(slog.NewTextHandler(&log, nil)))
	for _, id := range []string{"sendPinOverSms", "resendPinOverSms"} {
		g := newGate(contract, spec.Operations(contract)[id], made)
		if g.quick.answers[http.StatusOK] != nil || g.quick.answers[http.StatusBadRequest] == nil {
			t.Errorf("%s: one of the answers goes the wrong way", id)
		}
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "level=WARN") || !strings.Contains(text, "maxProperties") ||
		!strings.Contains(text, "SmsPinResponse") {
		t.Errorf("the log says %q", text)
	}
}

// TestQuick_answer wants an answer accepted for its status, its headers and its body together.
func TestQuick_answer(t *testing.T) {
	t.Parallel()
	contract, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(contract, spec.Operations(contract)["sendPinOverSms"], newCheckers(slog.New(slog.DiscardHandler))).quick
	const right = `{"to":"41793026727","ncStatus":"NC_NOT_CONFIGURED","smsStatus":"MESSAGE_SENT","pinId":"P"}`
	const refused = `{"requestError":{"serviceException":{"messageId":"THROTTLE_EXCEPTION","text":"x"}}}`
	for _, c := range []struct {
		name, headers, body string
		status              int
		want                bool
	}{
		{"right", "Content-Type:application/json Idempotency-Replayed:false", right, 200, true},
		{"a refusal", "Content-Type:application/json Retry-After:3", refused, 429, true},
		{"a status that is not declared", "Content-Type:application/json Idempotency-Replayed:false", right, 201, false},
		{"no status", "Content-Type:application/json Idempotency-Replayed:false", right, 0, false},
		{"the body of another status", "Content-Type:application/json Retry-After:3", right, 429, false},
		{"no media type", "Idempotency-Replayed:false", right, 200, false},
		{"another media type", "Content-Type:text/plain Idempotency-Replayed:false", right, 200, false},
		{"two media types", "Content-Type:application/json Content-Type:application/json Idempotency-Replayed:false", right, 200, false},
		{"no header", "Content-Type:application/json", right, 200, false},
		{"an empty header", "Content-Type:application/json Idempotency-Replayed:", right, 200, false},
		{"a wrong header", "Content-Type:application/json Idempotency-Replayed:1", right, 200, false},
		{"a header twice", "Content-Type:application/json Idempotency-Replayed:false Idempotency-Replayed:false", right, 200, false},
		{"a bound of a header", "Content-Type:application/json Retry-After:0", refused, 429, false},
		{"no body", "Content-Type:application/json Idempotency-Replayed:false", "", 200, false},
		{"a wrong body", "Content-Type:application/json Idempotency-Replayed:false", strings.Replace(right, "_SENT", "", 1), 200, false},
	} {
		header := http.Header{}
		for one := range strings.FieldsSeq(c.headers) {
			name, value, _ := strings.Cut(one, ":")
			header.Add(name, value)
		}
		if got := g.answer(c.status, header, []byte(c.body)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if (&quickGate{}).answer(200, http.Header{"Content-Type": {"application/json"}}, []byte(right)) {
		t.Error("the zero value accepts an answer")
	}
}

// TestQuick_nothingChanges sends requests through the gate with and without the quick check, and wants the same answers.
func TestQuick_nothingChanges(t *testing.T) {
	t.Parallel()
	with, without := gated(t, withQuick), gated(t, withoutQuick)
	for _, request := range []struct{ method, target, bodies string }{
		{"POST", "/2fa/1/pin?ncNeeded=false", `{"to":"41790013377","applicationId":"A","messageId":"B","from":null,"ncNeeded":null}
			{"to":"41790013377","applicationId":"A","messageId":"B"} {"to":null,"applicationId":"A","messageId":"B"} {"\u0074o":"41790013377","applicationId":"A","messageId":"B"}
			{"to":"41790013377","\u0074o":"41790013377","applicationId":"A","messageId":"B"} null {} [] {"to":"4179001337\u0037","applicationId":"A","messageId":"B"}`},
		{"POST", "/2fa/1/pin?ncNeeded=TRUE", `{"to":"41790013377","applicationId":"A","messageId":"B"}`},
		{"POST", "/2fa/1/pin/P/resend", `{} null {"x":null} {"x":1} []`},
		{"POST", "/2fa/1/pin/%50/resend", `{}`},
		{"POST", "/2fa/1/pin/P/verify", `{"pin":"1598"} {"pin":""} {"pin":1598} {"pin":"1598","x":null}`},
		{"PUT", "/2fa/1/applications/A", `{"name":null,"configuration":{"pinAttempts":null,"pinTimeToLive":9e5}} {"configuration":null} {"configuration":{"pinAttempts":4.0}}
			{"configuration":{"pinAttempts":2147483648}} {"configuration":{"pinAttempts":-0}} {"name":"n","enabled":true,"configuration":{"pinAttempts":5}}`},
		{"PUT", "/2fa/1/applications/A/messages/M", `{"pinType":null,"pinLength":4} {"pinType":"HEX"} {"pinType":"hex"} {"messageText":"\u003c\ud83d\udd11#"}`},
		{"GET", "/2fa/1/applications/A", ` `},
		{"GET", "/2fa/1/applications/%2F?x=%zz", ` `},
	} {
		for body := range strings.FieldsSeq(request.bodies + " ") {
			compare(t, with, without, request.method, request.target, body)
		}
		compare(t, with, without, request.method, request.target, "")
	}
}

func compare(t *testing.T, with, without http.Handler, method, target, body string) {
	t.Helper()
	var answers [2]string
	for i, handler := range []http.Handler{with, without} {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "App the-key")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		result := w.Result()
		result.Header.Del(echo.HeaderXRequestID)
		var answer bytes.Buffer
		_ = result.Write(&answer)
		answers[i] = answer.String()
	}
	if answers[0] != answers[1] {
		t.Errorf("%s %s %s: got\n%s\nwant\n%s", method, target, body, answers[0], answers[1])
	}
}

// call is a request that is made many times, at no more cost than a few bytes.
type call struct {
	request *http.Request
	body    string
}

var calls = map[string]call{
	"sendPinOverSms": newCall(http.MethodPost, "/2fa/1/pin",
		`{"to":"41793026727","applicationId":"8F0792F86035A9F4290821F1EE6BC06A","messageId":"F66D67327326FCCB027BEAA916B94542"}`),
	"getApplication": newCall(http.MethodGet, "/2fa/1/applications/8F0792F86035A9F4290821F1EE6BC06A", ""),
}

func newCall(method, target, body string) call {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Authorization", "App the-key")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return call{r, body}
}

// discard is where answers go that nobody reads.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
func (c call) through(h http.Handler, d discard) {
	r := *c.request
	if c.body != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(c.body)), int64(len(c.body))
	}
	clear(d.header)
	h.ServeHTTP(d, &r)
}
