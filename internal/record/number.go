package record

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pinpost/pinpost/internal/phone"
)

// Mobile numbers +33 6 39 98 xx xx are reserved for fiction by the French numbering plan, and belong to nobody.
const (
	firstFiction = 33639980000
	mostFiction  = 10_000
)

var fiction = regexp.MustCompile(`^3363998[0-9]{4}$`)

// refusedNumbers stand for numbers that are refused, by the reason.
var refusedNumbers = map[error]string{
	phone.ErrFormat: "not a number", phone.ErrCountry: "999123456", phone.ErrImpossible: "336399800",
}

// number gives what stands for a phone number, spelt with or without a plus as it was, and whether it is one. All
// spellings of a number have one that stands for them.
func (b *book) number(text string) (fake string, valid bool, reason string) {
	if text == "" {
		return "", false, ""
	}
	number, err := phone.Parse(text)
	if err != nil {
		for kind, stands := range refusedNumbers {
			if errors.Is(err, kind) {
				return stands, false, ""
			}
		}
		return "", false, oddNumber
	}
	fake, known := b.numbers[number.Digits()]
	if !known {
		if len(b.numbers) >= mostFiction {
			return "", false, noNumbers
		}
		fake = fmt.Sprint(firstFiction + len(b.numbers))
		b.numbers[number.Digits()] = fake
	}
	if strings.HasPrefix(text, "+") {
		fake = "+" + fake
	}
	return fake, true, ""
}

// canonical is the one spelling of a number; empty when it is none.
func canonical(text string) string {
	number, err := phone.Parse(text)
	if err != nil {
		return ""
	}
	return number.Digits()
}
