package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/store/deliverylog"
)

const (
	openQuery       = "SELECT open_since, number FROM pins WHERE number = ANY ($1::bigint[]) AND open_since <> 0"
	lockOpenQuery   = "SELECT number, deliveries FROM pins WHERE number = ANY ($1::bigint[]) ORDER BY number FOR NO KEY UPDATE SKIP LOCKED"
	lockFreeQuery   = "SELECT number FROM pins WHERE number = ANY ($1::bigint[]) ORDER BY number FOR UPDATE SKIP LOCKED"
	giveUpStatement = "UPDATE pins p SET open_since = u.open_since, deliveries = u.deliveries" +
		" FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) u (number, open_since, deliveries) WHERE p.number = u.number"
	expiringQuery     = "SELECT expires_at, number, sealed IS NOT NULL FROM pins WHERE number = ANY ($1::bigint[])"
	wipeStatement     = "UPDATE pins SET sealed = NULL WHERE number = ANY ($1::bigint[]) AND sealed IS NOT NULL"
	expiredQuery      = "SELECT expires_at, number, deliveries FROM pins WHERE number = ANY ($1::bigint[])"
	removeStatement   = "DELETE FROM pins WHERE number = ANY ($1::bigint[]) RETURNING number, deliveries"
	removeRemotesText = "DELETE FROM remotes WHERE (hash, at, delivery) IN" +
		" (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]))"
)

// heldPause is after how many milliseconds a PIN is looked at again that somebody held.
const heldPause = 5_000

// passOver leaves those of the PINs for later that are not among the free ones, which are in the order of their numbers. Others may
// be looked at in their place.
func (l *looked) passOver(task, before int64, due []dueAt, free []int64) (left []dueAt) {
	return slices.DeleteFunc(due, func(one dueAt) bool {
		_, is := slices.BinarySearch(free, one.number)
		if !is {
			l.again(task, before+heldPause, one.number)
			l.full = false
		}
		return !is
	})
}

// giveUp closes deliveries of these PINs that nobody closed, and that are older than before.
func giveUp(ctx context.Context, tx pgx.Tx, pins []int64, most int, before, now time.Time) (l looked, err error) {
	open, err := query(ctx, tx, func(r row) (d dueAt, err error) {
		err = r.Scan(&d.at, &d.number)
		return d, err
	}, openQuery, pins)
	if err != nil {
		return l, err
	}
	sortDue(open)
	var due []dueAt
	for _, one := range open {
		switch old := one.at < toMillis(before); {
		case old && len(due) < most:
			due = append(due, one)
		default:
			l.full = l.full || old
			l.again(taskGiveUp, one.at, one.number)
		}
	}
	if len(due) == 0 {
		return l, nil
	}
	free, err := query(ctx, tx, readDeliveries, lockOpenQuery, numbersDue(due))
	if err != nil {
		return l, err
	}
	numbers, changed := make([]int64, len(free)), make(columns, 3)
	for i, p := range free {
		numbers[i] = p.number
		log, err := deliverylog.Parse(p.deliveries)
		if err != nil {
			return l, err
		}
		if log.GiveUp(before, now) > 0 {
			l.touched++
		}
		since := toMillis(log.OpenSince())
		if since != 0 {
			l.again(taskGiveUp, since, p.number)
		}
		stored, err := log.Append(nil)
		if err != nil {
			return l, err
		}
		changed.add(p.number, since, stored)
	}
	l.passOver(taskGiveUp, toMillis(before), due, numbers)
	if changed.empty() {
		return l, nil
	}
	_, err = tx.Exec(ctx, giveUpStatement, changed.args()...)
	return l, err
}

// wipe leaves nothing of the codes of these PINs that have expired at now.
func wipe(ctx context.Context, tx pgx.Tx, pins []int64, most int, now int64) (l looked, err error) {
	sealed := map[int64]bool{}
	all, err := query(ctx, tx, func(r row) (d dueAt, err error) {
		var is bool
		err = r.Scan(&d.at, &d.number, &is)
		sealed[d.number] = is
		return d, err
	}, expiringQuery, pins)
	if err != nil {
		return l, err
	}
	sortDue(all)
	var due []dueAt
	for _, one := range all {
		switch expired := one.at <= now; {
		case expired && !sealed[one.number]:
			l.again(taskRemove, one.at, one.number)
		case expired && len(due) < most:
			due = append(due, one)
		default:
			l.full = l.full || expired
			l.again(taskWipe, one.at, one.number)
		}
	}
	if len(due) == 0 {
		return l, nil
	}
	free, err := query(ctx, tx, readNumber, lockFreeQuery, numbersDue(due))
	if err != nil {
		return l, err
	}
	due = l.passOver(taskWipe, now, due, free)
	for _, one := range due {
		l.again(taskRemove, one.at, one.number)
	}
	l.touched, err = affected(ctx, tx, wipeStatement, free)
	return l, err
}

// remove removes those of these PINs that expired before a time, with at most so many deliveries; one PIN may have more.
func remove(ctx context.Context, tx pgx.Tx, pins []int64, most int, before int64) (l looked, err error) {
	deliveries := map[int64]int{}
	all, err := query(ctx, tx, func(r row) (d dueAt, err error) {
		var stored []byte
		if err = r.Scan(&d.at, &d.number, &stored); err == nil {
			log, _ := deliverylog.Parse(stored) // what cannot be read goes all the same
			deliveries[d.number] = max(1, len(log))
		}
		return d, err
	}, expiredQuery, pins)
	if err != nil {
		return l, err
	}
	sortDue(all)
	var due []dueAt
	for _, one := range all {
		expired, n := one.at < before, deliveries[one.number]
		if !expired || l.full || len(due) > 0 && l.touched+n > most {
			l.full = l.full || expired
			l.again(taskRemove, one.at, one.number)
			continue
		}
		due, l.touched = append(due, one), l.touched+n
	}
	if len(due) == 0 {
		return l, nil
	}
	free, err := query(ctx, tx, readNumber, lockFreeQuery, numbersDue(due))
	if err != nil {
		return l, err
	}
	l.touched = 0
	for _, one := range l.passOver(taskRemove, before, due, free) {
		l.touched += deliveries[one.number]
	}
	gone, err := query(ctx, tx, readDeliveries, removeStatement, free)
	if err != nil {
		return l, err
	}
	return l, removeRemotes(ctx, tx, gone)
}

// storedDeliveries are the deliveries of a PIN as they are stored.
type storedDeliveries struct {
	number     int64
	deliveries []byte
}

func readDeliveries(r row) (d storedDeliveries, err error) {
	err = r.Scan(&d.number, &d.deliveries)
	return d, err
}

// removeRemotes removes what finds deliveries of PINs that go.
func removeRemotes(ctx context.Context, tx pgx.Tx, of []storedDeliveries) error {
	gone := make(columns, 3)
	for _, p := range of {
		log, _ := deliverylog.Parse(p.deliveries) // what cannot be read goes all the same
		for _, e := range log {
			if e.RemoteID != "" {
				gone.add(hashOfRemote(e.Carrier, e.RemoteID), toMillis(e.At), e.Number)
			}
		}
	}
	if gone.empty() {
		return nil
	}
	_, err := tx.Exec(ctx, removeRemotesText, gone.args()...)
	return err
}
