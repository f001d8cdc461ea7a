package hear

import (
	"math"
	"math/cmplx"
)

// fft is a discrete Fourier transform of one size, a power of two.
type fft struct {
	roots   []complex128
	reverse []int
}

func newFFT(size int) *fft {
	f := &fft{make([]complex128, size/2), make([]int, size)}
	for i := range f.roots {
		f.roots[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/float64(size))
	}
	for i := 1; i < size; i++ {
		f.reverse[i] = f.reverse[i/2]/2 + i%2*size/2
	}
	return f
}

// forward transforms in place.
//
//go:norace
func (f *fft) forward(x []complex128) {
	for i, j := range f.reverse {
		if i < j {
			x[i], x[j] = x[j], x[i]
		}
	}
	for half := 1; half < len(x); half *= 2 {
		stride := len(x) / (2 * half)
		for start := 0; start < len(x); start += 2 * half {
			low, high := x[start:start+half], x[start+half:start+2*half]
			for i := range low {
				turned := high[i] * f.roots[i*stride]
				low[i], high[i] = low[i]+turned, low[i]-turned
			}
		}
	}
}

// transform gives the transform of a sound that is not longer than the size, times a factor.
//
//go:norace
func (f *fft) transform(sound []float64, factor float64) []complex128 {
	x := make([]complex128, len(f.reverse))
	for i, v := range sound {
		x[i] = complex(v*factor, 0)
	}
	f.forward(x)
	return x
}

// pair transforms one or two templates so that multiply gives the correlation of the first as the real part and that of the
// second as the imaginary one.
//
//go:norace
func (f *fft) pair(templates []template) []complex128 {
	share := 1 / float64(len(f.reverse)) // what an inverse transform is divided by
	sum := f.transform(templates[0].thin, share)
	for i, v := range sum {
		sum[i] = cmplx.Conj(v)
	}
	if len(templates) > 1 {
		for i, v := range f.transform(templates[1].thin, share) {
			sum[i] += cmplx.Conj(v) * 1i
		}
	}
	return sum
}

// multiply puts the inverse transform of the product of two transforms into out.
//
//go:norace
func (f *fft) multiply(out, a, b []complex128) {
	for i := range out {
		out[i] = cmplx.Conj(a[i] * b[i])
	}
	f.forward(out)
	for i := range out {
		out[i] = cmplx.Conj(out[i])
	}
}
