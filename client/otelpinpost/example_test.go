package otelpinpost_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/otelpinpost"
)

// The spans of one call, which the server learns of. Programs that set the global provider and propagator need no options.
func ExampleWithTracing() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("traceparent arrived:", r.Header.Get("Traceparent") != "")
		_, _ = io.WriteString(w, `{"pinId": "9C81", "verified": true, "attemptsRemaining": 0}`)
	}))
	defer server.Close()
	spans := tracetest.NewInMemoryExporter() // that of your backend
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))

	c, err := client.New(server.URL, client.WithAPIKey("003026bb-8f4b3d9a"), otelpinpost.WithTracing(
		otelpinpost.WithTracerProvider(provider),
		otelpinpost.WithPropagator(propagation.TraceContext{}),
	))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.VerifyPIN(context.Background(), "9C81", "1598"); err != nil {
		log.Fatal(err)
	}

	for _, span := range spans.GetSpans() {
		fmt.Printf("%s (%v)\n", span.Name, span.SpanKind)
	}
	// Output:
	// traceparent arrived: true
	// POST /2fa/1/pin/{pinId}/verify (client)
	// verifyPin (client)
}
