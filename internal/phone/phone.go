// Package phone holds phone numbers in the one spelling that everything else compares: international digits without a
// plus sign, such as 41793026727.
package phone

import (
	"errors"
	"log/slog"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Number is a possible international phone number. Printing one masks it; Digits gives it whole.
type Number string

// Why a text is not a number that a message can go to.
var (
	ErrFormat     = errors.New("must be digits in international format, with or without a leading +")
	ErrCountry    = errors.New("must start with a country calling code")
	ErrImpossible = errors.New("is too short or too long for a number of its country")
)

// How many digits a number has. E.164 allows 15; trunk zeros that people leave in may come on top.
const (
	minDigits  = 4
	maxDigits  = 15
	trunkSpare = 2
)

// Parse reads a number written as digits with or without a leading plus. Two spellings of one number, such as one
// with a trunk zero left in, give the same Number.
func Parse(text string) (Number, error) {
	digits := strings.TrimPrefix(text, "+")
	if len(digits) < minDigits || len(digits) > maxDigits+trunkSpare || !allDigits(digits) {
		return "", ErrFormat
	}
	if settled(digits) {
		return Number(digits), nil
	}
	return read(digits)
}

// read reads a number as the library does. It costs ten times as much as all else that becomes of a number.
func read(digits string) (Number, error) {
	// One reading drops one trunk zero. What it gives is read again until nothing changes, or a number with two zeros
	// would be one more Number for the same phone, with limits of its own.
	for range maxDigits {
		again, err := normal(digits)
		if err != nil {
			return "", err
		}
		if again == digits && len(again) <= maxDigits {
			return Number(again), nil
		}
		digits = again
	}
	return "", ErrImpossible
}

// normal is one reading of a number.
func normal(digits string) (string, error) {
	parsed, err := phonenumbers.Parse("+"+digits, "")
	if err != nil {
		return "", ErrCountry
	}
	// IsPossibleNumber also passes what can be dialled within one area alone.
	if phonenumbers.IsPossibleNumberWithReason(parsed) != phonenumbers.IS_POSSIBLE {
		return "", ErrImpossible
	}
	return phonenumbers.Format(parsed, phonenumbers.E164)[1:], nil
}

// Digits is the whole number, for the store, the carrier and the answer; not for a log.
func (n Number) Digits() string { return string(n) }

// String masks all but the first two and last two digits.
func (n Number) String() string { return Mask(string(n)) }

// GoString masks the number for %#v.
func (n Number) GoString() string { return n.String() }

// LogValue masks the number in structured logs.
func (n Number) LogValue() slog.Value { return slog.StringValue(n.String()) }

// MarshalText masks the number where a log writes a whole struct as JSON.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// Mask keeps the first two and the last two characters of a number and hides those between.
func Mask(digits string) string {
	if len(digits) <= 4 {
		return "****"
	}
	hidden := []byte(digits)
	for i := 2; i < len(hidden)-2; i++ {
		hidden[i] = '*'
	}
	return string(hidden)
}

func allDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
