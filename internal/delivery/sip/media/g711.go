// Package media is the sound of a call: G.711 in RTP packets that leave every 20 ms, the keys that the other side presses,
// and a guess at whether a machine picked up. It knows nothing of SIP.
package media

import "math/bits"

// Law is one of the two ways of G.711 to put a sample into an octet.
type Law uint8

// The two laws. Their values are the payload types that RFC 3551 gives them.
const (
	ULaw Law = 0
	ALaw Law = 8
)

// Sound is mono PCM16 at Rate samples a second; a packet carries FrameSamples of them, which are 20 ms.
const (
	Rate         = 8000
	FrameSamples = Rate / 50
)

// The tables take a sample without its lowest bits, which G.711 does not look at either.
var (
	toULaw   = table(1<<14, func(i int) byte { return compressU(int(int16(i << 2))) })
	toALaw   = table(1<<12, func(i int) byte { return compressA(int(int16(i << 4))) })
	fromULaw = table(256, func(i int) int16 { return expandU(byte(i)) })
	fromALaw = table(256, func(i int) int16 { return expandA(byte(i)) })
)

// Name is what SDP calls the law.
func (l Law) Name() string {
	if l == ALaw {
		return "PCMA"
	}
	return "PCMU"
}

// Encode appends an octet for each sample to dst.
func (l Law) Encode(dst []byte, pcm []int16) []byte {
	for _, sample := range pcm {
		if l == ALaw {
			dst = append(dst, toALaw[uint16(sample)>>4])
		} else {
			dst = append(dst, toULaw[uint16(sample)>>2])
		}
	}
	return dst
}

// Decode appends a sample for each octet to dst.
func (l Law) Decode(dst []int16, octets []byte) []int16 {
	from := fromULaw
	if l == ALaw {
		from = fromALaw
	}
	for _, octet := range octets {
		dst = append(dst, from[octet])
	}
	return dst
}

func table[T any](size int, entry func(int) T) []T {
	entries := make([]T, size)
	for i := range entries {
		entries[i] = entry(i)
	}
	return entries
}

// uBias moves the segments' borders of the µ-law to powers of two, in steps of 16-bit samples.
const uBias = 33 << 2

func compressU(sample int) byte {
	sign, size := signOf(sample)
	size = min(size+uBias, 1<<15-1)
	segment := bits.Len(uint(size)) - 8
	return ^(sign | byte(segment<<4) | byte(size>>(segment+3))&0x0f)
}

func expandU(octet byte) int16 {
	octet = ^octet
	size := (int(octet&0x0f)<<3+uBias)<<(octet>>4&7) - uBias
	return signed(octet&0x80 != 0, size)
}

// aMask has every other bit of an A-law octet inverted, so that silence is not a row of zeros on the line.
const aMask = 0x55

func compressA(sample int) byte {
	sign, size := signOf(sample)
	segment := max(bits.Len(uint(size))-8, 0)
	shift := max(segment, 1) + 3
	return (sign ^ 0x80 | byte(segment<<4) | byte(size>>shift)&0x0f) ^ aMask
}

func expandA(octet byte) int16 {
	octet ^= aMask
	size, segment := int(octet&0x0f)<<4+8, octet>>4&7
	if segment > 0 {
		size = (size + 256) << (segment - 1)
	}
	return signed(octet&0x80 == 0, size)
}

// signOf splits a sample; the laws count the negative ones from -1, so that there are as many of them.
func signOf(sample int) (sign byte, size int) {
	if sample < 0 {
		return 0x80, ^sample
	}
	return 0, sample
}

func signed(negative bool, size int) int16 {
	if negative {
		size = -size
	}
	return int16(size)
}
