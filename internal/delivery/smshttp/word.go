package smshttp

import (
	"strings"
	"unicode"
)

// maxWord is how many characters of a gateway's word are kept.
const maxWord = 80

// Word makes what a gateway said fit for records and logs: short, printable, and without any of the secrets, which a
// gateway may repeat.
func Word(text string, secrets ...string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[…]")
		}
	}
	kept := make([]rune, 0, maxWord)
	for _, r := range text {
		if len(kept) == maxWord {
			break
		}
		if !unicode.IsPrint(r) {
			r = ' '
		}
		kept = append(kept, r)
	}
	return strings.TrimSpace(string(kept))
}
