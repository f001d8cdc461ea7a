// Package hear reads a PIN back out of the recording of a call. It knows the prompts and looks for the very sounds, so that it is
// a judge of what went over a telephone line and no reader of human speech.
package hear

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/pinpost/pinpost/internal/voice/prompts"
	"github.com/pinpost/pinpost/internal/voice/sound"
)

const (
	// coarse is by how much both sides are thinned for the first look, and narrow how many samples the second looks to each side.
	coarse = 4
	narrow = coarse/2 + 1
	// hint is the likeness at the first look that earns a second, and match the one that counts as heard. A prompt that went through
	// the telephone's codecs scores above 0.95.
	hint  = 0.6
	match = 0.85
	// chance is the likeness that says nothing.
	chance = 0.5
	// slice is what counts as one part of a sound, and faint the level below which a part of a prompt does not count.
	slice = sound.Rate / 50
	faint = 30
	// shared is how much of the shorter of two sounds may overlap; of more, the better counts.
	shared = 0.25
)

// PIN gives the characters of alphabet that were said in a recording of 8000 samples a second, in their order, and the
// likeness of the least certain one: 1 for the very sound, 0 when nothing was heard. A message that is said twice gives its
// characters twice. A language without prompts is not heard.
func PIN(pcm []int16, language, alphabet string) (text string, worst float64) {
	return PINAt(pcm, language, alphabet, 1)
}

// PINAt is PIN for a message that was said at another speech rate.
func PINAt(pcm []int16, language, alphabet string, rate float64) (text string, worst float64) {
	templates := templates(language, alphabet, rate)
	if len(templates) == 0 {
		return "", 0
	}
	worst = 1
	var said strings.Builder
	for _, h := range choose(listen(signal(pcm), templates)) {
		said.WriteByte(h.character)
		worst = min(worst, h.score)
	}
	if said.Len() == 0 {
		return "", 0
	}
	return said.String(), worst
}

// template is a sound to look for.
type template struct {
	character byte
	whole     []float64
	thin      []float64
}

func templates(language, alphabet string, rate float64) []template {
	pack, err := prompts.Load(language)
	if err != nil {
		return nil
	}
	var all []template
	for _, character := range []byte(prompts.Alphabet) {
		if strings.IndexByte(alphabet, character) < 0 {
			continue
		}
		pcm, err := pack.Spoken(character)
		if err != nil {
			return nil
		}
		whole := signal(sound.Stretch(pcm, rate))
		all = append(all, template{character, whole, thinned(whole)})
	}
	return all
}

// hit is a place where a character was heard.
type hit struct {
	character   byte
	first, last int // samples
	score       float64
}

// evidence weighs a likeness by how long it lasts.
func (h hit) evidence() float64 { return (h.score - chance) * float64(h.last-h.first) }

// listen finds every place that is like a template.
func listen(recording []float64, templates []template) []hit {
	longest := longest(templates)
	recording = append(recording, make([]float64, longest)...) // a prompt may end where the recording does
	thin := thinned(recording)
	whole, energies := sums(recording), sums(thin)
	c := newCorrelator(thin, longest/coarse)
	var hits []hit
	for pair := range slices.Chunk(templates, 2) {
		products := c.compare(pair)
		for i, t := range pair {
			scores := scale(products[i], energies, norm(t.thin), len(t.thin))
			for _, at := range peaks(halves(c.fine, scores), hint) {
				place, score := refine(recording, whole, t.whole, at*coarse/2)
				if score >= match {
					hits = append(hits, hit{t.character, place, place + len(t.whole), score})
				}
			}
		}
	}
	return hits
}

func longest(templates []template) int {
	length := 0
	for _, t := range templates {
		length = max(length, len(t.whole))
	}
	return length
}

// refine looks at the samples around a place for the best one, and says how alike the two sounds are there.
func refine(recording, sums, template []float64, around int) (place int, score float64) {
	length, size, best := len(template), norm(template), 0.0
	for at := max(0, around-narrow); at <= min(around+narrow, len(recording)-length); at++ {
		dot := product(recording[at:at+length], template)
		if s := likeness(dot, size, sums[at+length]-sums[at], length); s > best {
			place, best = at, s
		}
	}
	if best < hint {
		return place, 0
	}
	return place, evenly(recording[place:place+length], template)
}

// evenly is the likeness of two sounds of one length where every 20 ms count the same. A vowel is so much louder than a
// consonant that F would be S to all but one part in three hundred.
func evenly(part, template []float64) float64 {
	sum, count := 0.0, 0
	for start := 0; start+slice <= len(template); start += slice {
		x, t := part[start:start+slice], template[start:start+slice]
		size := norm(t)
		if size < faint*math.Sqrt(float64(slice)) {
			continue
		}
		sum += likeness(product(x, t), size, product(x, x), slice)
		count++
	}
	return sum / float64(max(1, count))
}

// choose keeps the best of the hits that overlap, in the order in which they were said. A longer sound counts more: C may have
// all of E in it, but E has nothing of the rest of C.
func choose(hits []hit) []hit {
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.evidence(), a.evidence()) })
	var kept []hit
	for _, h := range hits {
		if !slices.ContainsFunc(kept, func(k hit) bool { return overlap(h, k) > shared }) {
			kept = append(kept, h)
		}
	}
	slices.SortFunc(kept, func(a, b hit) int { return cmp.Compare(a.first, b.first) })
	return kept
}

// overlap is how much of the shorter of two hits the other covers.
func overlap(a, b hit) float64 {
	common := min(a.last, b.last) - max(a.first, b.first)
	return float64(common) / float64(min(a.last-a.first, b.last-b.first))
}

// likeness is the cosine of two sounds; silence is like nothing.
func likeness(dot, size, energy float64, length int) float64 {
	if energy < float64(length) {
		return 0
	}
	return dot / (size * math.Sqrt(energy))
}
