package client

import (
	"context"
	"errors"
	"log/slog"
)

// WithLogger logs each try at level debug, and at level warn that another one follows. It is a hook, and so logs what
// hooks are told, apart from the headers.
func WithLogger(to *slog.Logger) Option {
	return func(s *settings) error {
		if to == nil {
			return errors.New("logger is nil")
		}
		return WithHook(Hook{Response: func(ctx context.Context, info ResponseInfo) { logTry(ctx, to, info) }})(s)
	}
}

func logTry(ctx context.Context, to *slog.Logger, info ResponseInfo) {
	to.LogAttrs(ctx, slog.LevelDebug, "called pinpost",
		slog.String("operation", info.Request.Operation), slog.String("method", info.Request.Method),
		slog.String("path", info.Request.Path), slog.Int("try", info.Request.Try), slog.Int("status", info.Status),
		slog.Duration("took", info.Duration), slog.String("request_id", info.RequestID),
		slog.String("failure", info.Failure))
	if info.Retry {
		to.LogAttrs(ctx, slog.LevelWarn, "calling pinpost again",
			slog.String("operation", info.Request.Operation), slog.Int("try", info.Request.Try+1),
			slog.Int("status", info.Status), slog.String("failure", info.Failure), slog.Duration("after", info.Delay),
			slog.String("request_id", info.RequestID))
	}
}
