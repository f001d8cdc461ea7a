package sqlite

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/store/blockid"
)

// blockBits says how many numbers a process takes at once: 2^32, so that hardly one ever asks twice.
const blockBits = 32

const (
	identifierKeyQuery = "SELECT key FROM identifiers"
	// Of several processes that open a new file at the same time, one makes the key.
	identifierKeyStatement = "INSERT INTO identifiers (key, block) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM identifiers)"
	numberBlockStatement   = "UPDATE identifiers SET block = block + 1 RETURNING block"
)

// numbers gives each row a number of its own, above those of every process that came before.
type numbers struct {
	mu        sync.Mutex
	next, end int64
}

// loadIdentifiers reads the key of the identifiers, or makes it.
func (s *Store) loadIdentifiers(ctx context.Context) error {
	var key []byte
	err := s.writer.QueryRowContext(ctx, identifierKeyQuery).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		fresh := sha256.Sum256([]byte(rand.Text() + rand.Text())) // each text has 128 random bits
		if _, err = s.writer.ExecContext(ctx, identifierKeyStatement, fresh[:]); err == nil {
			err = s.writer.QueryRowContext(ctx, identifierKeyQuery).Scan(&key)
		}
	}
	if err != nil && strings.Contains(err.Error(), "no such table") {
		return fmt.Errorf("the file is of a development version from before any release, and has to be removed: %w", err)
	}
	if err != nil {
		return err
	}
	s.identifiers, err = blockid.New(key)
	return err
}

// newNumber gives a number that no row has.
func (s *Store) newNumber(ctx context.Context) (int64, error) {
	s.numbers.mu.Lock()
	defer s.numbers.mu.Unlock()
	if s.numbers.next == s.numbers.end {
		var block int64
		err := s.write(ctx, "take numbers", func(tx *transaction) error {
			return tx.QueryRowContext(ctx, numberBlockStatement).Scan(&block)
		})
		if err != nil {
			return 0, err
		}
		s.numbers.next, s.numbers.end = block<<blockBits, (block+1)<<blockBits
	}
	s.numbers.next++
	return s.numbers.next - 1, nil
}

// NewPINID gives the id of a PIN that is about to be made.
func (s *Store) NewPINID(ctx context.Context) (string, error) {
	number, err := s.newNumber(ctx)
	return s.identifiers.ID(number, 0), err
}

// NewDeliveryID gives the id of a delivery of a PIN, or fault.NotFound where the PIN's id is none.
func (s *Store) NewDeliveryID(ctx context.Context, pinID string) (string, error) {
	pinNumber, _, ok := s.identifiers.Numbers(pinID)
	if !ok {
		return "", fault.NotFoundf(noPIN)
	}
	number, err := s.newNumber(ctx)
	return s.identifiers.ID(pinNumber, number), err
}

// pinNumber is the number of the PIN with an id, if there is one.
func (s *Store) pinNumber(id string) (int64, error) {
	number, part, ok := s.identifiers.Numbers(id)
	if !ok || part != 0 {
		return 0, fault.NotFoundf(noPIN)
	}
	return number, nil
}

// deliveryNumbers are the numbers of the PIN and the delivery with an id, if there are such.
func (s *Store) deliveryNumbers(id string) (pinNumber, number int64, err error) {
	pinNumber, number, ok := s.identifiers.Numbers(id)
	if !ok || number == 0 {
		return 0, 0, fault.NotFoundf(noDelivery)
	}
	return pinNumber, number, nil
}

// newNumbers are the numbers of a PIN and of a delivery that was made for it.
func (s *Store) newNumbers(pinID, deliveryID string) (pinNumber, number int64, err error) {
	if pinNumber, err = s.pinNumber(pinID); err != nil {
		return 0, 0, err
	}
	of, number, err := s.deliveryNumbers(deliveryID)
	if err == nil && of != pinNumber {
		err = fault.NotFoundf(noDelivery)
	}
	return pinNumber, number, err
}
