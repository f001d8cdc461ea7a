package sqlite

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

const (
	countStatement = "UPDATE pins SET attempts = ?, verified_at = ? WHERE number = ?"
	spendStatement = "UPDATE pins SET attempts = ?, verified_at = ?, sealed = NULL WHERE number = ?"
)

// Attempt takes a place in limit and, when the PIN is live, counts one attempt, asks right about it, and marks it verified at
// now when it is. On the last attempt, on a success that may be the only one, and when the PIN is found in any state but Live,
// the stored Sealed is wiped. *pin.LimitError, fault.NotFound.
func (s *Store) Attempt(
	ctx context.Context, id string, now time.Time, rules pin.Rules, limit pin.Limit, right func(pin.PIN) (bool, error),
) (tried pin.Attempted, err error) {
	number, err := s.pinNumber(id)
	if err != nil {
		return tried, err
	}
	placeNumber, err := s.newNumber(ctx)
	if err != nil {
		return tried, err
	}
	err = s.writePINs(ctx, "attempt", func(tx *transaction) error {
		if err := tx.open(ctx); err != nil {
			return err
		}
		row, err := tx.row(ctx, number, noPIN)
		if err != nil {
			return err
		}
		at := place{placeNumber, row.Phone, toMillis(now)}
		if err := tx.take(row.Application, at, now, []pin.Limit{limit}); err != nil {
			return err
		}
		row.ID = id
		tried = pin.Attempted{PIN: row.PIN, State: row.State(now, rules)}
		if tried.State == pin.Live {
			tried.PIN.Attempts++
			if tried.Verified, err = right(tried.PIN); err != nil {
				return refusal{err}
			}
		}
		if tried.Verified && tried.PIN.VerifiedAt.IsZero() {
			tried.PIN.VerifiedAt = fromMillis(toMillis(now))
		}
		row.Attempts, row.VerifiedAt = tried.PIN.Attempts, tried.PIN.VerifiedAt
		statement := countStatement
		if tried.State != pin.Live || tried.PIN.Attempts >= rules.MaxAttempts || tried.Verified && !rules.Multiple {
			statement, row.Sealed = spendStatement, nil
		}
		tx.recent.keep(row)
		_, err = tx.ExecContext(ctx, statement, row.Attempts, toMillis(row.VerifiedAt), number)
		return err
	})
	if err != nil {
		return pin.Attempted{}, err
	}
	return tried, nil
}
