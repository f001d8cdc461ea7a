package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pinpost/pinpost/internal/pin"
)

const (
	firstQuery           = "SELECT " + firstColumns + " FROM firsts WHERE account_id = ? AND key_hash = ?"
	replaceFirst         = "DELETE FROM firsts WHERE account_id = ? AND key_hash = ?"
	answerQuery          = "SELECT " + firstColumns + " FROM firsts WHERE delivery_id = ?"
	answerStatement      = "UPDATE firsts SET answer = ? WHERE delivery_id = ? AND answer IS NULL"
	removeFirstStatement = "DELETE FROM firsts WHERE seq IN (SELECT seq FROM firsts WHERE created_at <= ? ORDER BY created_at LIMIT ?)"
)

// First gives the first request with a key of the account, alive or not, or fault.NotFound.
func (s *Store) First(ctx context.Context, accountID string, keyHash [sha256.Size]byte) (pin.First, error) {
	f, err := FromDBFirst(s.readers.QueryRowContext(ctx, firstQuery, accountID, keyHash[:]))
	return f, s.fail("load first request", absent(err, noFirst))
}

// KeepAnswer gives the answer of the first request with this delivery, which is a from now on if there was none yet.
// fault.NotFound when there is no such request.
func (s *Store) KeepAnswer(ctx context.Context, deliveryID string, a pin.Answer) (kept pin.Answer, err error) {
	err = s.write(ctx, "keep answer", func(tx *transaction) error {
		if err := keepAnswer(ctx, tx, deliveryID, a); err != nil {
			return err
		}
		f, err := FromDBFirst(tx.QueryRowContext(ctx, answerQuery, deliveryID))
		if err != nil {
			return absent(err, noFirst)
		}
		kept = *f.Answer
		return nil
	})
	return kept, err
}

// keepAnswer notes the answer of a delivery's first request, if it has none.
func keepAnswer(ctx context.Context, tx *transaction, deliveryID string, a pin.Answer) error {
	_, err := tx.ExecContext(ctx, answerStatement, answer{new(&a)}, deliveryID)
	return err
}

// keyed is a new delivery whose request has a key, or nil. Most have none, and are not kept for it.
func keyed(d pin.Delivery) *pin.Delivery {
	if d.Once == nil {
		return nil
	}
	return new(d)
}

// refuseRepeat gives a *pin.RepeatError when the key of a new delivery is taken.
func refuseRepeat(ctx context.Context, tx *transaction, accountID string, d *pin.Delivery) error {
	if d == nil {
		return nil
	}
	f, err := FromDBFirst(tx.QueryRowContext(ctx, firstQuery, accountID, d.Once.KeyHash[:]))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case f.Alive(d.At):
		return &pin.RepeatError{First: f}
	}
	_, err = tx.ExecContext(ctx, replaceFirst, accountID, d.Once.KeyHash[:])
	return err
}

// insertFirst keeps the key of a new delivery.
func insertFirst(ctx context.Context, tx *transaction, p *pin.PIN, d *pin.Delivery) error {
	if d == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, insertInto("firsts", firstColumns), ToDBFirst(pin.First{
		Once: *d.Once, AccountID: p.AccountID, PINID: p.ID, DeliveryID: d.ID, Channel: d.Channel, To: p.To, At: d.At,
	})...)
	return err
}

// answer writes and reads what was answered; nil is NULL.
type answer struct{ answer **pin.Answer }

// Value implements driver.Valuer.
func (a answer) Value() (driver.Value, error) {
	if *a.answer == nil {
		return nil, nil
	}
	text, err := json.Marshal(*a.answer)
	return string(text), err
}

// Scan implements sql.Scanner.
func (a answer) Scan(stored any) error {
	if stored == nil {
		*a.answer = nil
		return nil
	}
	text, ok := stored.(string)
	if !ok {
		return fmt.Errorf("answer is stored as %T", stored)
	}
	if err := json.Unmarshal([]byte(text), a.answer); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	return nil
}
