package sqlite

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
)

// ClocksAhead gives how far the worlds are ahead of real time, by account; those that are not are left out.
func (s *Store) ClocksAhead(ctx context.Context) (map[string]time.Duration, error) {
	ahead := map[string]time.Duration{}
	_, err := list(ctx, s, "list clocks", func(row Row) (id string, err error) {
		var ms int64
		err = row.Scan(&id, &ms)
		ahead[id] = time.Duration(ms) * time.Millisecond
		return id, err
	}, "SELECT id, clock_ahead FROM accounts WHERE clock_ahead <> 0")
	return ahead, err
}

// SetClockAhead keeps how far a world is ahead of real time, or gives fault.NotFound when it is gone.
func (s *Store) SetClockAhead(ctx context.Context, accountID string, ahead time.Duration) error {
	return s.write(ctx, "set clock", func(tx *transaction) error {
		n, err := affected(ctx, tx, "UPDATE accounts SET clock_ahead = ? WHERE id = ?", ahead.Milliseconds(), accountID)
		if err == nil && n == 0 {
			return fault.NotFoundf("%s", noWorld)
		}
		return err
	})
}
