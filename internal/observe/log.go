// Package observe is what operators see of the service: logs and metrics. Neither shows a PIN, a key or a whole phone
// number.
package observe

import (
	"context"
	"errors"
	"io"
	"log/slog"
)

// Request is what a log line says of the request that it is written for; what is empty is left out. Both are words of ours, and
// are not masked.
type Request struct{ ID, Operation string }

// RequestKey is where a context holds the *Request of the log lines that are written with it. A context may answer to it
// by itself, instead of being wrapped once more.
type RequestKey struct{}

// WithRequest makes every log line written with the context name the request.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, RequestKey{}, r)
}

// NewLogger writes structured lines, as JSON or as text for a person, and masks what looks like a key or a phone number
// wherever it stands. The mask is a second net: callers do not log these in the first place.
func NewLogger(to io.Writer, level slog.Level, json bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	batch, _ := to.(*Batch)
	if json {
		return slog.New(maskingHandler{slog.NewJSONHandler(to, options), batch})
	}
	return slog.New(maskingHandler{slog.NewTextHandler(to, options), batch})
}

// maskingHandler masks a line, and adds what the context knows of the request. slog's own way, ReplaceAttr, would take the
// handler's slow path for everything, the time and the level too.
type maskingHandler struct {
	slog.Handler
	batch *Batch // what the lines are written to; nil for another writer
}

// Handle writes one line.
func (h maskingHandler) Handle(ctx context.Context, r slog.Record) error {
	if !plain(r) {
		r = maskRecord(r)
	}
	r.Time = r.Time.UTC()
	of, asked := ctx.Value(RequestKey{}).(*Request)
	if asked {
		if of.ID != "" {
			r.AddAttrs(slog.String("request_id", of.ID))
		}
		if of.Operation != "" {
			r.AddAttrs(slog.String("operation", of.Operation))
		}
	}
	err := h.Handler.Handle(ctx, r)
	if h.batch != nil && (!asked || r.Level >= slog.LevelWarn) {
		err = errors.Join(err, h.batch.Flush())
	}
	return err
}

// WithAttrs keeps the wrapping.
func (h maskingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return maskingHandler{h.Handler.WithAttrs(masked(attrs)), h.batch}
}

// WithGroup keeps the wrapping.
func (h maskingHandler) WithGroup(name string) slog.Handler {
	return maskingHandler{h.Handler.WithGroup(name), h.batch}
}
