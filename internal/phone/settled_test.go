package phone

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestSettled_reads_the_same tries every beginning of four digits, in every length: what is settled,
// reading changes nothing about.
func TestSettled_reads_the_same(t *testing.T) {
	t.Parallel()
	count := 0
	for head := range 10_000 {
		for length := minDigits; length <= maxDigits+trunkSpare; length++ {
			digits := fmt.Sprintf("%04d", head)
			for len(digits) < length {
				digits += strconv.Itoa(rand.IntN(10))
			}
			digits = digits[:length]
			if !settled(digits) || rand.IntN(sample) > 0 {
				continue
			}
			count++
			if got, err := read(digits); got.Digits() != digits || err != nil {
				t.Fatalf("%s counts as settled, and is read as %s, %v", digits, got.Digits(), err)
			}
		}
	}
	t.Logf("%d numbers compared", count)
}

// sample is how many settled numbers there are for each that is compared.
const sample = 2

// TestSettled_countries wants the quick way for usual numbers.
func TestSettled_countries(t *testing.T) {
	t.Parallel()
	for _, digits := range strings.Fields("4915112345678 41793026727 33639980012 12025550123 447911123456 34612345678 919876543210 48501234567") {
		if !settled(digits) {
			t.Errorf("%s is read the slow way", digits)
		}
	}
	for _, digits := range strings.Fields("49015112345678 0041793026727 4179302672 999123456789 1 49") {
		if settled(digits) {
			t.Errorf("%s counts as settled", digits)
		}
	}
}
