package sms

import (
	"strings"
	"unicode"
)

const digits = "0123456789"

// SenderFault says what keeps a text from being the sender of an SMS, or nothing. A sender is a number of up to 15
// digits, with or without a plus, or up to 11 characters of the GSM alphabet with a letter among them.
func SenderFault(sender string) string {
	if strings.TrimSpace(sender) == "" {
		return "must not be empty"
	}
	if number := strings.TrimPrefix(sender, "+"); strings.Trim(number, digits) == "" {
		if number == "" || len(number) > 15 {
			return "must have 1 to 15 digits when numeric"
		}
		return ""
	}
	widths, ok := septets(sender)
	if !ok || strings.ContainsAny(sender, "\n\r\f") {
		return "must use characters of the GSM 03.38 alphabet"
	}
	if !strings.ContainsFunc(sender, unicode.IsLetter) {
		return "must be digits alone or have a letter among its characters"
	}
	total := 0
	for _, w := range widths {
		total += w
	}
	if total > 11 {
		return "must be at most 11 characters when alphanumeric"
	}
	return ""
}
