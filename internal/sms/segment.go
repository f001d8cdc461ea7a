// Package sms knows what an SMS can hold: its alphabet, how a long text is cut, and what may stand as its sender.
package sms

import "unicode/utf16"

// MaxSegments is how many parts one SMS may be cut into.
const MaxSegments = 10

// Encoding is how the characters of an SMS travel.
type Encoding string

// The encodings of an SMS: the seven-bit alphabet of 3GPP TS 23.038, or UTF-16 where a character is not in it.
const (
	EncodingGSM7 Encoding = "GSM-7"
	EncodingUCS2 Encoding = "UCS-2"
)

// Segments says how a text is cut: Count parts in Encoding.
type Segments struct {
	Encoding Encoding
	Count    int
}

// gsmBasic and gsmExtended are the default alphabet and its extension of 3GPP TS 23.038, section 6.2.1; an extended
// character takes two septets.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// SegmentsOf counts the parts a phone puts together again: 160 septets alone or 153 a part, 70 UTF-16 units alone or
// 67 a part. An escape pair and a surrogate pair never straddle two parts.
func SegmentsOf(text string) Segments {
	encoding, widths, limit := measure(text)
	return Segments{encoding, 1 + len(cuts(widths, limit))}
}

// Split gives the parts of a text, as SegmentsOf counts them.
func Split(text string) []string {
	_, widths, limit := measure(text)
	return split(text, cuts(widths, limit))
}

// SplitAs gives the parts of a text that travels in encoding, with a reference number of 8 bits or, when wide, of 16, which
// takes a little room from each part. It is false when the encoding lacks one of the characters.
func SplitAs(text string, encoding Encoding, wide bool) ([]string, bool) {
	widths, limit := units(text), room{alone: 70, each: 67}
	if encoding == EncodingGSM7 {
		var ok bool
		if widths, ok = septets(text); !ok {
			return nil, false
		}
		limit = room{alone: 160, each: 153}
	}
	if wide {
		limit.each--
	}
	return split(text, cuts(widths, limit)), true
}

// split cuts a text before the characters of starts.
func split(text string, starts []int) []string {
	var parts []string
	from, character := 0, 0
	for at := range text {
		if len(starts) > 0 && character == starts[0] {
			parts, from, starts = append(parts, text[from:at]), at, starts[1:]
		}
		character++
	}
	return append(parts, text[from:])
}

// room is how much one part holds.
type room struct{ alone, each int }

// measure tells how a text travels, and how much room each of its characters takes.
func measure(text string) (Encoding, []int, room) {
	if widths, ok := septets(text); ok {
		return EncodingGSM7, widths, room{alone: 160, each: 153}
	}
	return EncodingUCS2, units(text), room{alone: 70, each: 67}
}

// units gives how many UTF-16 units each character takes.
func units(text string) []int {
	widths := make([]int, 0, len(text))
	for _, r := range text {
		widths = append(widths, max(1, utf16.RuneLen(r)))
	}
	return widths
}

func septets(text string) ([]int, bool) {
	widths := make([]int, 0, len(text))
	for _, r := range text {
		width := gsmCodeOf(r).width
		if width == 0 {
			return nil, false
		}
		widths = append(widths, int(width))
	}
	return widths, true
}

// cuts gives the characters that begin a part, but for the first part.
func cuts(widths []int, limit room) []int {
	total := 0
	for _, w := range widths {
		total += w
	}
	if total <= limit.alone {
		return nil
	}
	var starts []int
	used := 0
	for i, w := range widths {
		if used+w > limit.each {
			starts, used = append(starts, i), 0
		}
		used += w
	}
	return starts
}
