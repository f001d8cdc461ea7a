package sound

import "math"

const (
	// loudness is the level of speech that a telephone network expects, about -20 dB below full scale, as a root mean square.
	loudness = 3277
	// ceiling leaves room for what a codec adds.
	ceiling = 26000
	// block is what is looked at as one when silence is told from speech: 5 ms.
	block = Rate / 200
	// margin is kept before the first and after the last sound: 10 ms, which the fades use.
	margin = 2 * block
)

// Normalise brings speech to the level of a telephone, or as near as its loudest sample allows. Silence stays silence.
func Normalise(pcm []int16) []int16 {
	energy, loud, peak := 0.0, 0, 0.0
	for start := 0; start < len(pcm); start += block {
		sum, top := measure(pcm[start:min(start+block, len(pcm))])
		if peak = max(peak, top); top < quiet {
			continue // pauses do not count, or a slow speaker would be the louder
		}
		energy += sum
		loud += min(block, len(pcm)-start)
	}
	if loud == 0 || energy == 0 {
		return append([]int16(nil), pcm...)
	}
	gain := min(loudness/math.Sqrt(energy/float64(loud)), ceiling/peak)
	out := make([]int16, len(pcm))
	for i, x := range pcm {
		out[i] = clip(gain * float64(x))
	}
	return out
}

// quiet is the peak below which a block is silence: about -46 dB.
const quiet = 164

// measure gives the sum of squares and the highest value.
func measure(pcm []int16) (sum, peak float64) {
	for _, x := range pcm {
		v := math.Abs(float64(x))
		sum += v * v
		peak = max(peak, v)
	}
	return sum, peak
}

// Trim cuts silence off both ends and fades what is left in and out, so that it can stand next to silence without a click.
func Trim(pcm []int16) []int16 {
	first, last := -1, -1
	for start := 0; start < len(pcm); start += block {
		if _, peak := measure(pcm[start:min(start+block, len(pcm))]); peak >= quiet {
			if first < 0 {
				first = start
			}
			last = start + block
		}
	}
	if first < 0 {
		return nil
	}
	out := append([]int16(nil), pcm[max(0, first-margin):min(len(pcm), last+margin)]...)
	for i := range min(margin, len(out)/2) {
		share := float64(i) / margin
		out[i] = clip(share * float64(out[i]))
		out[len(out)-1-i] = clip(share * float64(out[len(out)-1-i]))
	}
	return out
}
