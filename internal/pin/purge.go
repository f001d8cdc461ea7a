package pin

import (
	"context"
	"log/slog"
	"time"
)

// How often expired PINs are cleaned away, and how many rows one step may touch, so that no request waits long for it.
const (
	purgeInterval = 10 * time.Second
	purgeStep     = 500
)

// Purge wipes and removes expired PINs until ctx ends. A PIN is wiped when it expires; its status and verification stay
// readable for grace after that.
func (s *Service) Purge(ctx context.Context, grace time.Duration) {
	ticker := time.NewTicker(purgeInterval)
	defer ticker.Stop()
	for {
		s.purgeOnce(ctx, grace)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// purgeOnce goes on in bounded steps until nothing is left to clean, or nothing that can be.
func (s *Service) purgeOnce(ctx context.Context, grace time.Duration) {
	for ctx.Err() == nil {
		n, err := s.deps.Store.PurgePINs(ctx, s.deps.Now(), grace, purgeStep)
		if err != nil && ctx.Err() == nil {
			s.deps.Log.ErrorContext(ctx, "expired PINs were not purged", slog.Any("error", err))
		}
		if n == 0 {
			return
		}
	}
}
