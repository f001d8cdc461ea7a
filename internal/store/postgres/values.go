package postgres

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

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

var errPhone = errors.New("a phone number cannot be stored")

// toPhone is a phone number as it is stored. What is not the digits of a number, the first of them no 0, gives an error.
func toPhone(n phone.Number) (int64, error) {
	stored, err := strconv.ParseInt(n.Digits(), 10, 64)
	if err != nil || stored < 1 || fromPhone(stored) != n {
		return 0, errPhone
	}
	return stored, nil
}

// fromPhone is a stored phone number.
func fromPhone(stored int64) phone.Number { return phone.Number(strconv.FormatInt(stored, 10)) }

// tallyOf is the number that places of a kind have in an application.
func tallyOf(application int64, kind pin.LimitKind) int64 { return application*2 + int64(kind) }

// remote is a delivery with what its carrier calls it.
type remote struct{ hash, at, delivery, pin int64 }

// hashOfRemote is a short key for what a carrier calls a delivery. Others may have the same.
func hashOfRemote(carrier, remoteID string) int64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s%s", len(carrier), carrier, remoteID))
	return int64(binary.BigEndian.Uint64(sum[:]))
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
