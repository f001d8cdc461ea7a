// Package observe is what operators see of the service: logs and metrics. Neither shows a PIN, a key or a whole phone
// number.
package observe

import (
	"context"
	"io"
	"log/slog"
	"regexp"
	"strings"
)

type contextKey int

const (
	requestIDKey contextKey = iota
	operationKey
)

// WithRequestID makes every log line written with the context name the request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey, id)
}

// WithOperation makes every log line written with the context name the operation.
func WithOperation(ctx context.Context, operation string) context.Context {
	return context.WithValue(ctx, operationKey, operation)
}

// NewLogger writes structured lines, as JSON or as text for a person, and masks what looks like a key or a phone number
// wherever it stands. The mask is a second net: callers do not log these in the first place.
func NewLogger(to io.Writer, level slog.Level, json bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: mask}
	if json {
		return slog.New(contextHandler{slog.NewJSONHandler(to, options)})
	}
	return slog.New(contextHandler{slog.NewTextHandler(to, options)})
}

// contextHandler adds what the context knows of the request.
type contextHandler struct{ slog.Handler }

// Handle writes one line.
func (h contextHandler) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(requestIDKey).(string); ok {
		r.AddAttrs(slog.String("request_id", id))
	}
	if operation, ok := ctx.Value(operationKey).(string); ok {
		r.AddAttrs(slog.String("operation", operation))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the wrapping.
func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the wrapping.
func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}

var (
	keyPattern   = regexp.MustCompile(`[0-9a-fA-F]{32}-[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}`)
	phonePattern = regexp.MustCompile(`\b\d{7,15}\b`)
)

// mask hides keys and long runs of digits in texts. Numbers and durations are left alone.
func mask(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindTime:
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	case slog.KindString:
		a.Value = slog.StringValue(Mask(a.Value.String()))
	case slog.KindAny:
		if a.Value.Any() == nil {
			return slog.Attr{} // says nothing, as of an error that was none
		}
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(Mask(err.Error()))
		}
	}
	return a
}

// Mask hides what looks like a key or a phone number.
func Mask(text string) string {
	text = keyPattern.ReplaceAllString(text, "[key]")
	return phonePattern.ReplaceAllStringFunc(text, func(digits string) string {
		return digits[:2] + strings.Repeat("*", len(digits)-4) + digits[len(digits)-2:]
	})
}
