package sms

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// escape opens a pair that stands for one character of the extension table.
const escape = 0x1B

// gsmExtendedCodes are the second septets of gsmExtended, in its order.
const gsmExtendedCodes = "\x0A\x14\x28\x29\x2F\x3C\x3D\x3E\x40\x65"

// gsmCode says how one character travels: one septet, or escape and a second one. Width 0 means not at all.
type gsmCode struct{ width, septet uint8 }

// gsmCodes has every character of the alphabet but the euro sign, which alone lies far above the rest.
var gsmCodes = gsmTable()

func gsmTable() [0x400]gsmCode {
	var table [0x400]gsmCode
	at := uint8(0)
	for _, r := range gsmBasic {
		if at == escape {
			at++
		}
		table[r] = gsmCode{1, at}
		at++
	}
	at = 0
	for _, r := range gsmExtended {
		if int(r) < len(table) {
			table[r] = gsmCode{2, gsmExtendedCodes[at]}
		}
		at++
	}
	return table
}

func gsmCodeOf(r rune) gsmCode {
	if r == '€' {
		return gsmCode{2, gsmExtendedCodes[len(gsmExtendedCodes)-1]}
	}
	if r < 0 || int(r) >= len(gsmCodes) {
		return gsmCode{}
	}
	return gsmCodes[r]
}

// Septets gives a text in the alphabet of GSM 03.38, one septet in each octet and an escape pair for an extended
// character. It is false when a character is not in the alphabet.
func Septets(text string) ([]byte, bool) {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		switch code := gsmCodeOf(r); code.width {
		case 1:
			out = append(out, code.septet)
		case 2:
			out = append(out, escape, code.septet)
		default:
			return nil, false
		}
	}
	return out, true
}

// FromSeptets reads what Septets wrote. As on phones, an escape before a septet without an extended character is a
// space before what the septet is alone, and an octet above 127 is a question mark.
func FromSeptets(septets []byte) string {
	basic := []rune(gsmBasic)
	extended := []rune(gsmExtended)
	var out strings.Builder
	escaped := false
	for _, s := range septets {
		if escaped {
			escaped = false
			if at := strings.IndexByte(gsmExtendedCodes, s); at >= 0 {
				out.WriteRune(extended[at])
				continue
			}
			out.WriteByte(' ')
		}
		switch {
		case s == escape:
			escaped = true
		case s > 0x7F:
			out.WriteByte('?')
		case s > escape:
			out.WriteRune(basic[s-1])
		default:
			out.WriteRune(basic[s])
		}
	}
	return out.String()
}

// Pack puts septets side by side, eight of them into seven octets, after fill bits of zero: as many as a user data
// header before them needs to end at a septet.
func Pack(septets []byte, fill int) []byte {
	bits := fill + 7*len(septets)
	out := make([]byte, (bits+7)/8)
	for i, s := range septets {
		at := fill + 7*i
		wide := uint16(s&0x7F) << (at % 8)
		out[at/8] |= byte(wide)
		if high := byte(wide >> 8); high != 0 {
			out[at/8+1] |= high
		}
	}
	return out
}

// Unpack takes count septets out of what Pack gave with the same fill; it gives fewer when packed is too short.
func Unpack(packed []byte, fill, count int) []byte {
	var out []byte
	for i := range count {
		at := fill + 7*i
		if at+7 > 8*len(packed) {
			break
		}
		wide := uint16(packed[at/8])
		if at/8+1 < len(packed) {
			wide |= uint16(packed[at/8+1]) << 8
		}
		out = append(out, byte(wide>>(at%8))&0x7F)
	}
	return out
}

// FillBits says how many bits stand between a user data header of so many octets, its length octet among them, and the
// first septet after it.
func FillBits(header int) int { return (7 - header*8%7) % 7 }

// Latin1 gives a text in ISO 8859-1. It is false when a character is not in it.
func Latin1(text string) ([]byte, bool) { return single(text, 0xFF) }

// ASCII gives a text in ASCII. It is false when a character is not in it.
func ASCII(text string) ([]byte, bool) { return single(text, 0x7F) }

func single(text string, last rune) ([]byte, bool) {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if r > last {
			return nil, false
		}
		out = append(out, byte(r))
	}
	return out, true
}

// UTF16 gives a text as UTF-16, the high octet first.
func UTF16(text string) []byte {
	out := make([]byte, 0, 2*len(text))
	for _, r := range text {
		if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
			out = append(out, byte(hi>>8), byte(hi), byte(lo>>8), byte(lo))
			continue
		}
		out = append(out, byte(r>>8), byte(r))
	}
	return out
}

// FromUTF16 reads what UTF16 wrote; an odd octet at the end is left out.
func FromUTF16(octets []byte) string {
	units := make([]uint16, 0, len(octets)/2)
	for i := 0; i+1 < len(octets); i += 2 {
		units = append(units, uint16(octets[i])<<8|uint16(octets[i+1]))
	}
	return string(utf16.Decode(units))
}
