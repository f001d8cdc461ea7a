package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/pin"
)

// Each statement finds its rows by an index, the oldest first, and looks at no more of them than it may touch, unless
// it says otherwise. Rows that a call or another replica's purge holds are passed over: they come with a later step. Places
// alone wait a little for their application, which somebody holds nearly always.
const (
	// The entries of PINs that outlive the grace are passed over each time.
	removeEntriesStatement = `
	DELETE FROM inbox WHERE seq IN (
		SELECT i.seq FROM inbox i WHERE i.at < $1 AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.number = i.pin_number)
		ORDER BY i.at, i.seq LIMIT $2 FOR UPDATE SKIP LOCKED)`

	removeFirstsStatement = `
	DELETE FROM firsts WHERE (account_id, key_hash) IN (
		SELECT account_id, key_hash FROM firsts WHERE created_at <= $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)`

	// A place counts until the longest interval of its kind is over, in the application of its own account. The numbers
	// are pin.LimitSends and pin.LimitChecks.
	oldPlacesQuery = `
	SELECT tally, phone, at, event FROM (
		SELECT p.* FROM applications a JOIN places p ON p.tally = a.seq * 2
			AND p.at <= $1 - greatest(a.initiation_interval, a.overall_initiation_interval)
		UNION ALL
		SELECT p.* FROM applications a JOIN places p ON p.tally = a.seq * 2 + 1
			AND p.at <= $1 - a.verification_interval) old
	LIMIT $2`

	removePlacesStatement = `
	WITH gone AS (
		DELETE FROM places WHERE (tally, phone, at, event) IN (
			SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]))
		RETURNING tally, at),
	counted AS (
		UPDATE place_counts c SET n = c.n - g.n FROM (
			SELECT tally, at / 600000 AS slot, count(*) AS n FROM gone GROUP BY 1, 2) g
		WHERE (c.tally, c.slot) = (g.tally, g.slot))
	SELECT count(*) FROM gone`

	removeCountsStatement = "DELETE FROM place_counts WHERE n = 0 AND tally = ANY ($1::bigint[])"
)

// forgetEvery is how often PINs that expired are looked for among those that are remembered.
const forgetEvery = 10 * time.Second

// forgetExpired forgets the codes of PINs that expired, whichever replica wipes them.
func (s *Store) forgetExpired(now time.Time) {
	last := s.forgot.Load()
	if since := now.UnixMilli() - last; since < forgetEvery.Milliseconds() && since >= 0 || !s.forgot.CompareAndSwap(last, now.UnixMilli()) {
		return
	}
	s.kept.forget(func(p *pin.PIN) bool { return !now.Before(p.ExpiresAt) })
}

// PurgePINs does one bounded step of cleaning: wipes Sealed of PINs expired at now, removes PINs and their deliveries
// that expired before now-grace, removes inbox entries older than now-grace whose PIN is gone, and removes places that
// no application's limits can still count. It also gives up deliveries that nobody closed and that are older than
// now-pin.AbandonedAfter, as their process has died: they become StateUnknown and closed, and keep their places, since
// the message may have gone out. And it removes first requests with keys that are older than now-pin.KeyLifetime. Each of
// these touches at most most rows; the sum of the rows touched is returned.
//
// Each step has transactions of its own; what one of them fails for keeps the others from nothing. Several replicas may clean
// at once.
func (s *Store) PurgePINs(ctx context.Context, now time.Time, grace time.Duration, most int) (int, error) {
	if most < 1 {
		return 0, nil
	}
	// An outcome that is not written yet changes nothing that it may not change afterwards.
	errs := []error{s.fail("purge PINs", s.see(ctx, nil))}
	s.forgetExpired(now)
	abandoned, expired := now.Add(-pin.AbandonedAfter), toMillis(now.Add(-grace))
	total := 0
	for _, step := range []func() (int, error){
		func() (int, error) {
			return s.count(ctx, "purge places", func(ctx context.Context, tx pgx.Tx) (int, error) {
				return purgePlaces(ctx, tx, toMillis(now), most)
			})
		},
		func() (int, error) {
			return s.workOff(ctx, "wipe PINs", taskWipe, toMillis(now)+1, most,
				func(ctx context.Context, tx pgx.Tx, pins []int64, most int) (looked, error) {
					return wipe(ctx, tx, pins, most, toMillis(now))
				})
		},
		func() (int, error) {
			return s.workOff(ctx, "remove PINs", taskRemove, expired, most,
				func(ctx context.Context, tx pgx.Tx, pins []int64, most int) (looked, error) {
					return remove(ctx, tx, pins, most, expired)
				})
		},
		func() (int, error) {
			return s.workOff(ctx, "give up deliveries", taskGiveUp, toMillis(abandoned), most,
				func(ctx context.Context, tx pgx.Tx, pins []int64, most int) (looked, error) {
					return giveUp(ctx, tx, pins, most, abandoned, now)
				})
		},
		func() (int, error) {
			return s.count(ctx, "purge entries", func(ctx context.Context, tx pgx.Tx) (int, error) {
				return affected(ctx, tx, removeEntriesStatement, expired, most)
			})
		},
		func() (int, error) {
			return s.count(ctx, "purge keys", func(ctx context.Context, tx pgx.Tx) (int, error) {
				return affected(ctx, tx, removeFirstsStatement, toMillis(now.Add(-pin.KeyLifetime)), most)
			})
		},
	} {
		n, err := step()
		total, errs = total+n, append(errs, err)
	}
	return total, errors.Join(errs...)
}

// count carries out do in one transaction and gives how many rows it touched.
func (s *Store) count(ctx context.Context, doing string, do func(ctx context.Context, tx pgx.Tx) (int, error)) (n int, err error) {
	err = s.write(ctx, doing, func(ctx context.Context, tx pgx.Tx) (err error) {
		n, err = do(ctx, tx)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// purgePlaces looks for places first, and then locks the applications that they are in: of nobody's else the counts change. It waits
// for these no longer than it takes those who send and verify to come and go.
func purgePlaces(ctx context.Context, tx pgx.Tx, now int64, most int) (int, error) {
	old, err := query(ctx, tx, func(r row) (p place, err error) {
		err = r.Scan(&p.tally, &p.phone, &p.at, &p.event)
		return p, err
	}, oldPlacesQuery, now, most)
	if err != nil || len(old) == 0 {
		return 0, err
	}
	applications, tallies, places := map[int64]bool{}, map[int64]bool{}, make(columns, 4)
	for _, p := range old {
		applications[p.tally/2], tallies[p.tally] = true, true
		places.add(p.tally, p.phone, p.at, p.event)
	}
	if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '300ms'"); err != nil {
		return 0, err
	}
	if _, err := query(ctx, tx, readOwn, lockNumberedQuery, numbersOf(applications)); err != nil {
		return 0, err
	}
	gone, err := query(ctx, tx, readNumber, removePlacesStatement, places.args()...)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, removeCountsStatement, numbersOf(tallies)); err != nil {
		return 0, err
	}
	return int(gone[0]), nil
}
