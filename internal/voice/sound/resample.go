package sound

import "math"

// The race detector is told to leave the arithmetic alone, as it works on slices that nobody else has.

// The filter of Resample is a sinc under a Hann window. It is read from a table, as computing it for every sample of every
// odd rate costs more than all else.
const (
	crossings = 16   // zero crossings of the sinc at each side
	steps     = 512  // table entries between two crossings
	passband  = 0.92 // of half the lower rate; the rest is room for the filter to fall
)

// Resample turns sound of one rate into sound of another, both in samples a second and positive. What the lower rate cannot
// hold is filtered out, so that it does not come back as noise.
//
//go:norace
func Resample(in []int16, from, to int) []int16 {
	if from == to || len(in) == 0 {
		return append([]int16(nil), in...)
	}
	table := kernel()
	// One output sample looks at so many input samples at each side, which are so many crossings of the sinc apart.
	scale := passband * min(1, float64(to)/float64(from))
	reach := crossings / scale
	out := make([]int16, int(int64(len(in))*int64(to)/int64(from)))
	for i := range out {
		centre := float64(i) * float64(from) / float64(to)
		first, last := max(0, int(math.Ceil(centre-reach))), min(len(in)-1, int(centre+reach))
		sum := 0.0
		for j := first; j <= last; j++ {
			sum += float64(in[j]) * at(table, math.Abs(float64(j)-centre)*scale)
		}
		out[i] = clip(sum * scale)
	}
	return out
}

// kernel is one side of the filter.
func kernel() []float64 {
	table := make([]float64, crossings*steps+2)
	table[0] = 1
	for i := 1; i <= crossings*steps; i++ {
		x := float64(i) / steps
		window := 0.5 + 0.5*math.Cos(math.Pi*x/crossings)
		table[i] = window * math.Sin(math.Pi*x) / (math.Pi * x)
	}
	return table
}

// at reads the table between its entries. x is at most crossings.
//
//go:norace
func at(table []float64, x float64) float64 {
	place := x * steps
	i := int(place)
	if i >= crossings*steps {
		return 0
	}
	return table[i] + (place-float64(i))*(table[i+1]-table[i])
}
