// Package sound works on speech as a telephone has it: one channel of signed 16-bit samples, 8000 a second.
package sound

import (
	"math"
	"time"
)

// Rate is how many samples a second of sound has.
const Rate = 8000

// Silence is so much of nothing.
func Silence(d time.Duration) []int16 {
	if d <= 0 {
		return nil
	}
	return make([]int16, d*Rate/time.Second)
}

// Length is how long so many samples last.
func Length(samples int) time.Duration { return time.Duration(samples) * time.Second / Rate }

// clip brings a sample into range.
func clip(x float64) int16 {
	return int16(math.RoundToEven(max(math.MinInt16, min(math.MaxInt16, x))))
}
