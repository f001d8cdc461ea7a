package sqlite

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

// Each statement finds its rows by an index, the oldest first, and looks at no more of them than it may touch, unless
// it says otherwise.
const (
	wipeExpiredStatement = `
	UPDATE pins SET sealed = NULL WHERE number IN (
		SELECT number FROM pins WHERE sealed IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?)
	RETURNING number`

	removePINsStatement = `
	DELETE FROM pins WHERE number IN (
		SELECT number FROM pins WHERE sealed IS NULL AND expires_at < ? ORDER BY expires_at LIMIT ?)
	RETURNING number, application, phone`

	removeRemotesStatement = "DELETE FROM remote_ids WHERE number = ?"

	// The entries of PINs that outlive the grace are passed over each time.
	removeEntriesStatement = `
	DELETE FROM inbox WHERE seq IN (
		SELECT i.seq FROM inbox i WHERE i.at < ? AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.number = i.pin_number)
		ORDER BY i.at LIMIT ?)`

	abandonedQuery = "SELECT number FROM pins WHERE open_since < ? ORDER BY open_since LIMIT ?"
)

// PurgePINs does one bounded step of cleaning: wipes Sealed of PINs expired at now, removes PINs and their deliveries
// that expired before now-grace, removes inbox entries older than now-grace whose PIN is gone, and removes places that
// no application's limits can still count. It also gives up deliveries that nobody closed and that are older than
// now-pin.AbandonedAfter, as their process has died: they become StateUnknown and closed, and keep their places, since
// the message may have gone out. And it removes first requests with keys that are older than now-pin.KeyLifetime. Each of
// these touches at most most rows; the sum of the rows touched is returned. The steps are writes of their own, so that none of
// them is long.
func (s *Store) PurgePINs(ctx context.Context, now time.Time, grace time.Duration, most int) (total int, err error) {
	if most < 1 {
		return 0, nil // SQLite would take a negative limit for none
	}
	expired := toMillis(now.Add(-grace))
	statement := func(text string, args ...any) func(tx *transaction) (int, error) {
		return func(tx *transaction) (int, error) { return affected(ctx, tx, text, args...) }
	}
	for _, step := range []func(tx *transaction) (int, error){
		func(tx *transaction) (int, error) { return tx.wipeExpired(ctx, now, most) },
		func(tx *transaction) (int, error) { return tx.removePINs(ctx, expired, most) },
		statement(removeEntriesStatement, expired, most),
		func(tx *transaction) (int, error) { return tx.giveUp(ctx, now, most) },
		func(tx *transaction) (int, error) {
			if err := tx.open(ctx); err != nil {
				return 0, err
			}
			return tx.purgePlaces(ctx, now, most)
		},
		statement(removeFirstStatement, toMillis(now.Add(-pin.KeyLifetime)), most),
	} {
		err := s.write(ctx, "purge PINs", func(tx *transaction) error {
			n, err := step(tx)
			total += n
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return total, nil
}

// wipeExpired removes the codes of PINs that nobody can verify any more.
func (t *transaction) wipeExpired(ctx context.Context, now time.Time, most int) (int, error) {
	wiped, err := queryAll(ctx, t, number, wipeExpiredStatement, toMillis(now), most)
	for _, n := range wiped {
		t.recent.forget(n)
	}
	return len(wiped), err
}

// number reads a row of one number.
func number(row Row) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}

// removePINs removes what expired before a time and was wiped.
func (t *transaction) removePINs(ctx context.Context, expired int64, most int) (int, error) {
	gone, err := queryAll(ctx, t, func(row Row) (r PINRow, err error) {
		err = row.Scan(&r.Number, &r.Application, &r.Phone)
		return r, err
	}, removePINsStatement, expired, most)
	for _, r := range gone {
		t.recent.forget(r.Number)
		if err == nil {
			err = t.unlist(ctx, r.Application, r.Phone, r.Number)
		}
		if err == nil {
			_, err = t.ExecContext(ctx, removeRemotesStatement, r.Number)
		}
	}
	return len(gone), err
}

// giveUp closes deliveries that nobody else will.
func (t *transaction) giveUp(ctx context.Context, now time.Time, most int) (n int, err error) {
	if err := t.open(ctx); err != nil {
		return 0, err
	}
	before := now.Add(-pin.AbandonedAfter)
	numbers, err := queryAll(ctx, t, number, abandonedQuery, toMillis(before), most)
	if err != nil {
		return 0, err
	}
	for _, number := range numbers {
		row, err := t.row(ctx, number, noPIN)
		if err != nil {
			return n, err
		}
		n += row.Deliveries.GiveUp(before, now)
		if err := t.keepDeliveries(ctx, row); err != nil {
			return n, err
		}
	}
	return n, nil
}
