package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
)

// Each statement finds its rows by an index, the oldest first, and looks at no more of them than it may touch, unless
// it says otherwise. Rows that a call or another replica's purge holds are passed over: they come with a later step.
const (
	wipeExpiredStatement = `
	UPDATE pins SET sealed = NULL WHERE id IN (
		SELECT id FROM pins WHERE sealed IS NOT NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2
		FOR NO KEY UPDATE SKIP LOCKED)`

	removeDeliveriesStatement = `
	DELETE FROM deliveries WHERE id IN (
		SELECT d.id FROM pins p JOIN deliveries d ON d.pin_id = p.id
		WHERE p.sealed IS NULL AND p.expires_at < $1 ORDER BY p.expires_at, p.seq LIMIT $2 FOR UPDATE OF d SKIP LOCKED)`

	// A PIN whose deliveries did not all fit into this step waits for the next. The PINs are locked by a statement of
	// their own, so that the next one sees every delivery that was added before.
	lockExpiredQuery = "SELECT id FROM pins WHERE sealed IS NULL AND expires_at < $1 ORDER BY expires_at, seq LIMIT $2" +
		" FOR UPDATE SKIP LOCKED"
	removePINsStatement = `
	DELETE FROM pins WHERE id = ANY ($1::text[]) AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.pin_id = pins.id)`

	// The entries of PINs that outlive the grace are passed over each time.
	removeEntriesStatement = `
	DELETE FROM inbox WHERE seq IN (
		SELECT i.seq FROM inbox i WHERE i.at < $1 AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.id = i.pin_id)
		ORDER BY i.at, i.seq LIMIT $2 FOR UPDATE SKIP LOCKED)`

	abandonedQuery = "SELECT " + deliveryColumns + ", reported, open FROM deliveries WHERE open AND at < $1" +
		" ORDER BY at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED"

	removeFirstsStatement = `
	DELETE FROM firsts WHERE (account_id, key_hash) IN (
		SELECT account_id, key_hash FROM firsts WHERE created_at <= $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)`

	// A place counts until the longest interval of its kind is over, in the application of its own account. The numbers
	// are pin.LimitSends and pin.LimitChecks.
	oldPlacesQuery = `
	SELECT account_id, application_id, number, at, seq FROM (
		SELECT p.* FROM applications a JOIN places p
			ON p.account_id = a.account_id AND p.application_id = a.id AND p.kind = 0
			AND p.at <= $1 - greatest(a.initiation_interval, a.overall_initiation_interval)
		UNION ALL
		SELECT p.* FROM applications a JOIN places p
			ON p.account_id = a.account_id AND p.application_id = a.id AND p.kind = 1
			AND p.at <= $1 - a.verification_interval) old
	LIMIT $2`

	removePlacesStatement = `
	WITH gone AS (
		DELETE FROM places WHERE (number, at, seq) IN (
			SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]))
		RETURNING account_id, application_id, kind, at),
	counted AS (
		UPDATE place_counts c SET n = c.n - g.n FROM (
			SELECT account_id, application_id, kind, at / 600000 AS slot, count(*) AS n FROM gone GROUP BY 1, 2, 3, 4) g
		WHERE (c.account_id, c.application_id, c.kind, c.slot) = (g.account_id, g.application_id, g.kind, g.slot))
	SELECT count(*) FROM gone`

	removeCountsStatement = "DELETE FROM place_counts WHERE n = 0" +
		" AND (account_id, application_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))"
)

// PurgePINs does one bounded step of cleaning: wipes Sealed of PINs expired at now, removes PINs and their deliveries
// that expired before now-grace, removes inbox entries older than now-grace whose PIN is gone, and removes places that
// no application's limits can still count. It also gives up deliveries that nobody closed and that are older than
// now-pin.AbandonedAfter, as their process has died: they become StateUnknown and closed, and keep their places, since
// the message may have gone out. And it removes first requests with keys that are older than now-pin.KeyLifetime. Each of
// these touches at most most rows; the sum of the rows touched is returned.
//
// Places have a transaction of their own, as their applications are locked in it. Several replicas may clean at once.
func (s *Store) PurgePINs(ctx context.Context, now time.Time, grace time.Duration, most int) (int, error) {
	if most < 1 {
		return 0, nil
	}
	total := 0
	err := s.write(ctx, "purge places", func(ctx context.Context, tx pgx.Tx) (err error) {
		total, err = purgePlaces(ctx, tx, toMillis(now), most)
		return err
	})
	if err != nil {
		return 0, err
	}
	var rest int
	err = s.write(ctx, "purge PINs", func(ctx context.Context, tx pgx.Tx) (err error) {
		rest, err = purgeRest(ctx, tx, now, toMillis(now.Add(-grace)), most)
		return err
	})
	if err != nil {
		return 0, err
	}
	return total + rest, nil
}

func purgeRest(ctx context.Context, tx pgx.Tx, now time.Time, expired int64, most int) (total int, err error) {
	for _, step := range []func() (int, error){
		func() (int, error) { return affected(ctx, tx, wipeExpiredStatement, toMillis(now), most) },
		func() (int, error) { return affected(ctx, tx, removeDeliveriesStatement, expired, most) },
		func() (int, error) {
			ids, err := query(ctx, tx, readText, lockExpiredQuery, expired, most)
			if err != nil {
				return 0, err
			}
			return affected(ctx, tx, removePINsStatement, ids)
		},
		func() (int, error) { return affected(ctx, tx, removeEntriesStatement, expired, most) },
		func() (int, error) { return giveUp(ctx, tx, now, most) },
		func() (int, error) {
			return affected(ctx, tx, removeFirstsStatement, toMillis(now.Add(-pin.KeyLifetime)), most)
		},
	} {
		n, err := step()
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// giveUp closes deliveries that nobody closed.
func giveUp(ctx context.Context, tx pgx.Tx, now time.Time, most int) (int, error) {
	held, err := query(ctx, tx, readHeldDelivery, abandonedQuery, toMillis(now.Add(-pin.AbandonedAfter)), most)
	if err != nil {
		return 0, err
	}
	b := newBooks()
	for _, d := range held {
		d.become(delivery.StateUnknown, now)
		d.open, d.changed = false, true
		b.deliveries[d.ID] = d
	}
	batch := &pgx.Batch{}
	if err := b.saveDeliveries(batch); err != nil {
		return 0, err
	}
	return len(held), tx.SendBatch(ctx, batch).Close()
}

// purgePlaces looks for places first, and then locks the applications that they are in: of nobody's else the counts change.
func purgePlaces(ctx context.Context, tx pgx.Tx, now int64, most int) (int, error) {
	type oldPlace struct {
		application ownID
		number      [16]byte
		at, seq     int64
	}
	old, err := query(ctx, tx, func(r row) (p oldPlace, err error) {
		err = r.Scan(&p.application.account, &p.application.id, &p.number, &p.at, &p.seq)
		return p, err
	}, oldPlacesQuery, now, most)
	if err != nil || len(old) == 0 {
		return 0, err
	}
	applications, places := map[ownID]bool{}, make(columns, 3)
	for _, p := range old {
		applications[p.application] = true
		places.add(p.number, p.at, p.seq)
	}
	ids := columnsOf(ownIDsOf(applications))
	if _, err := query(ctx, tx, readOwnID, lockApplicationsQuery, append(ids, []string{})...); err != nil {
		return 0, err
	}
	gone, err := query(ctx, tx, readNumber, removePlacesStatement, places...)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, removeCountsStatement, ids...); err != nil {
		return 0, err
	}
	return int(gone[0]), nil
}
