package sound_test

import (
	"math"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/voice/sound"
)

// sine is a tone of full scale times level.
func sine(hertz, level float64, samples, rate int) []int16 {
	pcm := make([]int16, samples)
	for i := range pcm {
		pcm[i] = int16(32000 * level * math.Sin(2*math.Pi*hertz*float64(i)/float64(rate)))
	}
	return pcm
}

// power is the root mean square of a sound without its ends, where filters begin and fades are.
func power(pcm []int16) float64 {
	sum := 0.0
	part := pcm[len(pcm)/8 : len(pcm)*7/8]
	for _, x := range part {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum / float64(len(part)))
}

// pitch is how often a second a sound goes from below zero to above.
func pitch(pcm []int16) float64 {
	ups := 0
	for i := 1; i < len(pcm); i++ {
		if pcm[i-1] < 0 && pcm[i] >= 0 {
			ups++
		}
	}
	return float64(ups) * sound.Rate / float64(len(pcm))
}

func near(got, want, share float64) bool { return math.Abs(got-want) <= share*want }

func TestResample(t *testing.T) {
	t.Parallel()
	for _, from := range []int{8000, 11025, 16000, 22050, 44100, 48000, 6000} {
		in := sine(700, 0.5, from, from)
		out := sound.Resample(in, from, sound.Rate)
		if len(out) != sound.Rate || !near(pitch(out), 700, 0.005) || !near(power(out), power(in), 0.01) {
			t.Errorf("from %d: %d samples, pitch %.0f, level %.0f, want %d, 700 and %.0f", from, len(out), pitch(out), power(out), sound.Rate, power(in))
		}
	}
	if out := sound.Resample(nil, 22050, sound.Rate); len(out) != 0 {
		t.Errorf("nothing becomes %d samples", len(out))
	}
}

func TestResample_filters_out_what_8_kHz_cannot_hold(t *testing.T) {
	t.Parallel()
	for _, hertz := range []float64{4400, 5000, 7300, 10000} {
		in := sine(hertz, 0.5, 22050, 22050)
		if out := sound.Resample(in, 22050, sound.Rate); power(out) > power(in)/400 {
			t.Errorf("%.0f Hz comes through at %.5f of its level, want less than 0.0025", hertz, power(out)/power(in))
		}
	}
}

func TestStretch_keeps_the_pitch(t *testing.T) {
	t.Parallel()
	for _, hertz := range []float64{90, 200, 440} {
		in := sine(hertz, 0.5, 2*sound.Rate, sound.Rate)
		for _, rate := range []float64{0.5, 0.8, 1.25, 1.7, 2} {
			out := sound.Stretch(in, rate)
			if !near(float64(len(out)), float64(len(in))/rate, 0.001) {
				t.Errorf("at %v: %d samples, want %.0f", rate, len(out), float64(len(in))/rate)
			}
			if !near(pitch(out), hertz, 0.02) || !near(power(out), power(in), 0.05) {
				t.Errorf("at %v: pitch %.1f, level %.0f, want %.1f and %.0f", rate, pitch(out), power(out), hertz, power(in))
			}
		}
	}
}

func TestStretch_leaves_alone(t *testing.T) {
	t.Parallel()
	in := sine(200, 0.5, sound.Rate, sound.Rate)
	for name, rate := range map[string]float64{"one": 1, "zero": 0, "less": -1, "no number": math.NaN(), "no end": math.Inf(1)} {
		if out := sound.Stretch(in, rate); len(out) != len(in) || out[1234] != in[1234] {
			t.Errorf("a rate of %s changes the sound", name)
		}
	}
	if out := sound.Stretch(in[:100], 2); len(out) != 100 {
		t.Errorf("12 ms become %d samples, want them as they are", len(out))
	}
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	for _, level := range []float64{0.01, 0.1, 0.9} {
		if got := power(sound.Normalise(sine(300, level, sound.Rate, sound.Rate))); !near(got, 3277, 0.02) {
			t.Errorf("a tone at %v comes out at %.0f, want 3277", level, got)
		}
	}
	click := make([]int16, sound.Rate)
	click[4000] = 20000
	for _, x := range sound.Normalise(click) {
		if x > 26000 {
			t.Errorf("a click comes out at %d, want at most 26000", x)
		}
	}
	if got := sound.Normalise(make([]int16, 100)); len(got) != 100 || got[50] != 0 {
		t.Error("silence does not stay silence")
	}
}

func TestTrim(t *testing.T) {
	t.Parallel()
	tone := sine(300, 0.5, sound.Rate/2, sound.Rate)
	around := append(append(sound.Silence(time.Second), tone...), sound.Silence(time.Second)...)
	got := sound.Trim(around)
	if extra := sound.Length(len(got) - len(tone)); extra < 0 || extra > 30*time.Millisecond {
		t.Errorf("half a second in silence is trimmed to %v", sound.Length(len(got)))
	}
	if got[0] != 0 || got[len(got)-1] != 0 {
		t.Errorf("the sound begins with %d and ends with %d, want 0 and 0", got[0], got[len(got)-1])
	}
	if got := sound.Trim(make([]int16, 1000)); len(got) != 0 {
		t.Errorf("silence is trimmed to %d samples", len(got))
	}
	if got := sound.Trim(tone); len(got) > len(tone) {
		t.Errorf("a sound without silence grows to %d samples", len(got))
	}
	if tone[0] != around[sound.Rate] {
		t.Error("Trim changes what it is given")
	}
}

func TestMuLaw(t *testing.T) {
	t.Parallel()
	// The values of G.711: the smallest and largest steps of both signs, and the two zeros.
	for octet, want := range map[byte]int16{0xFF: 0, 0x7F: 0, 0xFE: 8, 0x7E: -8, 0x80: 32124, 0x00: -32124, 0xF0: 120, 0xEF: 132} {
		if got := sound.FromMuLaw([]byte{octet})[0]; got != want {
			t.Errorf("octet %#02x is %d, want %d", octet, got, want)
		}
	}
	for x := math.MinInt16; x <= math.MaxInt16; x++ {
		octet := sound.ToMuLaw([]int16{int16(x)})
		got := int(sound.FromMuLaw(octet)[0])
		if off := max(got-x, x-got); off > 4+max(x, -x)/32 {
			t.Fatalf("%d is stored as %d", x, got)
		}
		x += 36
	}
}
