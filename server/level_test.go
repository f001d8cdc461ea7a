package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/pinpost/pinpost/internal/fault"
)

// TestLevel wants faults that strangers can bring about to be warnings, however deep the failure is wrapped.
func TestLevel(t *testing.T) {
	t.Parallel()
	left, leave := context.WithCancel(t.Context())
	leave()
	gone, away := fault.Unavailablef(nil, "What this needs was removed"), fault.Unavailablef(errors.New("disk"), "The store does not answer")
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		want slog.Level
	}{
		"without a cause":               {t.Context(), gone, slog.LevelWarn},
		"without a cause, wrapped":      {t.Context(), fmt.Errorf("create key: %w", gone), slog.LevelWarn},
		"with a cause":                  {t.Context(), away, slog.LevelError},
		"with a cause, wrapped":         {t.Context(), fmt.Errorf("create key: %w", away), slog.LevelError},
		"nobody's":                      {t.Context(), errors.New("odd"), slog.LevelError},
		"with a cause, its caller left": {left, away, slog.LevelWarn},
	} {
		if got := failureOf(c.err).level(c.ctx); got != c.want {
			t.Errorf("a failure %s is logged as %s, want %s", name, got, c.want)
		}
	}
}
