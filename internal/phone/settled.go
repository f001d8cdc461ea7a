package phone

import (
	"regexp/syntax"
	"slices"
	"strconv"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// settled tells that a number is already what its reading gives, so that it need not be read: its national part has a possible
// length and begins with a digit that no trunk prefix of its country begins with, and that is no zero. False says nothing.
func settled(digits string) bool {
	if len(digits) > maxDigits {
		return false
	}
	table := plans()
	for size := 1; size <= maxCallingCode && size < len(digits); size++ {
		code, _ := strconv.Atoi(digits[:size])
		if p := table[code]; p != nil {
			national := digits[size:]
			return digits[0] != '0' && p.firsts&(1<<(national[0]-'0')) != 0 && p.lengths&(1<<len(national)) != 0
		}
	}
	return false
}

// maxCallingCode is how many digits a country calling code has at most.
const maxCallingCode = 3

// plan says which numbers of a calling code are settled.
type plan struct {
	lengths uint64 // bit n: a national part of n digits is possible
	firsts  uint16 // bit n: no trunk prefix begins with n
}

// plans gives the plan of each calling code, which is its index; nil for one that does not exist.
var plans = sync.OnceValue(func() []*plan {
	table := make([]*plan, 1000)
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		return table // and every number is read
	}
	for code := range phonenumbers.GetSupportedCallingCodes() {
		table[code] = &plan{}
	}
	for _, country := range all.GetMetadata() {
		code := int(country.GetCountryCode())
		if p := table[code]; p != nil && country.GetId() == phonenumbers.GetRegionCodeForCountryCode(code) {
			*p = planOf(country)
		}
	}
	return table
})

func planOf(country *phonenumbers.PhoneMetadata) (p plan) {
	general := country.GetGeneralDesc()
	if general.GetNationalNumberPattern() == "" {
		return plan{} // read by other rules
	}
	for _, length := range general.GetPossibleLength() {
		if length > 0 && length <= maxDigits && !slices.Contains(general.GetPossibleLengthLocalOnly(), length) {
			p.lengths |= 1 << length
		}
	}
	p.firsts = anyDigit &^ 1 // a zero in front has rules of its own
	if prefix := country.GetNationalPrefixForParsing(); prefix != "" {
		tree, err := syntax.Parse(prefix, syntax.Perl)
		if err != nil {
			return plan{}
		}
		begins, empty := firstDigits(tree)
		if empty {
			return plan{}
		}
		p.firsts &^= begins
	}
	return p
}

// anyDigit is the set of all ten.
const anyDigit = 1<<10 - 1

// firstDigits gives the digits that a match of an expression may begin with, perhaps more, and whether a match may be empty.
func firstDigits(of *syntax.Regexp) (begins uint16, empty bool) {
	switch of.Op {
	case syntax.OpLiteral:
		return digitsBetween(of.Rune[0], of.Rune[0]), false
	case syntax.OpCharClass:
		for i := 0; i < len(of.Rune); i += 2 {
			begins |= digitsBetween(of.Rune[i], of.Rune[i+1])
		}
		return begins, false
	case syntax.OpCapture, syntax.OpPlus:
		return firstDigits(of.Sub[0])
	case syntax.OpConcat:
		for _, part := range of.Sub {
			more, skipped := firstDigits(part)
			if begins |= more; !skipped {
				return begins, false
			}
		}
		return begins, true
	case syntax.OpAlternate:
		for _, part := range of.Sub {
			more, skipped := firstDigits(part)
			begins, empty = begins|more, empty || skipped
		}
		return begins, empty
	case syntax.OpQuest, syntax.OpStar, syntax.OpRepeat:
		begins, _ = firstDigits(of.Sub[0])
		return begins, true
	}
	return anyDigit, true
}

func digitsBetween(low, high rune) (set uint16) {
	for d := max(low, '0'); d <= min(high, '9'); d++ {
		set |= 1 << (d - '0')
	}
	return set
}
