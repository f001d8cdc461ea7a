package otelpinpost_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/otelpinpost"
	"github.com/pinpost/pinpost/client/sandbox"
	"github.com/pinpost/pinpost/pinposttest"
)

// Many calls at once, of the API and of the sandbox, against the service itself: each try is below its own call, the server
// learns of each, and no span tells a secret.
func TestSpans_of_the_service(t *testing.T) {
	t.Parallel()
	srv := pinposttest.New(t)
	provider, kept := newProvider()
	var mu sync.Mutex
	parents := map[string]bool{} // of requests, by traceparent
	arrive := network(func(req *http.Request) (*http.Response, error) {
		mu.Lock()
		parents[req.Header.Get("Traceparent")] = true
		mu.Unlock()
		return http.DefaultTransport.RoundTrip(req)
	})
	c, err := client.New(srv.URL, client.WithAPIKey(srv.Key), client.WithHTTPClient(&http.Client{Transport: arrive}),
		otelpinpost.WithTracing(otelpinpost.WithTracerProvider(provider), otelpinpost.WithPropagator(propagation.TraceContext{})))
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{srv.Key, srv.ApplicationID, srv.MessageID}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			ctx, box := t.Context(), sandbox.New(c)
			sent, err := c.SendPIN(ctx, api.SendPinOverSmsRequest{To: "33639980012", ApplicationID: srv.ApplicationID, MessageID: srv.MessageID})
			if err != nil {
				t.Error(err)
				return
			}
			captured, err := box.Wait(ctx, sandbox.WaitFilter{PINID: sent.PinID, To: "33639980012"}, 0)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			secrets = append(secrets, sent.PinID, captured.ID, captured.Pin, "33639980012")
			mu.Unlock()
			for _, typed := range []string{"wrong", captured.Pin} {
				if _, err := c.VerifyPIN(ctx, sent.PinID, typed); err != nil {
					t.Error(err)
				}
			}
			_, err = c.ListVerifications(ctx, srv.ApplicationID, client.VerificationFilter{Msisdn: new("33639980012")})
			_, unknown := c.PINStatus(ctx, "F00D")
			if err != nil || !client.IsNotFound(unknown) {
				t.Error(err, unknown)
			}
		})
	}
	all.Wait()
	spans := kept.GetSpans()
	calls, names := map[trace.SpanID]tracetest.SpanStub{}, map[string]int{}
	for _, span := range spans {
		if !span.Parent.IsValid() {
			calls[span.SpanContext.SpanID()] = span
			names[span.Name]++
		}
	}
	if want := map[string]int{
		"sendPinOverSms": 8, "waitForCapturedMessage": 8, "verifyPin": 16, "listVerifications": 8, "getPinStatus": 8,
	}; !maps.Equal(names, want) {
		t.Errorf("calls %v, want %v", names, want)
	}
	for _, span := range spans {
		if !span.Parent.IsValid() {
			continue
		}
		call := calls[span.Parent.SpanID()]
		if call.SpanContext.TraceID() != span.SpanContext.TraceID() || attributesOf(call)["pinpost.operation"] != attributesOf(span)["pinpost.operation"] {
			t.Errorf("%s is below %s", span.Name, call.Name)
		}
		if !parents["00-"+span.SpanContext.TraceID().String()+"-"+span.SpanContext.SpanID().String()+"-01"] {
			t.Errorf("the server did not learn of %s", span.Name)
		}
	}
	checkSecrets(t, spans, secrets)
}

// checkSecrets looks at everything a span has but its times and its own ids, which are random.
func checkSecrets(t *testing.T, spans tracetest.SpanStubs, secrets []string) {
	t.Helper()
	for _, span := range spans {
		if span.SpanContext.TraceState().Len()+len(span.Links) > 0 {
			t.Errorf("%s has trace state %v, links %v", span.Name, span.SpanContext.TraceState(), span.Links)
		}
		span.SpanContext, span.Parent, span.StartTime, span.EndTime = trace.SpanContext{}, trace.SpanContext{}, time.Time{}, time.Time{}
		span.Attributes = slices.DeleteFunc(slices.Clone(span.Attributes), func(a attribute.KeyValue) bool { return a.Key == "server.port" })
		text, err := json.Marshal(span)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s tells %q: %s", span.Name, secret, text)
			}
		}
	}
}

// A server that sends everything back tells nothing to a span.
func TestSpans_tell_no_secrets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		echo := func(req *http.Request) string {
			body, _ := io.ReadAll(req.Body)
			return req.URL.String() + string(body) + req.Header.Get("Authorization") + key + pin + phone
		}
		for name, n := range map[string]network{
			"error text": func(req *http.Request) (*http.Response, error) { return nil, errors.New(echo(req)) },
			"body":       func(req *http.Request) (*http.Response, error) { return answer(500, echo(req))(req) },
			"kind": func(req *http.Request) (*http.Response, error) {
				kind, _ := json.Marshal(map[string]any{"requestError": map[string]any{"serviceException": map[string]any{"messageId": echo(req), "text": phone}}})
				return answer(400, string(kind), "X-Request-Id", phone, "Location", phone, "Server", key)(req)
			},
			"success": func(req *http.Request) (*http.Response, error) { return answer(200, echo(req))(req) },
		} {
			c, kept := newClient(t, func(req *http.Request) (*http.Response, error) {
				if req.Body == nil {
					req.Body = http.NoBody
				}
				return n(req)
			})
			ctx, box := t.Context(), sandbox.New(c)
			_, _ = c.SendPIN(ctx, api.SendPinOverSmsRequest{To: phone, ApplicationID: appID, MessageID: "M"}, client.WithIdempotencyKey(pin))
			_, _ = c.ResendPINByVoice(ctx, pinID)
			_, _ = c.VerifyPIN(ctx, pinID, pin)
			_, _ = c.GetApplication(ctx, phone)
			_, _ = c.ListVerifications(ctx, appID, client.VerificationFilter{Msisdn: new(phone)})
			_, _ = box.Wait(ctx, sandbox.WaitFilter{To: phone, PINID: pinID}, time.Second)
			_, _ = box.Follow(ctx, sandbox.FollowFilter{To: phone})
			spans := kept.GetSpans()
			if len(spans) < 14 {
				t.Errorf("%s: %d spans", name, len(spans))
			}
			checkSecrets(t, spans, []string{key, pin, phone, pinID, appID, "?"})
		}
	})
}
