package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/pinpost/pinpost/internal/pin"
)

const (
	pinQuery       = "SELECT " + pinColumns + " FROM pins WHERE id = ?"
	wipeStatement  = "UPDATE pins SET sealed = NULL WHERE id = ? AND sealed IS NOT NULL"
	countStatement = "UPDATE pins SET attempts = ? WHERE id = ?"

	// The index has the PINs with a sealed code alone, which are few; without it SQLite would look through all others.
	sealedSampleQuery = "SELECT " + pinColumns + " FROM pins" +
		" WHERE seq = (SELECT max(seq) FROM pins INDEXED BY pins_to_wipe WHERE sealed IS NOT NULL)"
)

// CreatePIN keeps a new PIN and its first delivery and takes a place in each limit, or fails with a *pin.LimitError, or
// before that with a *pin.RepeatError when the key in d.Once is taken.
func (s *Store) CreatePIN(ctx context.Context, p pin.PIN, d pin.Delivery, limits []pin.Limit) error {
	return s.write(ctx, "create PIN", func(tx *transaction) error {
		if err := refuseRepeat(ctx, tx, p.AccountID, d); err != nil {
			return err
		}
		if err := takePlaces(ctx, tx, event{p.To, d.At, d.ID}, limits); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, insertInto("pins", pinColumns), ToDBPIN(p)...); err != nil {
			return err
		}
		return insertDelivery(ctx, tx, p, d)
	})
}

// PIN gives one PIN of the account, or fault.NotFound.
func (s *Store) PIN(ctx context.Context, accountID, id string) (pin.PIN, error) {
	p, err := FromDBPIN(s.readers.QueryRowContext(ctx, pinQuery+" AND account_id = ?", id, accountID))
	return p, s.fail("load PIN", absent(err, noPIN))
}

// SealedSample gives the newest PIN that has a sealed code, of whatever account, and whether there is one. Whoever can
// open it has the keys that this database was written with.
func (s *Store) SealedSample(ctx context.Context) (pin.PIN, bool, error) {
	p, err := FromDBPIN(s.readers.QueryRowContext(ctx, sealedSampleQuery))
	if errors.Is(err, sql.ErrNoRows) {
		return pin.PIN{}, false, nil
	}
	return p, err == nil, s.fail("load a sealed PIN", err)
}

// AddDelivery keeps one more delivery of a PIN that is Live at d.At and takes a place in each limit. It fails with a
// *pin.RepeatError when the key in d.Once is taken, then with a *pin.StateError when the PIN is not live, then with a
// *pin.LimitError, and with fault.NotFound for an unknown id.
func (s *Store) AddDelivery(ctx context.Context, d pin.Delivery, rules pin.Rules, limits []pin.Limit) (pin.PIN, error) {
	var p pin.PIN
	err := s.write(ctx, "add delivery", func(tx *transaction) (err error) {
		if p, err = loadPIN(ctx, tx, d.PINID); err != nil {
			return err
		}
		if err := refuseRepeat(ctx, tx, p.AccountID, d); err != nil {
			return err
		}
		if state := p.State(d.At, rules); state != pin.Live {
			return &pin.StateError{State: state}
		}
		if err := takePlaces(ctx, tx, event{p.To, d.At, d.ID}, limits); err != nil {
			return err
		}
		return insertDelivery(ctx, tx, p, d)
	})
	if err != nil {
		return pin.PIN{}, err
	}
	return p, nil
}

// loadPIN gives a PIN of whatever account, to be changed in tx.
func loadPIN(ctx context.Context, tx *transaction, id string) (pin.PIN, error) {
	p, err := FromDBPIN(tx.QueryRowContext(ctx, pinQuery, id))
	return p, absent(err, noPIN)
}

func wipe(ctx context.Context, tx *transaction, id string) error {
	_, err := tx.ExecContext(ctx, wipeStatement, id)
	return err
}

// insertDelivery keeps a delivery of p, and the key that it was asked for with.
func insertDelivery(ctx context.Context, tx *transaction, p pin.PIN, d pin.Delivery) error {
	if _, err := tx.ExecContext(ctx, insertInto("deliveries", deliveryColumns), ToDBDelivery(d)...); err != nil {
		return err
	}
	return insertFirst(ctx, tx, p, d)
}
