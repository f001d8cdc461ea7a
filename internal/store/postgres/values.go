package postgres

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// toMillis is a time as it is stored.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis is a stored time, in UTC.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// numberOf is a short key for what a limit of a number counts, as long as a UUID; no two of them have the same one.
func numberOf(of scope) [16]byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s\x00%s", of.kind, of.account, of.application, of.phone.Digits()))
	return [16]byte(sum[:16])
}

// sendsTo is what PINs to a number of an application count as.
func sendsTo(account, application string, to phone.Number) scope {
	return scope{pin.LimitSends, account, application, to}
}

var errNull = errors.New("a number is NULL")

// instant reads a stored time into t.
type instant struct{ t *time.Time }

// ScanInt64 implements pgtype.Int64Scanner.
func (i instant) ScanInt64(stored pgtype.Int8) error {
	if !stored.Valid {
		return errNull
	}
	*i.t = fromMillis(stored.Int64)
	return nil
}

// span reads a stored interval into d.
type span struct{ d *time.Duration }

// ScanInt64 implements pgtype.Int64Scanner.
func (s span) ScanInt64(stored pgtype.Int8) error {
	if !stored.Valid {
		return errNull
	}
	*s.d = time.Duration(stored.Int64) * time.Millisecond
	return nil
}

// storedChange is a delivery.Change as it is stored.
type storedChange struct {
	State delivery.State `json:"state"`
	At    int64          `json:"at"`
}

// writeHistory gives changes as they are stored, oldest first.
func writeHistory(changes []delivery.Change) (string, error) {
	stored := make([]storedChange, len(changes))
	for i, c := range changes {
		stored[i] = storedChange{c.State, toMillis(c.At)}
	}
	text, err := json.Marshal(stored)
	return string(text), err
}

func readHistory(text string) ([]delivery.Change, error) {
	var stored []storedChange
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	changes := make([]delivery.Change, len(stored))
	for i, c := range stored {
		changes[i] = delivery.Change{State: c.State, At: fromMillis(c.At)}
	}
	return changes, nil
}

// writeAnswer gives what was answered as it is stored; nil is NULL.
func writeAnswer(a *pin.Answer) (*string, error) {
	if a == nil {
		return nil, nil
	}
	text, err := json.Marshal(a)
	return new(string(text)), err
}

func readAnswer(text *string) (*pin.Answer, error) {
	if text == nil {
		return nil, nil
	}
	var a pin.Answer
	if err := json.Unmarshal([]byte(*text), &a); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	return &a, nil
}
