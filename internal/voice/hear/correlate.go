package hear

import "math"

// The race detector is told to leave the arithmetic of this package alone, which works on slices that nobody else has: it would
// take most of the time that the tests of the whole repository take.

// correlator compares a recording with templates. It works through the recording in blocks of a power of two, and takes two
// templates at a time: one in the real and one in the imaginary part.
type correlator struct {
	fft     *fft
	step    int            // how far apart the blocks begin
	blocks  [][]complex128 // their transforms
	product []complex128
	out     [2][]float64
	fine    []float64
}

// newCorrelator takes a recording apart for templates of at most so many samples.
func newCorrelator(recording []float64, longest int) *correlator {
	size := 1024
	for size < 4*longest {
		size *= 2
	}
	c := &correlator{fft: newFFT(size), step: size - longest + 1, product: make([]complex128, size)}
	for start := 0; start < len(recording); start += c.step {
		c.blocks = append(c.blocks, c.fft.transform(recording[start:min(start+size, len(recording))], 1))
	}
	for i := range c.out {
		c.out[i] = make([]float64, len(recording))
	}
	c.fine = make([]float64, 2*len(recording))
	return c
}

// compare gives the product of each of one or two templates with the recording, at every place. They are overwritten by the next.
//
//go:norace
func (c *correlator) compare(templates []template) [2][]float64 {
	sum := c.fft.pair(templates)
	for b, block := range c.blocks {
		c.fft.multiply(c.product, block, sum)
		start := b * c.step
		for i := range min(c.step, len(c.out[0])-start) {
			c.out[0][start+i], c.out[1][start+i] = real(c.product[i]), imag(c.product[i])
		}
	}
	return c.out
}

// sums gives the energy before each sample, and that of all at the end.
func sums(x []float64) []float64 {
	total := make([]float64, len(x)+1)
	for i, v := range x {
		total[i+1] = total[i] + v*v
	}
	return total
}

// scale turns the products at which a template of some length and size fits into likenesses.
//
//go:norace
func scale(products, sums []float64, size float64, length int) []float64 {
	products = products[:max(0, len(products)-length+1)]
	for i, dot := range products {
		products[i] = likeness(dot, size, sums[i+length]-sums[i], length)
	}
	return products
}

// peaks gives the places that reach a floor and are no lower than their neighbours. A vowel has one at each of its periods,
// and which is the right one shows only at the second look.
//
//go:norace
func peaks(scores []float64, floor float64) []int {
	var places []int
	for i, s := range scores {
		if s >= floor && (i == 0 || scores[i-1] <= s) && (i+1 == len(scores) || scores[i+1] <= s) {
			places = append(places, i)
		}
	}
	return places
}

func norm(x []float64) float64 { return math.Sqrt(product(x, x)) }

//go:norace
func product(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

func signal(pcm []int16) []float64 {
	x := make([]float64, len(pcm))
	for i, v := range pcm {
		x[i] = float64(v)
	}
	return x
}

// thinned keeps every fourth sample of a sound, without what those cannot hold.
//
//go:norace
func thinned(x []float64) []float64 {
	var taps [4*coarse - 3]float64
	for i := range taps {
		taps[i] = 1 - math.Cos(2*math.Pi*float64(i+1)/float64(len(taps)+1))
	}
	thin := make([]float64, len(x)/coarse)
	for i := range thin {
		first := coarse*i - len(taps)/2
		for j, tap := range taps {
			if at := first + j; at >= 0 && at < len(x) {
				thin[i] += tap * x[at]
			}
		}
	}
	return thin
}

// halves puts a value between each two, as a curve through four would have it.
//
//go:norace
func halves(fine, x []float64) []float64 {
	fine = fine[:2*len(x)]
	for i, v := range x {
		fine[2*i], fine[2*i+1] = v, 0
		if i > 0 && i+2 < len(x) {
			fine[2*i+1] = (9*(v+x[i+1]) - x[i-1] - x[i+2]) / 16
		}
	}
	return fine
}
