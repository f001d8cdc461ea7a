package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

// Each statement finds its rows by an index or in a range of numbers, the oldest first, and touches no more of them than it may.
const (
	wipeExpiredStatement = `
	UPDATE pins SET sealed = NULL WHERE number IN (
		SELECT number FROM pins WHERE number > ? AND number <= ? AND sealed IS NOT NULL AND expires_at < ? ORDER BY number LIMIT ?)
	RETURNING number`

	removePINsStatement = `
	DELETE FROM pins WHERE number IN (
		SELECT number FROM pins WHERE number > ? AND number <= ? AND expires_at < ? ORDER BY number LIMIT ?)
	RETURNING number, application, phone`

	removeRemotesStatement = "DELETE FROM remote_ids WHERE number = ?"

	// The entries of PINs that outlive the grace are passed over each time.
	removeEntriesStatement = `
	DELETE FROM inbox WHERE seq IN (
		SELECT i.seq FROM inbox i WHERE i.at < ? AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.number = i.pin_number)
		ORDER BY i.at LIMIT ?)`

	abandonedQuery = "SELECT number FROM pins WHERE number > ? AND number <= ? AND open_since < ? ORDER BY number LIMIT ?"
)

// What PurgePINs does to PINs.
var (
	wiping   = newSweep("wipe_at", wipeTime, wipeExpired)
	removing = newSweep("expire_at", expireTime, removePINs)
	ending   = newSweep("open_since", openTime, giveUp)
)

// PurgePINs does one bounded step of cleaning: wipes Sealed of PINs expired at now, removes PINs and their deliveries
// that expired before now-grace, removes inbox entries older than now-grace whose PIN is gone, and removes places that
// no application's limits can still count. It also gives up deliveries that nobody closed and that are older than
// now-pin.AbandonedAfter, as their process has died: they become StateUnknown and closed, and keep their places, since
// the message may have gone out. And it removes first requests with keys that are older than now-pin.KeyLifetime. Each of
// these touches at most most rows; the sum of the rows touched is returned. The steps are writes of their own, so that none of
// them is long, and what one of them fails for keeps the others from nothing, unless the store does not answer at all.
func (s *Store) PurgePINs(ctx context.Context, now time.Time, grace time.Duration, most int) (int, error) {
	if most < 1 {
		return 0, nil // SQLite would take a negative limit for none
	}
	total, errs := 0, []error(nil)
	expired := toMillis(now.Add(-grace))
	statement := func(text string, args ...any) func(tx *transaction) (int, error) {
		return func(tx *transaction) (int, error) { return affected(ctx, tx, text, args...) }
	}
	for _, step := range []func(tx *transaction) (int, error){
		func(tx *transaction) (int, error) { return tx.sweep(ctx, wiping, toMillis(now)+1, most) },
		func(tx *transaction) (int, error) { return tx.sweep(ctx, removing, expired, most) },
		statement(removeEntriesStatement, expired, most),
		func(tx *transaction) (int, error) {
			return tx.sweep(ctx, ending, toMillis(now.Add(-pin.AbandonedAfter)), most)
		},
		func(tx *transaction) (int, error) {
			if err := tx.open(ctx); err != nil {
				return 0, err
			}
			return tx.purgePlaces(ctx, now, most)
		},
		statement(removeFirstStatement, toMillis(now.Add(-pin.KeyLifetime)), most),
	} {
		n := 0
		err := s.writePINs(ctx, "purge PINs", func(tx *transaction) (err error) {
			n, err = step(tx)
			return err
		})
		if err == nil {
			total += n
		} else if errs = append(errs, err); fault.Is(err, fault.Unavailable) {
			break // the writer has to wait for another process, or the disk: so would the others
		}
	}
	return total, errors.Join(errs...)
}

// wipeExpired removes the codes of PINs that nobody can verify any more.
func wipeExpired(ctx context.Context, t *transaction, in numberRange, before int64, most int) (int, error) {
	wiped, err := queryAll(ctx, t, number, wipeExpiredStatement, in.after, in.last, before, most)
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

// removePINs removes what expired before a time, and all that belongs to it.
func removePINs(ctx context.Context, t *transaction, in numberRange, before int64, most int) (int, error) {
	gone, err := queryAll(ctx, t, func(row Row) (r PINRow, err error) {
		err = row.Scan(&r.Number, &r.Application, &r.Phone)
		return r, err
	}, removePINsStatement, in.after, in.last, before, most)
	for _, r := range gone {
		t.recent.forget(r.Number)
		if err == nil && r.Number <= t.listed {
			_, err = t.ExecContext(ctx, unlistStatement, r.Application, r.Phone, r.Number, in.last)
		}
		if err == nil {
			_, err = t.ExecContext(ctx, removeRemotesStatement, r.Number)
		}
	}
	return len(gone), err
}

// giveUp closes deliveries that nobody else will.
func giveUp(ctx context.Context, t *transaction, in numberRange, before int64, most int) (int, error) {
	numbers, err := queryAll(ctx, t, number, abandonedQuery, in.after, in.last, before, most)
	since := fromMillis(before)
	for i, number := range numbers {
		row, err := t.row(ctx, number, noPIN)
		if err != nil {
			return i, err
		}
		row.Deliveries.GiveUp(since, since.Add(pin.AbandonedAfter))
		if err := t.keepDeliveries(ctx, row); err != nil {
			return i, err
		}
	}
	return len(numbers), err
}
