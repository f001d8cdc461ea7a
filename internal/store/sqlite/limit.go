package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// slotMillis is the width of a slot of place_counts, as the triggers have it.
const slotMillis = 600_000

const (
	numberWindowQuery = `
	SELECT at FROM places WHERE account_id = ? AND application_id = ? AND kind = ? AND phone = ? AND at > ?
	ORDER BY at DESC LIMIT 1 OFFSET ?`

	// The slot that holds the Max-th newest place, and how many places are in newer slots.
	slotQuery = `
	SELECT slot, so_far - n FROM (
		SELECT slot, n, sum(n) OVER (ORDER BY slot DESC) AS so_far FROM place_counts
		WHERE account_id = ? AND application_id = ? AND kind = ? AND slot >= ?
	) WHERE ? BETWEEN so_far - n + 1 AND so_far`

	slotWindowQuery = `
	SELECT at FROM places WHERE account_id = ? AND application_id = ? AND kind = ? AND at > ? AND at < ?
	ORDER BY at DESC LIMIT 1 OFFSET ?`
)

// event is what takes a place in limits.
type event struct {
	to         phone.Number
	at         time.Time
	deliveryID string // of a send; empty for a verify request
}

// takePlaces takes a place in each limit, or gives a *pin.LimitError for the first that has none. It looks at all of
// them before it takes any.
func takePlaces(ctx context.Context, tx *transaction, e event, limits []pin.Limit) error {
	for _, l := range limits {
		if err := checkLimit(ctx, tx, l, e.at); err != nil {
			return err
		}
	}
	for i, l := range limits {
		// One row serves all limits of a kind and application: those of the number, and those of all numbers.
		if slices.ContainsFunc(limits[:i], func(earlier pin.Limit) bool {
			return earlier.Kind == l.Kind && earlier.AccountID == l.AccountID && earlier.ApplicationID == l.ApplicationID
		}) {
			continue
		}
		if err := insertPlace(ctx, tx, e, l); err != nil {
			return err
		}
	}
	return nil
}

// checkLimit gives a *pin.LimitError when the limit is full at now: when its window has a Max-th newest event. That
// event is the next one to leave.
func checkLimit(ctx context.Context, tx *transaction, l pin.Limit, now time.Time) error {
	if l.Max < 1 {
		return &pin.LimitError{Limit: l, FreeAt: now.Add(l.Interval)}
	}
	find := inNumberWindow
	if l.To == "" {
		find = inApplicationWindow
	}
	at, err := find(ctx, tx, l, toMillis(now)-l.Interval.Milliseconds())
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return &pin.LimitError{Limit: l, FreeAt: at.Add(l.Interval)}
}

// inNumberWindow finds the Max-th newest event of the limit's number that came later than after, or sql.ErrNoRows.
func inNumberWindow(ctx context.Context, tx *transaction, l pin.Limit, after int64) (at time.Time, err error) {
	err = tx.QueryRowContext(ctx, numberWindowQuery,
		l.AccountID, l.ApplicationID, l.Kind, l.To.Digits(), after, l.Max-1).Scan(instant{&at})
	return at, err
}

// inApplicationWindow does the same for the whole application. There may be a million events in its window, so it finds
// the right slot by the counts, and looks at the events of that slot alone.
func inApplicationWindow(ctx context.Context, tx *transaction, l pin.Limit, after int64) (at time.Time, err error) {
	var slot, newer int64
	err = tx.QueryRowContext(ctx, slotQuery,
		l.AccountID, l.ApplicationID, l.Kind, after/slotMillis, l.Max).Scan(&slot, &newer)
	if err != nil {
		return at, err
	}
	end := (slot + 1) * slotMillis
	err = tx.QueryRowContext(ctx, slotWindowQuery,
		l.AccountID, l.ApplicationID, l.Kind, after, end, int64(l.Max)-1-newer).Scan(instant{&at})
	return at, err
}

func insertPlace(ctx context.Context, tx *transaction, e event, l pin.Limit) error {
	var deliveryID any
	if e.deliveryID != "" {
		deliveryID = e.deliveryID
	}
	_, err := tx.ExecContext(ctx, insertInto("places", "kind, account_id, application_id, phone, at, delivery_id"),
		l.Kind, l.AccountID, l.ApplicationID, e.to.Digits(), toMillis(e.at), deliveryID)
	return err
}

// freePlaces gives back what a delivery took.
func freePlaces(ctx context.Context, tx *transaction, deliveryID string) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM places WHERE delivery_id = ?", deliveryID)
	return err
}
