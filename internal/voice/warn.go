package voice

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// warnEvery is how often the log says that messages are not said in their own words.
const warnEvery = time.Minute

// warner tells the operator of a speech program that does not work, but not once for every call.
type warner struct {
	now func() time.Time
	log *slog.Logger

	mu   sync.Mutex
	last time.Time
	held int // calls since then
}

// tell writes a line, or counts one for the next.
func (w *warner) tell(ctx context.Context, language string, err error) {
	if errors.Is(err, errOff) {
		return // as the operator wants it
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := w.now(); w.last.IsZero() || now.Sub(w.last) >= warnEvery {
		w.log.WarnContext(ctx, "a call is said with stand-in words", "language", language, "error", err, "more_calls", w.held)
		w.last, w.held = now, 0
		return
	}
	w.held++
}
