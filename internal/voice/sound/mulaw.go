package sound

import "slices"

// muLaw gives the sample of each octet of the law that prompts are stored in, which is that of G.711 in America and Japan:
// a telephone there gets them as they are stored.
func muLaw() (samples [256]int16) {
	for i := range samples {
		octet := ^byte(i)
		size := (int16(octet&15)<<3 + 132) << (octet >> 4 & 7)
		if samples[i] = size - 132; octet&128 != 0 {
			samples[i] = 132 - size
		}
	}
	return samples
}

// FromMuLaw reads what ToMuLaw wrote.
func FromMuLaw(octets []byte) []int16 {
	table := muLaw()
	pcm := make([]int16, len(octets))
	for i, b := range octets {
		pcm[i] = table[b]
	}
	return pcm
}

// ToMuLaw stores each sample in one octet, by the nearest value that there is.
func ToMuLaw(pcm []int16) []byte {
	table := muLaw()
	order := make([]byte, 256)
	for i := range order {
		order[i] = byte(i)
	}
	// The two zeros keep the order of their octets, so that the same sound always gives the same octets.
	slices.SortStableFunc(order, func(a, b byte) int { return int(table[a]) - int(table[b]) })
	octets := make([]byte, len(pcm))
	for i, x := range pcm {
		at, _ := slices.BinarySearchFunc(order, x, func(b byte, x int16) int { return int(table[b]) - int(x) })
		below, above := order[max(0, at-1)], order[min(at, len(order)-1)]
		if octets[i] = above; int(x)-int(table[below]) < int(table[above])-int(x) {
			octets[i] = below
		}
	}
	return octets
}
