package media

import (
	"math"
	"testing"
	"time"
)

func TestDetector(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	type voice struct{ from, to time.Duration }
	tests := map[string]struct {
		voices []voice
		want   Verdict
		at     time.Duration
	}{
		"a short greeting, then a pause":        {[]voice{{300 * ms, 780 * ms}}, Human, 1560 * ms},
		"a greeting of two words":               {[]voice{{300 * ms, 700 * ms}, {1000 * ms, 1500 * ms}}, Human, 2280 * ms},
		"a long announcement":                   {[]voice{{200 * ms, 4000 * ms}}, Machine, 2600 * ms},
		"an announcement that takes its breath": {[]voice{{200 * ms, 1500 * ms}, {1900 * ms, 4000 * ms}}, Machine, 2600 * ms},
		"nothing":                               {nil, Nobody, 2500 * ms},
		"somebody who speaks up late":           {[]voice{{2400 * ms, 2500 * ms}}, Human, 3280 * ms},
	}
	loud := make([]int16, FrameSamples)
	for i := range loud {
		loud[i] = 4000
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := NewDetector(Thresholds{})
			for at := time.Duration(0); ; at += 20 * ms {
				for _, v := range test.voices {
					if at >= v.from && at < v.to {
						d.Hear(at, loud)
					}
				}
				if got := d.Verdict(at); got != Undecided {
					if got != test.want || at != test.at {
						t.Errorf("verdict %v after %v, want %v after %v", got, at, test.want, test.at)
					}
					return
				}
			}
		})
	}
}

func TestDetector_listens_so_long_and_no_longer(t *testing.T) {
	t.Parallel()
	d := NewDetector(Thresholds{Speech: time.Minute, Wait: time.Second})
	d.Hear(990*time.Millisecond, []int16{20000})
	if got := d.Verdict(time.Second); got != Unsure {
		t.Errorf("verdict %v, want %v", got, Unsure)
	}
}

func TestDetector_takes_noise_for_silence(t *testing.T) {
	t.Parallel()
	d := NewDetector(Thresholds{})
	for at := time.Duration(0); at < 2500*time.Millisecond; at += 20 * time.Millisecond {
		d.Hear(at, []int16{100, -100, 120})
	}
	if got := d.Verdict(2500 * time.Millisecond); got != Nobody {
		t.Errorf("verdict %v, want %v", got, Nobody)
	}
}

func TestLevel(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pcm  []int16
		want float64
	}{
		"full scale": {[]int16{-32768, -32768}, 0},
		"half":       {[]int16{16384, -16384}, -6.02},
		"silence":    {[]int16{0, 0}, math.Inf(-1)},
		"no sound":   {nil, math.Inf(-1)},
	}
	for name, test := range tests {
		if got := Level(test.pcm); got != test.want && math.Abs(got-test.want) > 0.01 {
			t.Errorf("%s: %v dB, want %v", name, got, test.want)
		}
	}
}
