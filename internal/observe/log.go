// Package observe writes the log that operators see of the service. It shows no PIN, no key and no whole phone number.
package observe

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
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
	if !json {
		return slog.New(&maskingHandler{Handler: slog.NewTextHandler(to, options), batch: batch})
	}
	if batch == nil {
		to = &inTurn{to: to}
	}
	return slog.New(&maskingHandler{slog.NewJSONHandler(to, options), batch, to})
}

// inTurn makes writes come one after the other.
type inTurn struct {
	mu sync.Mutex
	to io.Writer
}

// Write waits for its turn.
func (w *inTurn) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// maskingHandler masks a line, and adds what the context knows of the request. slog's own way, ReplaceAttr, would take the
// handler's slow path for everything, the time and the level too.
type maskingHandler struct {
	slog.Handler
	batch *Batch    // what the lines are written to; nil for another writer
	plain io.Writer // for lines that slog has no part in; nil where lines are no JSON, or all have attributes or a group
}

// Handle writes one line.
func (h *maskingHandler) Handle(ctx context.Context, r slog.Record) error {
	line := maskRecord(r)
	of, asked := ctx.Value(RequestKey{}).(*Request)
	if asked {
		if of.ID != "" {
			line.AddAttrs(slog.String("request_id", of.ID))
		}
		if of.Operation != "" {
			line.AddAttrs(slog.String("operation", of.Operation))
		}
	}
	return h.written(r.Level, asked, h.Handler.Handle(ctx, line))
}

// written follows a line: what may not wait is written out.
func (h *maskingHandler) written(level slog.Level, ofRequest bool, err error) error {
	if h.batch != nil && (!ofRequest || level >= slog.LevelWarn) {
		return errors.Join(err, h.batch.Flush())
	}
	return err
}

// WithAttrs keeps the wrapping.
func (h *maskingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &maskingHandler{Handler: h.Handler.WithAttrs(masked(attrs)), batch: h.batch}
}

// WithGroup keeps the wrapping.
func (h *maskingHandler) WithGroup(name string) slog.Handler {
	return &maskingHandler{Handler: h.Handler.WithGroup(name), batch: h.batch}
}
