package observe

import (
	"log/slog"
	"regexp"
	"strings"
)

var (
	keyPattern   = regexp.MustCompile(`[0-9a-fA-F]{32}-[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}`)
	phonePattern = regexp.MustCompile(`\b\d{7,15}\b`)
)

// Mask hides what looks like a key or a phone number.
func Mask(text string) string {
	if harmless(text) {
		return text
	}
	text = keyPattern.ReplaceAllString(text, "[key]")
	return phonePattern.ReplaceAllStringFunc(text, func(digits string) string {
		return digits[:2] + strings.Repeat("*", len(digits)-4) + digits[len(digits)-2:]
	})
}

// What harmless looks for: the hex digits that a key begins with, and how many digits a phone number has.
const (
	keyHead     = 32
	fewestPhone = 7
	mostPhone   = 15
)

// harmless tells that a text has nothing to hide: no hyphen behind as many hex digits as a key begins with, and no word that is
// a phone number. It spares nearly every text the patterns, which cost many times as much.
func harmless(text string) bool {
	if len(text) < fewestPhone {
		return true
	}
	hex, word, digits := 0, 0, 0 // how long the row of hex digits and the word are that end here, and the digits in the word
	for i := range len(text) {
		b := text[i]
		switch letter := b | 0x20; {
		case b >= '0' && b <= '9':
			hex, word, digits = hex+1, word+1, digits+1
			continue
		case letter >= 'a' && letter <= 'f':
			hex, word = hex+1, word+1
			continue
		case letter >= 'a' && letter <= 'z' || b == '_':
			word++
		case b == '-' && hex >= keyHead || isPhone(word, digits):
			return false
		default:
			word, digits = 0, 0
		}
		hex = 0
	}
	return !isPhone(word, digits)
}

// isIdentifier tells that a text is one word in capitals and digits, and longer than any phone number, as ids are. It has nothing
// to hide, and is quicker to find out than harmless.
func isIdentifier(text string) bool {
	for i := range len(text) {
		if b := text[i]; (b < 'A' || b > 'Z') && (b < '0' || b > '9') {
			return false
		}
	}
	return len(text) > mostPhone
}

func isPhone(word, digits int) bool {
	return word == digits && digits >= fewestPhone && digits <= mostPhone
}

// maskRecord is the line with everything in it masked, and its time in UTC.
func maskRecord(r slog.Record) slog.Record {
	masked := slog.NewRecord(r.Time.UTC(), r.Level, Mask(r.Message), r.PC)
	for a := range r.Attrs {
		masked.AddAttrs(mask(a))
	}
	return masked
}

// mask hides keys and long runs of digits in texts, and gives times in UTC. Numbers and durations are left alone.
func mask(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	switch a.Value.Kind() {
	case slog.KindTime:
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	case slog.KindString:
		a.Value = slog.StringValue(Mask(a.Value.String()))
	case slog.KindGroup:
		a.Value = slog.GroupValue(masked(a.Value.Group())...)
	case slog.KindAny:
		if a.Value.Any() == nil {
			return slog.Attr{} // says nothing, as of an error that was none
		}
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(Mask(err.Error()))
		}
	}
	return a
}

// masked is mask for each of several.
func masked(attrs []slog.Attr) []slog.Attr {
	all := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		all[i] = mask(a)
	}
	return all
}
