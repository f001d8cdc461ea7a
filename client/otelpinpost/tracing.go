package otelpinpost

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/pinpost/pinpost/client"
)

// ScopeName is the name of the tracer.
const ScopeName = "github.com/pinpost/pinpost/client/otelpinpost"

// Option says where spans go, and how servers learn of them.
type Option func(*tracing)

// WithTracerProvider lets spans go to tp in place of the global provider (otel.SetTracerProvider); nil means that one.
func WithTracerProvider(tp trace.TracerProvider) Option {
	return func(t *tracing) {
		if tp != nil {
			t.provider = tp
		}
	}
}

// WithPropagator lets p write the span of each try to the headers of its request, in place of the global propagator
// (otel.SetTextMapPropagator); nil means that one. The global one writes nothing unless the program sets it.
// propagation.TraceContext writes the traceparent of W3C.
func WithPropagator(p propagation.TextMapPropagator) Option {
	return func(t *tracing) {
		if p != nil {
			t.propagator = p
		}
	}
}

// WithTracing is an option of client.New: each call and each of its tries is a span, and the server learns of it. Without
// options provider and propagator are the global ones, even if those are set later.
func WithTracing(options ...Option) client.Option {
	t := tracing{provider: otel.GetTracerProvider(), propagator: otel.GetTextMapPropagator()}
	for _, option := range options {
		if option != nil {
			option(&t)
		}
	}
	t.tracer = t.provider.Tracer(ScopeName, trace.WithSchemaURL(semconv.SchemaURL))
	return client.WithHook(client.Hook{Call: t.call, Try: t.try})
}

// operationKey is of our own: the conventions have no name for the operation of an OpenAPI document.
const operationKey = attribute.Key("pinpost.operation")

type tracing struct {
	provider   trace.TracerProvider
	propagator propagation.TextMapPropagator
	tracer     trace.Tracer
}

func (t tracing) call(ctx context.Context, info client.CallInfo) (context.Context, func(client.CallEnd)) {
	name := info.Operation
	if name == "" {
		name = spanName(info)
	}
	ctx, span := t.start(ctx, name, info, 0)
	return ctx, func(end client.CallEnd) {
		span.SetAttributes(resends(end.Tries - 1)...)
		finish(span, end.Status, end.Failure, end.Stopped)
	}
}

func (t tracing) try(
	ctx context.Context, info client.RequestInfo, header http.Header,
) (context.Context, func(client.ResponseInfo)) {
	ctx, span := t.start(ctx, spanName(info.CallInfo), info.CallInfo, info.Try-1)
	t.propagator.Inject(ctx, propagation.HeaderCarrier(header))
	return ctx, func(end client.ResponseInfo) { finish(span, end.Status, end.Failure, end.Stopped) }
}

func (t tracing) start(ctx context.Context, name string, info client.CallInfo, resent int) (context.Context, trace.Span) {
	attributes := append(resends(resent), methodOf(info.Method), semconv.ServerAddress(info.Host), semconv.ServerPort(info.Port))
	if info.Operation != "" {
		attributes = append(attributes, operationKey.String(info.Operation), semconv.URLTemplate(info.Path))
	}
	return t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
}

func finish(span trace.Span, status int, failure string, stopped error) {
	if status != 0 {
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
	}
	if kind := errorType(status, failure, stopped); kind != "" {
		span.SetAttributes(semconv.ErrorTypeKey.String(kind))
		span.SetStatus(codes.Error, "") // a text could tell secrets
	}
	span.End()
}

// errorType is empty for success.
func errorType(status int, failure string, stopped error) string {
	switch {
	case errors.Is(stopped, context.Canceled):
		return "canceled"
	case stopped != nil:
		return "timeout"
	case failure == client.FailureUnknown:
		return strconv.Itoa(status)
	}
	return failure
}

func resends(n int) []attribute.KeyValue {
	if n <= 0 {
		return nil
	}
	return []attribute.KeyValue{semconv.HTTPRequestResendCount(n)}
}

// methodOf keeps methods that nobody knows out of spans; Do takes any.
func methodOf(method string) attribute.KeyValue {
	switch method {
	case "":
		return semconv.HTTPRequestMethodGet
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return semconv.HTTPRequestMethodKey.String(method)
	}
	return semconv.HTTPRequestMethodOther
}

// spanName follows the conventions where a method or a path is unknown.
func spanName(info client.CallInfo) string {
	method := methodOf(info.Method)
	if method == semconv.HTTPRequestMethodOther {
		return "HTTP"
	}
	return strings.TrimSpace(method.Value.AsString() + " " + info.Path)
}
