package otelpinpost_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/otelpinpost"
)

// What no span may tell.
const (
	key   = "003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9"
	pin   = "73915"
	phone = "41793026727"
	pinID = "9C817C6F8AF3D48F9FE553282AFA2B67"
	appID = "HJ675435E3A6EA43432G5F37A635KJ8B"
)

// network answers in place of a server.
type network func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(req *http.Request) (*http.Response, error) { return n(req) }

func answer(status int, body string, header ...string) network {
	return func(*http.Request) (*http.Response, error) {
		resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
		for i := 0; i < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	}
}

func fail(err error) network {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// hang answers when nobody waits any more.
func hang(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func inTurn(all ...network) network {
	return func(req *http.Request) (*http.Response, error) {
		next := all[0]
		if len(all) > 1 {
			all = all[1:]
		}
		return next(req)
	}
}

// newProvider keeps all spans.
func newProvider() (*sdktrace.TracerProvider, *tracetest.InMemoryExporter) {
	kept := tracetest.NewInMemoryExporter()
	return sdktrace.NewTracerProvider(sdktrace.WithSyncer(kept), sdktrace.WithResource(resource.Empty())), kept
}

func newClient(t *testing.T, n network, options ...client.Option) (*client.Client, *tracetest.InMemoryExporter) {
	t.Helper()
	provider, kept := newProvider()
	c, err := client.New("https://pin.example.com/base", append([]client.Option{
		client.WithAPIKey(key), client.WithHTTPClient(&http.Client{Transport: n}),
		otelpinpost.WithTracing(otelpinpost.WithTracerProvider(provider), otelpinpost.WithPropagator(propagation.TraceContext{})),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c, kept
}

type attributes map[string]any

func attributesOf(span tracetest.SpanStub) attributes {
	got := attributes{}
	for _, a := range span.Attributes {
		got[string(a.Key)] = a.Value.AsInterface()
	}
	return got
}

// check wants a span to be as said, and of kind client.
func check(t *testing.T, span tracetest.SpanStub, name string, status codes.Code, want attributes) {
	t.Helper()
	if span.Name != name || span.SpanKind != trace.SpanKindClient || span.Status != (sdktrace.Status{Code: status}) {
		t.Errorf("span %q, %v, %+v; want %q, client, %v", span.Name, span.SpanKind, span.Status, name, status)
	}
	if got := attributesOf(span); !maps.Equal(got, want) {
		t.Errorf("%s has %v, want %v", name, got, want)
	}
	if len(span.Events)+len(span.Links) > 0 {
		t.Errorf("%s has events %v, links %v", name, span.Events, span.Links)
	}
}

// with gives attributes that all spans of an operation have, and more.
func with(operation, method, path string, more attributes) attributes {
	all := attributes{
		"pinpost.operation": operation, "http.request.method": method, "url.template": path,
		"server.address": "pin.example.com", "server.port": int64(443),
	}
	maps.Copy(all, more)
	return all
}

func TestSpans_of_a_call(t *testing.T) {
	t.Parallel()
	c, kept := newClient(t, answer(200, `{"pinId":"`+pinID+`","to":"`+phone+`"}`))
	if _, err := c.SendPIN(t.Context(), api.SendPinOverSmsRequest{To: phone, ApplicationID: appID, MessageID: "M"}); err != nil {
		t.Fatal(err)
	}
	spans := kept.GetSpans()
	if len(spans) != 2 {
		t.Fatalf("%d spans, want 2", len(spans))
	}
	want := with("sendPinOverSms", "POST", "/2fa/1/pin", attributes{"http.response.status_code": int64(200)})
	try, call := spans[0], spans[1]
	check(t, try, "POST /2fa/1/pin", codes.Unset, want)
	check(t, call, "sendPinOverSms", codes.Unset, want)
	if try.Parent.SpanID() != call.SpanContext.SpanID() || call.Parent.IsValid() {
		t.Errorf("the try is below %v, the call %v is below %v", try.Parent.SpanID(), call.SpanContext.SpanID(), call.Parent.SpanID())
	}
	if scope := call.InstrumentationScope; scope.Name != otelpinpost.ScopeName || scope.SchemaURL == "" {
		t.Errorf("scope %+v", scope)
	}
}

func TestSpans_of_retries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		turns := inTurn(answer(503, "", "Retry-After", "7"), fail(io.ErrUnexpectedEOF), answer(200, `[]`))
		c, kept := newClient(t, func(req *http.Request) (*http.Response, error) {
			seen = append(seen, req.Header.Get("Traceparent"))
			return turns(req)
		})
		if _, err := c.ListMessages(t.Context(), appID); err != nil {
			t.Fatal(err)
		}
		spans := kept.GetSpans()
		if len(spans) != 4 {
			t.Fatalf("%d spans, want 4", len(spans))
		}
		const path = "/2fa/1/applications/{applicationId}/messages"
		of := func(more attributes) attributes { return with("listMessages", "GET", path, more) }
		check(t, spans[0], "GET "+path, codes.Error, of(attributes{"http.response.status_code": int64(503), "error.type": "503"}))
		check(t, spans[1], "GET "+path, codes.Error, of(attributes{"http.request.resend_count": int64(1), "error.type": "NO_ANSWER"}))
		check(t, spans[2], "GET "+path, codes.Unset, of(attributes{
			"http.request.resend_count": int64(2), "http.response.status_code": int64(200),
		}))
		call := spans[3]
		check(t, call, "listMessages", codes.Unset, of(attributes{
			"http.request.resend_count": int64(2), "http.response.status_code": int64(200),
		}))
		for i, try := range spans[:3] {
			if try.Parent.SpanID() != call.SpanContext.SpanID() {
				t.Errorf("try %d is not below the call", i+1)
			}
			if want := "00-" + call.SpanContext.TraceID().String() + "-" + try.SpanContext.SpanID().String() + "-01"; seen[i] != want {
				t.Errorf("try %d: the server got traceparent %q, want %q", i+1, seen[i], want)
			}
		}
		if waited := call.EndTime.Sub(call.StartTime); waited < 7*time.Second+750*time.Millisecond {
			t.Errorf("the call took %v, which leaves out its waits", waited)
		}
	})
}

// Calls end in many ways; error.type says how.
func TestSpans_error_type(t *testing.T) {
	t.Parallel()
	refusal := func(kind string) string {
		return `{"requestError":{"serviceException":{"messageId":"` + kind + `","text":"` + phone + `"}}}`
	}
	for name, tt := range map[string]struct {
		answer    network
		status    int64 // 0: none
		try, call string
	}{
		"verified":     {answer(200, `{"pinId":"P","verified":true}`), 200, "", ""},
		"not verified": {answer(200, `{"pinId":"P","verified":false,"pinError":"WRONG_PIN","attemptsRemaining":2}`), 200, "", ""},
		"refused":      {answer(404, refusal("RESOURCE_NOT_FOUND")), 404, "RESOURCE_NOT_FOUND", "RESOURCE_NOT_FOUND"},
		"other kind":   {answer(400, refusal(phone)), 400, "400", "400"},
		"proxy":        {answer(502, "<p>"+pin), 502, "502", "502"},
		"limit":        {answer(429, refusal("THROTTLE_EXCEPTION"), "Retry-After", "3600"), 429, "THROTTLE_EXCEPTION", "THROTTLE_EXCEPTION"},
		"unreadable":   {answer(200, "<p>"+pin), 200, "", "ANSWER_UNREADABLE"},
		"torn": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(iotest.ErrReader(errors.New(phone)))}, nil
		}, 200, "ANSWER_BROKEN", "ANSWER_BROKEN"},
		"cut":      {fail(errors.New(phone)), 0, "NO_ANSWER", "NO_ANSWER"},
		"timeout":  {hang, 0, "timeout", "timeout"},
		"canceled": {fail(context.Canceled), 0, "canceled", "canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, kept := newClient(t, tt.answer)
				_, err := c.VerifyPIN(t.Context(), pinID, pin)
				spans := kept.GetSpans()
				if len(spans) != 2 || (err != nil) != (tt.call != "") {
					t.Fatalf("%d spans, error %v", len(spans), err)
				}
				for i, kind := range []string{tt.try, tt.call} {
					want, status := attributes{}, codes.Unset
					if tt.status != 0 {
						want["http.response.status_code"] = tt.status
					}
					if kind != "" {
						want["error.type"], status = kind, codes.Error
					}
					const path = "/2fa/1/pin/{pinId}/verify"
					check(t, spans[i], []string{"POST " + path, "verifyPin"}[i], status, with("verifyPin", "POST", path, want))
				}
			})
		})
	}
}

// A caller who leaves while the client waits to try again: the try was refused, and the call was canceled.
func TestSpans_canceled_between_tries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, kept := newClient(t, answer(503, "", "Retry-After", "20"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		if _, err := c.PINStatus(ctx, pinID); !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v", err)
		}
		spans := kept.GetSpans()
		if len(spans) != 2 {
			t.Fatalf("%d spans, want 2", len(spans))
		}
		for i, want := range []string{"503", "canceled"} {
			if got := attributesOf(spans[i])["error.type"]; got != want || spans[i].Status.Code != codes.Error {
				t.Errorf("%s: error type %v, status %+v, want %s", spans[i].Name, got, spans[i].Status, want)
			}
		}
	})
}

// The call of a caller who has a span is below it, in the same trace, even where that one is not recorded.
func TestSpans_parent(t *testing.T) {
	t.Parallel()
	var got string
	c, kept := newClient(t, func(req *http.Request) (*http.Response, error) {
		got = req.Header.Get("Traceparent")
		return answer(200, `[]`)(req)
	})
	for flags, wantSpans := range map[trace.TraceFlags]int{trace.FlagsSampled: 2, 0: 0} {
		kept.Reset()
		parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: flags, Remote: true})
		if _, err := c.ListApplications(trace.ContextWithSpanContext(t.Context(), parent)); err != nil {
			t.Fatal(err)
		}
		spans := kept.GetSpans()
		if len(spans) != wantSpans || !strings.HasPrefix(got, "00-"+parent.TraceID().String()+"-") || !strings.HasSuffix(got, "-"+flags.String()) {
			t.Errorf("flags %s: %d spans, traceparent %q", flags, len(spans), got)
		}
		if len(spans) == 2 && spans[1].Parent.SpanID() != parent.SpanID() {
			t.Errorf("the call is below %v", spans[1].Parent.SpanID())
		}
	}
}

// Paths of no contract, and methods that nobody knows, stay out of spans; the span of Do lasts until the body is closed.
func TestSpans_of_Do(t *testing.T) {
	t.Parallel()
	c, kept := newClient(t, answer(200, "anything"))
	for method, want := range map[string]struct{ name, method string }{
		"GET": {"GET", "GET"}, "": {"GET", "GET"}, "X" + pin: {"HTTP", "_OTHER"},
	} {
		kept.Reset()
		req, err := http.NewRequestWithContext(t.Context(), method, "/other/"+phone+"?pin="+pin, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Method = method
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(kept.GetSpans()); n != 1 {
			t.Errorf("%d spans before the body is closed, want that of the try", n)
		}
		_ = resp.Body.Close()
		for _, span := range kept.GetSpans() {
			check(t, span, want.name, codes.Unset, attributes{
				"http.request.method": want.method, "server.address": "pin.example.com", "server.port": int64(443),
				"http.response.status_code": int64(200),
			})
		}
		if n := len(kept.GetSpans()); n != 2 {
			t.Errorf("%d spans, want 2", n)
		}
	}
}
