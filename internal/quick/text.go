package quick

import (
	"slices"
	"unicode/utf8"
)

// text reads a string. One with an escape in it is only accepted where just its length counts.
func (r *reader) text(n *node) bool {
	r.at++
	from := r.at
	count, escaped, ok := r.characters()
	if !ok || count < n.minLength || count > n.maxLength {
		return false
	}
	if n.values == nil && n.pattern == nil {
		return true
	}
	text := r.body[from : r.at-1]
	return !escaped && n.has(text) && (n.pattern == nil || n.pattern.matches(text))
}

// has tells that enum lists a text, or that there is no enum.
func (n *node) has(text []byte) bool {
	return n.values == nil || slices.ContainsFunc(n.values, func(value string) bool { return value == string(text) })
}

// ordinary are the bytes that are a character of a string each, and nothing else.
var ordinary = func() (set [256]bool) {
	for b := byte(' '); b < utf8.RuneSelf; b++ {
		set[b] = b != '"' && b != '\\'
	}
	return set
}()

// characters reads to the end of a string, and counts its characters, as kin-openapi counts them. What is not UTF-8 and half
// of a surrogate pair end it: the decoder puts another character in their place.
func (r *reader) characters() (count int, escaped, ok bool) {
	for ; r.at < len(r.body); count++ {
		at := r.at
		for at < len(r.body) && ordinary[r.body[at]] {
			at++
		}
		if count += at - r.at; at == len(r.body) {
			break
		}
		r.at = at
		switch b := r.body[at]; {
		case b == '"':
			r.at++
			return count, escaped, true
		case b == '\\':
			if !r.escape() {
				return 0, true, false
			}
			escaped = true
		case b < ' ':
			return 0, escaped, false
		default:
			char, size := utf8.DecodeRune(r.body[r.at:])
			if char == utf8.RuneError && size == 1 {
				return 0, escaped, false
			}
			r.at += size
		}
	}
	return 0, escaped, false
}

// escape reads one escaped character, which can be a pair of surrogates.
func (r *reader) escape() bool {
	r.at++
	switch r.next() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		r.at++
		return true
	case 'u':
	default:
		return false
	}
	unit, ok := r.unit()
	if !ok || unit>>10 != 0xD800>>10 {
		return ok && unit>>10 != 0xDC00>>10
	}
	if r.next() != '\\' {
		return false
	}
	r.at++
	low, ok := r.unit()
	return ok && low>>10 == 0xDC00>>10
}

// unit reads the u of an escape and its four hex digits.
func (r *reader) unit() (unit uint32, ok bool) {
	if r.next() != 'u' || len(r.body)-r.at < 5 {
		return 0, false
	}
	for _, b := range r.body[r.at+1 : r.at+5] {
		unit <<= 4
		switch lower := b | 0x20; {
		case b >= '0' && b <= '9':
			unit |= uint32(b - '0')
		case lower >= 'a' && lower <= 'f':
			unit |= uint32(lower-'a') + 10
		default:
			return 0, false
		}
	}
	r.at += 5
	return unit, true
}

// plain tells that a text of ASCII characters fits, by steps alone: it is a string that would have to be copied otherwise.
func (n *node) plain(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	if len(text) < n.minLength || len(text) > n.maxLength || n.values != nil && !slices.Contains(n.values, text) {
		return false
	}
	return n.pattern == nil || n.pattern.steps != nil && n.pattern.walk([]byte(text))
}
