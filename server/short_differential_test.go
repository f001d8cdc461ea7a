package server

import (
	"bufio"
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/server/internal/gen"
)

// TestShort_as_generated makes the same requests of two servers: one as it is, and one that has neither the quick check nor the short ways,
// and answers by the generated code. Callers, rules, the log and the metrics must see no difference.
func TestShort_as_generated(t *testing.T) {
	t.Parallel()
	const seed = 1
	requests := 8_000
	if raced {
		requests = 2_000
	}
	deps, taken := fuzzServer(t).deps, map[string]int{}
	var pairs [][2]*watched
	for _, mode := range []ResponseValidation{ResponsesFail, ResponsesLog, ResponsesOff} {
		deps.ValidateResponses = mode
		pairs = append(pairs, [2]*watched{
			watch(deps, func(d Deps) *Server { return laid(d, withQuick, withShort(taken)) }),
			watch(deps, func(d Deps) *Server { return laid(d, withoutQuick, withoutShort, generatedAnswers) }),
		})
	}
	caller := &stranger{Rand: rand.New(rand.NewPCG(seed, 1))}
	for i := range requests {
		request, pair := caller.request(), oneOf(caller, pairs...)
		if got, want := pair[0].outcome(request), pair[1].outcome(request); got != want {
			t.Fatalf("seed %d, request %d with answers checked as %q:\n%q\nthe short way:\n%s\nthe long way:\n%s",
				seed, i, pair[0].deps.ValidateResponses, request, got, want)
		}
	}
	for operation := range shortWays {
		if taken[operation] < requests/10 {
			t.Errorf("seed %d: %s went the short way %d times, want %d in %d requests",
				seed, operation, taken[operation], requests/10, requests)
		}
	}
}

// withShort puts the short way where routeOperations has it, and counts who takes it.
func withShort(taken map[string]int) func(*Server, string) []echo.MiddlewareFunc {
	return func(s *Server, operation string) []echo.MiddlewareFunc {
		count := func(by int) echo.MiddlewareFunc {
			return func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c echo.Context) error {
					taken[operation] += by
					return next(c)
				}
			}
		}
		return []echo.MiddlewareFunc{count(1), s.short(operation), count(-1)}
	}
}

// generatedAnswers puts the answers of the generated code in the place of those that we write.
func generatedAnswers(next gen.StrictHandlerFunc, operation string) gen.StrictHandlerFunc {
	return func(c echo.Context, request any) (any, error) {
		answer, err := next(c, request)
		switch a := answer.(type) {
		case applicationAnswer:
			if operation == "GetApplication" {
				return gen.GetApplication200JSONResponse{OneApplicationJSONResponse: gen.OneApplicationJSONResponse(a)}, err
			}
		case smsAnswer:
			sent := gen.SentOverSmsJSONResponse{Body: a.body, Headers: gen.SentOverSmsResponseHeaders{IdempotencyReplayed: a.repeated}}
			if operation == "SendPinOverSms" {
				return gen.SendPinOverSms200JSONResponse{SentOverSmsJSONResponse: sent}, err
			}
			return gen.ResendPinOverSms200JSONResponse{SentOverSmsJSONResponse: sent}, err
		case verifyAnswer:
			return gen.VerifyPin200JSONResponse(a), err
		}
		return answer, err
	}
}

// watched is a server that writes down, in the order in which it happens, what rules are asked, what is counted and what is logged.
type watched struct {
	*Server
	seen *bytes.Buffer
}

func watch(deps Deps, lay func(Deps) *Server) *watched {
	var seen bytes.Buffer
	deps.PINs, deps.Applications, deps.Metrics = moodyPINs{deps.PINs, &seen}, moodyApplications{deps.Applications, &seen}, counted{&seen}
	deps.Log = observe.NewLogger(&seen, slog.LevelDebug, true)
	return &watched{lay(deps), &seen}
}

// passing is what no two requests have alike: times, ids, and the stack of a panic.
var passing = regexp.MustCompile(`"time":"[^"]*"|"took":\d+|"request_id":"[^"]*"|\\ngoroutine (\\.|[^"\\])*`)

// outcome is all that comes of a request, which is nothing where it cannot be read as HTTP.
func (w *watched) outcome(request string) string {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request)))
	if err != nil {
		return ""
	}
	w.seen.Reset()
	recorder := httptest.NewRecorder()
	w.ServeHTTP(recorder, r)
	header := recorder.Result().Header
	header.Del(echo.HeaderXRequestID)
	var text strings.Builder
	fmt.Fprintln(&text, recorder.Code)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		fmt.Fprintf(&text, "%s: %q\n", name, header[name])
	}
	fmt.Fprintf(&text, "%s\n%s", recorder.Body, passing.ReplaceAll(w.seen.Bytes(), nil))
	return text.String()
}

// counted writes down what is counted.
type counted struct{ seen *bytes.Buffer }

func (c counted) Request(operation string, status int, _ time.Duration) {
	fmt.Fprintln(c.seen, "counted", operation, status)
}

func (c counted) Violation(operation string) { fmt.Fprintln(c.seen, "violation", operation) }

func (counted) Handler() http.Handler { return http.NotFoundHandler() }
