package sms_test

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/pinpost/pinpost/internal/sms"
)

func FuzzSegmentsOf(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""},
		{strings.Repeat("a", 160), "a"},
		{strings.Repeat("€", 80), "ç"},
		{strings.Repeat("a", 152) + "€", strings.Repeat("a", 152)},
		{strings.Repeat("ж", 70), "😀"},
		{strings.Repeat("😀", 66), "😀"},
		{"\xff\xfe", "\x00"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, more string) {
		head, whole := sms.SegmentsOf(text), sms.SegmentsOf(text+more)
		if head.Count < 1 {
			t.Errorf("SegmentsOf(%q) = %+v, want at least one part", text, head)
		}
		if head.Encoding != sms.EncodingGSM7 && head.Encoding != sms.EncodingUCS2 {
			t.Errorf("SegmentsOf(%q) = %+v, want a known encoding", text, head)
		}
		// Half a character that the rest completes is another text, so only whole characters are compared.
		cut := !utf8.ValidString(text)
		if !cut && whole.Count < head.Count {
			t.Errorf("SegmentsOf(%q) = %+v, and %+v with %q after it, want no fewer parts", text, head, whole, more)
		}
		if !cut && head.Encoding == sms.EncodingUCS2 && whole.Encoding != sms.EncodingUCS2 {
			t.Errorf("SegmentsOf(%q) = %+v, and %+v with %q after it, want UCS-2 still", text, head, whole, more)
		}
		if parts := sms.Split(text); len(parts) != head.Count || strings.Join(parts, "") != text {
			t.Errorf("Split(%q) = %q, want the text in %d parts", text, parts, head.Count)
		}
		if units := len(utf16.Encode([]rune(text))); head.Encoding == sms.EncodingUCS2 && (head.Count == 1) != (units <= 70) {
			t.Errorf("SegmentsOf(%q) = %+v for %d units, want one part for up to 70 alone", text, head, units)
		}
	})
}

func FuzzSenderFault(f *testing.F) {
	for _, seed := range []string{
		"Infobip 2FA", "41793026727", "+41793026727", "+", "++1", "12-34", "", " ", "abcdefghij€", "Bank\n", "Français", "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sender string) {
		if sms.SenderFault(sender) != "" {
			return
		}
		if strings.TrimSpace(sender) == "" {
			t.Errorf("SenderFault(%q) is silent, want an empty sender refused", sender)
		}
		if number := strings.TrimPrefix(sender, "+"); strings.Trim(number, "0123456789") == "" {
			if len(number) > 15 {
				t.Errorf("SenderFault(%q) is silent, want more than 15 digits refused", sender)
			}
			return
		}
		if n := len([]rune(sender)); n > 11 {
			t.Errorf("SenderFault(%q) is silent, want %d characters refused", sender, n)
		}
		if got := sms.SegmentsOf(sender); got.Encoding != sms.EncodingGSM7 {
			t.Errorf("SegmentsOf(%q) = %+v, want an accepted sender in the GSM alphabet", sender, got)
		}
		if strings.ContainsAny(sender, "\n\r\f\x00") {
			t.Errorf("SenderFault(%q) is silent, want control characters refused", sender)
		}
	})
}
