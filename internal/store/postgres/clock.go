package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/fault"
)

// ClocksAhead gives how far the worlds are ahead of real time, by account; those that are not are left out.
func (s *Store) ClocksAhead(ctx context.Context) (map[string]time.Duration, error) {
	type clock struct {
		id    string
		ahead time.Duration
	}
	clocks, err := list(ctx, s, "list clocks", func(r row) (c clock, err error) {
		err = r.Scan(&c.id, span{&c.ahead})
		return c, err
	}, "SELECT id, clock_ahead FROM accounts WHERE clock_ahead <> 0")
	ahead := map[string]time.Duration{}
	for _, c := range clocks {
		ahead[c.id] = c.ahead
	}
	return ahead, err
}

// SetClockAhead keeps how far a world is ahead of real time, or gives fault.NotFound when it is gone.
func (s *Store) SetClockAhead(ctx context.Context, accountID string, ahead time.Duration) error {
	return s.write(ctx, "set clock", func(ctx context.Context, tx pgx.Tx) error {
		n, err := affected(ctx, tx, "UPDATE accounts SET clock_ahead = $1 WHERE id = $2", ahead.Milliseconds(), accountID)
		if err == nil && n == 0 {
			return fault.NotFoundf("%s", noWorld)
		}
		return err
	})
}
