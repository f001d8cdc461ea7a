package pin

import (
	"strings"

	"github.com/pinpost/pinpost/internal/delivery"
)

// apply makes of a new PIN what its number asks for, and gives its code.
func (sp Special) apply(p *PIN, code delivery.Code, alphabet string, attempts int) delivery.Code {
	if sp.Expired {
		p.ExpiresAt = p.CreatedAt
	}
	if sp.Exhausted {
		p.Attempts = attempts
	}
	if sp.Code == "" {
		return code
	}
	return fixed(sp.Code, alphabet, len(code))
}

// fixed gives the first characters of digits; where a PIN has letters alone, A stands for 1, B for 2 and so on.
func fixed(digits, alphabet string, length int) delivery.Code {
	out := make([]byte, length)
	for i := range out {
		c := digits[i%len(digits)]
		if !strings.ContainsRune(alphabet, rune(c)) {
			c = 'A' + (c-'1')%26
		}
		out[i] = c
	}
	return delivery.Code(out)
}
