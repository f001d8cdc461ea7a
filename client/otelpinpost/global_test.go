package otelpinpost_test

import (
	"net/http"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/otelpinpost"
)

// global sets the provider and the propagator of the program. Clients made before that take the first ones set.
var global = sync.OnceValue(func() *tracetest.InMemoryExporter {
	provider, kept := newProvider()
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return kept
})

// Serial, for the provider and the propagator are those of the whole program. They count even when they are set after the
// client was made, and what is nil means them.
func TestGlobal(t *testing.T) {
	var arrived string
	watch := network(func(req *http.Request) (*http.Response, error) {
		arrived = req.Header.Get("Traceparent")
		return answer(200, `[]`)(req)
	})
	var clients []*client.Client
	for _, options := range [][]otelpinpost.Option{nil, {nil, otelpinpost.WithTracerProvider(nil), otelpinpost.WithPropagator(nil)}} {
		c, err := client.New("localhost", client.WithAPIKey(key), client.WithHTTPClient(&http.Client{Transport: watch}),
			otelpinpost.WithTracing(options...))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.ListApplications(t.Context()); err != nil {
			t.Errorf("before there is a provider: %v", err)
		}
		clients = append(clients, c)
	}
	kept := global()
	for _, c := range clients {
		kept.Reset()
		arrived = ""
		if _, err := c.ListApplications(t.Context()); err != nil {
			t.Error(err)
		}
		if n := len(kept.GetSpans()); arrived == "" || n != 2 {
			t.Errorf("%d spans, traceparent %q; want 2 and one", n, arrived)
		}
	}
}
