package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/store/blockid"
)

// blockSize is how many numbers a replica takes at a time: what the sequence is incremented by.
const blockSize = 1 << 20

// ofThePIN is the part of an id that stands for the PIN itself; those of its deliveries are above.
const ofThePIN = 0

const (
	idKeyQuery     = "SELECT key FROM id_key"
	keepIDKey      = "INSERT INTO id_key (key) VALUES ($1) ON CONFLICT DO NOTHING"
	nextBlockQuery = "SELECT nextval('numbers')"
)

// errForeignID says that a PIN or delivery came with an id that is not ours. Only a caller of ours can make that mistake.
var errForeignID = errors.New("an id was not made by this store")

// numbers are rising numbers that no other replica has.
type numbers struct {
	mu        sync.Mutex
	next, end int64
}

// number gives another number each time.
func (s *Store) number(ctx context.Context) (int64, error) {
	n := &s.numbers
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next == n.end {
		first, err := one(ctx, s, "take numbers", "", readNumber, nextBlockQuery)
		if err != nil {
			return 0, err
		}
		n.next, n.end = first, first+blockSize
	}
	n.next++
	return n.next - 1, nil
}

// NewPINID gives the id of a PIN that is about to be made. It asks the database once in a million times.
func (s *Store) NewPINID(ctx context.Context) (string, error) {
	n, err := s.number(ctx)
	if err != nil {
		return "", err
	}
	return s.ids.ID(n, ofThePIN), nil
}

// NewDeliveryID gives the id of a delivery of a PIN that is about to be made.
func (s *Store) NewDeliveryID(ctx context.Context, pinID string) (string, error) {
	of, _, is := s.ids.Numbers(pinID)
	if !is {
		return "", fmt.Errorf("new delivery: %w", errForeignID)
	}
	n, err := s.number(ctx)
	if err != nil {
		return "", err
	}
	return s.ids.ID(of, n), nil
}

// pinNumber gives the number of a PIN, and whether the id can be one's; if not, the number is 0, which is nobody's.
func (s *Store) pinNumber(id string) (int64, bool) {
	if number, part, ok := s.ids.Numbers(id); ok && number > 0 && part == ofThePIN {
		return number, true
	}
	return 0, false
}

// deliveryNumber names a delivery: its PIN's number and its own.
type deliveryNumber struct{ pin, own int64 }

// deliveryNumber gives the numbers of a delivery, and whether the id can be one's; if not, they are nobody's.
func (s *Store) deliveryNumber(id string) (deliveryNumber, bool) {
	if number, part, ok := s.ids.Numbers(id); ok && number > 0 && part > ofThePIN {
		return deliveryNumber{number, part}, true
	}
	return deliveryNumber{}, false
}

// loadIDKey reads the key that makes ids of numbers, and makes it when this is the first replica. Of several at once all
// get the same.
func (s *Store) loadIDKey(ctx context.Context) error {
	read := func() ([][]byte, error) {
		return list(ctx, s, "load the key of ids", func(r row) (key []byte, err error) {
			err = r.Scan(&key)
			return key, err
		}, idKeyQuery)
	}
	keys, err := read()
	if err == nil && len(keys) == 0 {
		fresh := make([]byte, blockid.KeySize)
		if _, err := io.ReadFull(rand.Reader, fresh); err != nil {
			return err
		}
		if err := s.write(ctx, "keep the key of ids", func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, keepIDKey, fresh)
			return err
		}); err != nil {
			return err
		}
		keys, err = read()
	}
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		return errors.New("the key of ids was removed")
	}
	s.ids, err = blockid.New(keys[0])
	return err
}
