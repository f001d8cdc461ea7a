package sqlite

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

const (
	consumeOnceStatement  = "UPDATE pins SET verified_at = ?, sealed = NULL WHERE id = ? AND verified_at = 0"
	consumeAgainStatement = "UPDATE pins SET verified_at = ? WHERE id = ? AND verified_at = 0"
)

// CountAttempt takes a place in limit and, when the PIN is live, counts one attempt before anybody compares. It gives
// the PIN as it stands after counting, with Sealed as it was before, and the state it was in before. On the last
// attempt, and when the PIN is found in any state but Live, the stored Sealed is wiped, so that no change of the
// application's limits brings it back to life. *pin.LimitError, fault.NotFound.
func (s *Store) CountAttempt(
	ctx context.Context, id string, now time.Time, rules pin.Rules, limit pin.Limit,
) (pin.PIN, pin.State, error) {
	var p pin.PIN
	var state pin.State
	err := s.write(ctx, "count attempt", func(tx *transaction) (err error) {
		if p, err = loadPIN(ctx, tx, id); err != nil {
			return err
		}
		if err := takePlaces(ctx, tx, event{to: p.To, at: now}, []pin.Limit{limit}); err != nil {
			return err
		}
		if state = p.State(now, rules); state != pin.Live {
			return wipe(ctx, tx, id)
		}
		p.Attempts++
		return count(ctx, tx, p, rules)
	})
	if err != nil {
		return pin.PIN{}, 0, err
	}
	return p, state, nil
}

// count keeps the attempts of p; the last leaves nothing that could be compared again.
func count(ctx context.Context, tx *transaction, p pin.PIN, rules pin.Rules) error {
	if _, err := tx.ExecContext(ctx, countStatement, p.Attempts, p.ID); err != nil {
		return err
	}
	if p.Attempts < rules.MaxAttempts {
		return nil
	}
	return wipe(ctx, tx, p.ID)
}

// ConsumePIN marks a PIN verified at now. When rules.Multiple is false only one call for a PIN gives true, and the
// stored Sealed is wiped by it. fault.NotFound for an unknown id.
func (s *Store) ConsumePIN(ctx context.Context, id string, now time.Time, rules pin.Rules) (bool, error) {
	statement := consumeOnceStatement
	if rules.Multiple {
		statement = consumeAgainStatement
	}
	var won bool
	err := s.write(ctx, "consume PIN", func(tx *transaction) error {
		n, err := affected(ctx, tx, statement, toMillis(now), id)
		if err != nil {
			return err
		}
		won = n > 0 || rules.Multiple
		if n > 0 {
			return nil
		}
		found, err := exists(ctx, tx, "SELECT 1 FROM pins WHERE id = ?", id)
		if err == nil && !found {
			return fault.NotFoundf("%s", noPIN)
		}
		return err
	})
	return won && err == nil, err
}
