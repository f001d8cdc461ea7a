package client

import (
	"context"
	"io"
	"time"
)

// Hasty lets no time pass between tries, and notes how much should have.
func Hasty(noted *[]time.Duration) Option {
	return func(s *settings) error {
		s.pause = func(ctx context.Context, d time.Duration) error {
			if noted != nil {
				*noted = append(*noted, d)
			}
			return ctx.Err()
		}
		return nil
	}
}

// Drawing takes random bytes from another source.
func Drawing(random io.Reader) Option {
	return func(s *settings) error {
		s.random = random
		return nil
	}
}
