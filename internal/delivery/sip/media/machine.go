package media

import (
	"math"
	"time"
)

// Thresholds say what the first seconds of a call sound like when a machine picks up. They are a rule of thumb.
type Thresholds struct {
	Level   float64       `yaml:"level"`   // from how loud on it is a voice, in dB below full scale; default -38
	Speech  time.Duration `yaml:"speech"`  // who speaks for so long without a pause is a machine; default 2.4s
	Pause   time.Duration `yaml:"pause"`   // how long somebody waits for an answer after a greeting; default 0.8s
	Silence time.Duration `yaml:"silence"` // after so long without a voice nobody will greet; default 2.5s
	Wait    time.Duration `yaml:"wait"`    // at most so long is listened; default 5s
}

// WithDefaults fills in what is not set.
func (t Thresholds) WithDefaults() Thresholds {
	if t.Level == 0 {
		t.Level = -38
	}
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{
		{&t.Speech, 2400 * time.Millisecond}, {&t.Pause, 800 * time.Millisecond}, {&t.Silence, 2500 * time.Millisecond}, {&t.Wait, 5 * time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.usual
		}
	}
	return t
}

// Verdict is who seems to have picked up.
type Verdict int

// The verdicts. Nobody means that no voice was heard, Unsure that the time for listening is over.
const (
	Undecided Verdict = iota
	Human
	Machine
	Nobody
	Unsure
)

// Detector tells a machine from a human by the length of the greeting.
type Detector struct {
	thresholds  Thresholds
	spoke       bool
	begin, last time.Duration // the voice that is being heard, since the call was answered
}

// NewDetector works by thresholds, of which each that is 0 has its default.
func NewDetector(t Thresholds) *Detector { return &Detector{thresholds: t.WithDefaults()} }

// Hear takes sound that came in so long after the call was answered.
func (d *Detector) Hear(at time.Duration, pcm []int16) {
	if Level(pcm) < d.thresholds.Level {
		return
	}
	if !d.spoke || at-d.last >= d.thresholds.Pause {
		d.spoke, d.begin = true, at
	}
	d.last = at
}

// Verdict judges what was heard until so long after the call was answered. Packets that do not come count as silence.
func (d *Detector) Verdict(at time.Duration) Verdict {
	switch t := d.thresholds; {
	case d.spoke && d.last-d.begin >= t.Speech:
		return Machine
	case d.spoke && at-d.last >= t.Pause:
		return Human
	case !d.spoke && at >= t.Silence:
		return Nobody
	case at >= t.Wait:
		return Unsure
	}
	return Undecided
}

// Level is how loud sound is, in dB below full scale: 0 is the loudest, and silence is -infinity.
func Level(pcm []int16) float64 {
	if len(pcm) == 0 {
		return math.Inf(-1)
	}
	var sum float64
	for _, sample := range pcm {
		sum += float64(sample) * float64(sample)
	}
	const loudest = 1 << 15
	return 10 * math.Log10(sum/float64(len(pcm))/(loudest*loudest))
}
