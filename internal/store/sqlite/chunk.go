package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
)

// A chunk has the PINs of a range of numbers: those above the chunk before it, up to its own name. The times in its row say when to
// look at them, so that PINs need no index of what is due. Those above the last chunk are few, and looked at each time.
const (
	duePINs = " FROM pins WHERE number > ?2 AND number <= ?1"

	openTime   = "min(open_since)"
	wipeTime   = "min(CASE WHEN sealed IS NOT NULL THEN expires_at END)"
	expireTime = "min(expires_at)"

	insertChunkStatement = "INSERT INTO pin_chunks (last, open_since, wipe_at, expire_at) VALUES (?, ?, ?, ?)"

	// A PIN came late, or has one more delivery. Most come to a chunk that is to be looked at before.
	hastenStatement = `
	UPDATE pin_chunks SET open_since = min(coalesce(open_since, ?2), ?2), wipe_at = min(coalesce(wipe_at, ?3), ?3),
		expire_at = min(coalesce(expire_at, ?3), ?3)
	WHERE last = (SELECT last FROM pin_chunks WHERE last >= ?1 ORDER BY last LIMIT 1)
		AND (coalesce(open_since > ?2, 1) OR coalesce(wipe_at > ?3, 1) OR coalesce(expire_at > ?3, 1))`
)

// chunksAtATime is how many chunks a step of cleaning looks through at most: each takes a millisecond or two.
const chunksAtATime = 4

// sweep is one kind of cleaning.
type sweep struct {
	due   string // the chunk that has something due before a time, the earliest first, and the one before it
	renew string // gives a chunk the time when the next is due, if there is one
	// clean does what is due before a time to the PINs of a range, those of the lowest numbers first, and says how many they were.
	clean func(ctx context.Context, t *transaction, in numberRange, before int64, most int) (int, error)
}

// numberRange is the numbers from the one after the first to the last.
type numberRange struct{ after, last int64 }

func newSweep(
	column, next string, clean func(ctx context.Context, t *transaction, in numberRange, before int64, most int) (int, error),
) sweep {
	return sweep{
		due: "SELECT (SELECT max(p.last) FROM pin_chunks p WHERE p.last < c.last), last FROM pin_chunks c" +
			" WHERE " + column + " < ? ORDER BY " + column + " LIMIT 1",
		renew: "UPDATE pin_chunks SET " + column + " = (SELECT " + next + duePINs + ") WHERE last = ?1",
		clean: clean,
	}
}

// sweep cleans at most most PINs and looks through a bounded number of chunks. It gives how many rows it touched, that of a chunk
// that it has done with among them.
func (t *transaction) sweep(ctx context.Context, s sweep, before int64, most int) (n int, err error) {
	if err := t.open(ctx); err != nil {
		return 0, err
	}
	n, err = s.clean(ctx, t, numberRange{t.listed, math.MaxInt64}, before, most)
	for range chunksAtATime {
		if err != nil || n >= most {
			return n, err
		}
		var in numberRange
		err := t.QueryRowContext(ctx, s.due, before).Scan(&in.after, &in.last)
		if errors.Is(err, sql.ErrNoRows) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		cleaned, err := s.clean(ctx, t, in, before, most-n)
		if err != nil {
			return n, err
		}
		if n += cleaned; n < most {
			n++
			if _, err := t.ExecContext(ctx, s.renew, in.last, in.after); err != nil {
				return n, err
			}
			if _, err := t.ExecContext(ctx, removeChunkStatement, in.last); err != nil {
				return n, err
			}
		}
	}
	return n, err
}

// hasten has a PIN looked at in time whose chunk is written already.
func (t *transaction) hasten(ctx context.Context, row *PINRow) error {
	if row.Number > t.listed {
		earlier(&t.unlisted.open, toMillis(row.Deliveries.OpenSince()))
		return nil
	}
	_, err := t.ExecContext(ctx, hastenStatement, row.Number, toMillis(row.Deliveries.OpenSince()), toMillis(row.ExpiresAt))
	return err
}
