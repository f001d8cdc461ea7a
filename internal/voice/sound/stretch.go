package sound

import "math"

// Stretch works in windows of 30 ms that overlap by half, and looks 10 ms to each side for the place where a window continues
// the sound before it. A window holds two periods of the lowest voice, and the search one.
const (
	window = 3 * Rate / 100
	hop    = window / 2
	search = Rate / 100
)

// Stretch says speech faster (rate above 1) or slower (below 1) in the same voice: its length is divided by rate, its pitch
// stays. The method is overlap-add of windows chosen by similarity (WSOLA). A rate of 1, or one that is not positive, changes
// nothing.
func Stretch(pcm []int16, rate float64) []int16 {
	if rate == 1 || !(rate > 0) || math.IsInf(rate, 1) || len(pcm) < 2*window {
		return append([]int16(nil), pcm...)
	}
	length := int(float64(len(pcm)) / rate)
	sum := make([]float64, length+2*window)
	weight := make([]float64, len(sum))
	from := 0
	for to := 0; to < length; to += hop {
		add(sum[to:], weight[to:], pcm, from)
		ideal := int(float64(to+hop) * rate)
		from = similar(pcm, from+hop, ideal)
	}
	out := make([]int16, length)
	for i := range out {
		if weight[i] > 0 {
			out[i] = clip(sum[i] / weight[i])
		}
	}
	return out
}

// add lays one window of the sound over what is there.
func add(sum, weight []float64, pcm []int16, from int) {
	for i := range window {
		share := 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/window)
		weight[i] += share
		if j := from + i; j >= 0 && j < len(pcm) {
			sum[i] += share * float64(pcm[j])
		}
	}
}

// similar finds, near a place, the window that is most like the natural continuation of the window before.
func similar(pcm []int16, natural, place int) int {
	best, found := math.Inf(-1), place
	for candidate := place - search; candidate <= place+search; candidate++ {
		if score := likeness(pcm, natural, candidate); score > best {
			best, found = score, candidate
		}
	}
	return found
}

// likeness is the correlation of two windows, every second sample of them: the voice is far below what that loses.
//
//go:norace
func likeness(pcm []int16, a, b int) float64 {
	dot, energy := 0.0, 1.0
	for i := 0; i < window; i += 2 {
		if a+i < 0 || b+i < 0 || a+i >= len(pcm) || b+i >= len(pcm) {
			continue
		}
		x, y := float64(pcm[a+i]), float64(pcm[b+i])
		dot += x * y
		energy += y * y
	}
	return dot / math.Sqrt(energy)
}
