package phone_test

import (
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/phone"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"41793026727", "+41793026727", "+410793026727", "+390612345678", "+540111512345678", "4400791112345",
		"63002589452810", "31000422458", "9000828979836170", "819876961003231160", "+49123456789012345", "0041793026727",
		"", "+", "++41", "41 79", "４１７９", "1800FLOWERS", "41793026727;ext=5",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		number, err := phone.Parse(text)
		if err != nil {
			if number != "" {
				t.Errorf("Parse(%q) = %q with error %v, want no number", text, number.Digits(), err)
			}
			return
		}
		digits := number.Digits()
		if strings.Trim(digits, "0123456789") != "" || len(digits) < 4 || len(digits) > 15 {
			t.Errorf("Parse(%q) = %q, want 4 to 15 digits", text, digits)
		}
		for _, again := range []string{digits, "+" + digits} {
			if got, err := phone.Parse(again); err != nil || got != number {
				t.Errorf("Parse(%q) = %q and Parse(%q) = %q, %v, want the same", text, digits, again, got.Digits(), err)
			}
		}
		other := "+" + text
		if bare, had := strings.CutPrefix(text, "+"); had {
			other = bare
		}
		if got, err := phone.Parse(other); err != nil || got != number {
			t.Errorf("Parse(%q) = %q and Parse(%q) = %q, %v, want the same", text, digits, other, got.Digits(), err)
		}
		if masked := number.String(); masked == digits || len(masked) != len(digits) {
			t.Errorf("String() of %q = %q, want it masked at the same length", digits, masked)
		}
	})
}
