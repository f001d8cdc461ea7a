package sms_test

import (
	"testing"

	"github.com/pinpost/pinpost/internal/sms"
)

func TestSenderFault(t *testing.T) {
	t.Parallel()
	const (
		empty    = "must not be empty"
		numeric  = "must have 1 to 15 digits when numeric"
		alphabet = "must use characters of the GSM 03.38 alphabet"
		letter   = "must be digits alone or have a letter among its characters"
		long     = "must be at most 11 characters when alphanumeric"
	)
	tests := map[string]struct{ sender, want string }{
		"a name":                             {"Infobip 2FA", ""},
		"eleven characters":                  {"ABCDEFGHIJK", ""},
		"twelve characters":                  {"ABCDEFGHIJKL", long},
		"one letter":                         {"A", ""},
		"a letter among digits":              {"0123456789a", ""},
		"a name with a Greek letter":         {"ΔΩ Bank", ""},
		"an escaped character counts twice":  {"abcdefghi€", ""},
		"an escaped character too many":      {"abcdefghij€", long},
		"a short number":                     {"7", ""},
		"a number":                           {"41793026727", ""},
		"a number with a plus":               {"+41793026727", ""},
		"fifteen digits":                     {"123456789012345", ""},
		"fifteen digits after a plus":        {"+123456789012345", ""},
		"sixteen digits":                     {"1234567890123456", numeric},
		"sixteen digits after a plus":        {"+1234567890123456", numeric},
		"a plus alone":                       {"+", numeric},
		"two pluses":                         {"++41793026", letter},
		"a number with spaces":               {"41 79 302", letter},
		"signs without a letter":             {"12-34", letter},
		"nothing":                            {"", empty},
		"spaces alone":                       {"   ", empty},
		"a line break alone":                 {"\n", empty},
		"a line break in a name":             {"Bank\nOK", alphabet},
		"a carriage return in a name":        {"Bank\rOK", alphabet},
		"a form feed in a name":              {"Bank\fOK", alphabet},
		"a NUL in a name":                    {"Bank\x00", alphabet},
		"an emoji":                           {"Bank 😀", alphabet},
		"a Cyrillic letter that looks Latin": {"Вank", alphabet},
		"a lower-case c with cedilla":        {"Français", alphabet},
		"bytes that are no text":             {"Bank\xff", alphabet},
		"digits of another script":           {"４１７９", alphabet},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := sms.SenderFault(tt.sender); got != tt.want {
				t.Errorf("SenderFault(%q) = %q, want %q", tt.sender, got, tt.want)
			}
		})
	}
}
