package sms_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/sms"
)

func TestSegmentsOf(t *testing.T) {
	t.Parallel()
	gsm, ucs := sms.EncodingGSM7, sms.EncodingUCS2
	tests := map[string]struct {
		text string
		want sms.Segments
	}{
		"nothing is one part":                              {"", sms.Segments{gsm, 1}},
		"160 letters fit one part":                         {strings.Repeat("a", 160), sms.Segments{gsm, 1}},
		"161 letters take two":                             {strings.Repeat("a", 161), sms.Segments{gsm, 2}},
		"306 letters fill two":                             {strings.Repeat("a", 306), sms.Segments{gsm, 2}},
		"307 letters take three":                           {strings.Repeat("a", 307), sms.Segments{gsm, 3}},
		"1530 letters fill ten":                            {strings.Repeat("a", 1530), sms.Segments{gsm, 10}},
		"1531 letters take eleven":                         {strings.Repeat("a", 1531), sms.Segments{gsm, 11}},
		"80 euro signs are 160 septets":                    {strings.Repeat("€", 80), sms.Segments{gsm, 1}},
		"81 euro signs take two parts":                     {strings.Repeat("€", 81), sms.Segments{gsm, 2}},
		"152 euro signs: 76 a part":                        {strings.Repeat("€", 152), sms.Segments{gsm, 2}},
		"153 euro signs would fit, were a pair cut in two": {strings.Repeat("€", 153), sms.Segments{gsm, 3}},
		"an escape pair moves whole":                       {strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), sms.Segments{gsm, 3}},
		"an escape pair that ends a part stays":            {strings.Repeat("a", 151) + "€" + strings.Repeat("a", 153), sms.Segments{gsm, 2}},
		"upper-case Ç is in the alphabet":                  {"Ç", sms.Segments{gsm, 1}},
		"lower-case ç is not":                              {"ç", sms.Segments{ucs, 1}},
		"160 letters with a Ç stay seven-bit":              {strings.Repeat("a", 159) + "Ç", sms.Segments{gsm, 1}},
		"160 letters with a ç are UTF-16":                  {strings.Repeat("a", 159) + "ç", sms.Segments{ucs, 3}},
		"70 UTF-16 units fit one part":                     {strings.Repeat("ж", 70), sms.Segments{ucs, 1}},
		"71 take two":                                      {strings.Repeat("ж", 71), sms.Segments{ucs, 2}},
		"134 fill two":                                     {strings.Repeat("ж", 134), sms.Segments{ucs, 2}},
		"135 take three":                                   {strings.Repeat("ж", 135), sms.Segments{ucs, 3}},
		"35 emoji are 70 units":                            {strings.Repeat("😀", 35), sms.Segments{ucs, 1}},
		"36 emoji take two parts":                          {strings.Repeat("😀", 36), sms.Segments{ucs, 2}},
		"66 emoji: 33 a part":                              {strings.Repeat("😀", 66), sms.Segments{ucs, 2}},
		"67 emoji take three":                              {strings.Repeat("😀", 67), sms.Segments{ucs, 3}},
		"a surrogate pair moves whole":                     {strings.Repeat("ж", 66) + "😀" + strings.Repeat("ж", 66), sms.Segments{ucs, 3}},
		"line breaks are in the alphabet":                  {"a\nb\r", sms.Segments{gsm, 1}},
		"a tab is not":                                     {"a\tb", sms.Segments{ucs, 1}},
		"the backtick is not, though it is ASCII":          {"`", sms.Segments{ucs, 1}},
		"bytes that are no text count one each":            {strings.Repeat("\xff", 71), sms.Segments{ucs, 2}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := sms.SegmentsOf(tt.text); got != tt.want {
				t.Errorf("SegmentsOf = %+v, want %+v", got, tt.want)
			}
			parts := sms.Split(tt.text)
			if len(parts) != tt.want.Count || strings.Join(parts, "") != tt.text {
				t.Errorf("Split gives %d parts, want the whole text in %d", len(parts), tt.want.Count)
			}
			for _, part := range parts {
				if sms.SegmentsOf(part).Count != 1 {
					t.Errorf("a part of %d bytes does not fit", len(part))
				}
			}
		})
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	got := sms.Split(strings.Repeat("a", 152) + "€" + "b")
	if len(got) != 1 {
		t.Errorf("155 septets are %d parts, want one", len(got))
	}
	got = sms.Split(strings.Repeat("a", 152) + "€" + strings.Repeat("b", 20))
	if want := []string{strings.Repeat("a", 152), "€" + strings.Repeat("b", 20)}; !slices.Equal(got, want) {
		t.Errorf("Split gives %q, want %q", got, want)
	}
	got = sms.Split(strings.Repeat("ж", 66) + "😀" + strings.Repeat("ж", 5))
	if want := []string{strings.Repeat("ж", 66), "😀" + strings.Repeat("ж", 5)}; !slices.Equal(got, want) {
		t.Errorf("Split gives %q, want %q", got, want)
	}
}

// TestSegmentsOf_alphabet spells the alphabet out by code point, apart from the text that the code holds.
func TestSegmentsOf_alphabet(t *testing.T) {
	t.Parallel()
	one := []rune{
		0x40, 0xA3, 0x24, 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, 0x0A, 0xD8, 0xF8, 0x0D, 0xC5, 0xE5,
		0x394, 0x5F, 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, 0xC6, 0xE6, 0xDF, 0xC9, 0x20,
		0x21, 0x22, 0x23, 0xA4, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F,
		0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 0xA1, 0xC4, 0xD6, 0xD1, 0xDC, 0xA7, 0xBF, 0xE4, 0xF6, 0xF1, 0xFC, 0xE0,
	}
	for r := rune('0'); r <= '9'; r++ {
		one = append(one, r)
	}
	for r := rune('A'); r <= 'Z'; r++ {
		one = append(one, r, r-'A'+'a')
	}
	if len(one) != 127 {
		t.Fatalf("the test knows %d characters, want 127 and the escape", len(one))
	}
	two := []rune{0x0C, 0x5E, 0x7B, 0x7D, 0x5C, 0x5B, 0x7E, 0x5D, 0x7C, 0x20AC}
	widths := map[rune]int{}
	for _, r := range one {
		widths[r] = 1
	}
	for _, r := range two {
		widths[r] = 2
	}
	for r := rune(0); r < 0x3000; r++ {
		// A lone character of width w fits 160/w times into one part, and not once more.
		want := sms.Segments{Encoding: sms.EncodingUCS2, Count: 1}
		fits := 70
		if w := widths[r]; w > 0 {
			want.Encoding, fits = sms.EncodingGSM7, 160/w
		}
		if got := sms.SegmentsOf(strings.Repeat(string(r), fits)); got != want {
			t.Errorf("SegmentsOf(%d times %U) = %+v, want %+v", fits, r, got, want)
		}
		want.Count = 2
		if got := sms.SegmentsOf(strings.Repeat(string(r), fits+1)); got != want {
			t.Errorf("SegmentsOf(%d times %U) = %+v, want %+v", fits+1, r, got, want)
		}
	}
}
