package hear_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"log/slog"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/voice"
	"github.com/pinpost/pinpost/internal/voice/hear"
	"github.com/pinpost/pinpost/internal/voice/prompts"
	"github.com/pinpost/pinpost/internal/voice/sound"
)

const (
	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// alphabets are those of the PIN types.
func alphabets() map[string]string {
	return map[string]string{
		"NUMERIC": digits, "ALPHA": letters, "HEX": digits + letters[:6], "ALPHANUMERIC": digits + letters,
	}
}

// random gives a code of 5 characters, always the same for a seed.
func random(alphabet string, seed uint64) string {
	source := rand.New(rand.NewPCG(seed, 1))
	var code strings.Builder
	for range 5 {
		code.WriteByte(alphabet[source.IntN(len(alphabet))])
	}
	return code.String()
}

// say renders a message without a speech program.
func say(t *testing.T, code, language string, rate float64) []int16 {
	t.Helper()
	speaker, err := voice.New(voice.Config{Off: true}, voice.Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	pcm, err := speaker.Render(t.Context(), delivery.Prompt{
		Phrases: []string{"", ""}, PIN: delivery.Code(code), Language: language, Rate: rate,
	})
	if err != nil {
		t.Fatal(err)
	}
	return pcm
}

func TestPIN_reads_every_type_in_every_language(t *testing.T) {
	t.Parallel()
	for i, language := range prompts.Languages() {
		for kind, alphabet := range alphabets() {
			t.Run(language+" "+kind, func(t *testing.T) {
				t.Parallel()
				code := random(alphabet, uint64(i))
				got, worst := hear.PIN(sound.FromMuLaw(sound.ToMuLaw(say(t, code, language, 1))), language, alphabet)
				if got != code || worst < 0.98 {
					t.Errorf("PIN = %q with %.3f, want %q with 0.98 or more", got, worst, code)
				}
			})
		}
	}
}

func TestPIN_reads_every_character_in_every_language(t *testing.T) {
	t.Parallel()
	for _, language := range prompts.Languages() {
		if language == "zh_tw" {
			continue // the prompts of zh_cn
		}
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			got, worst := hear.PIN(quieter(say(t, prompts.Alphabet, language, 1), 0.25), language, prompts.Alphabet)
			if got != prompts.Alphabet || worst < 0.95 {
				t.Errorf("PIN = %q with %.3f, want %q with 0.95 or more", got, worst, prompts.Alphabet)
			}
		})
	}
}

func TestPIN_after_a_telephone_line(t *testing.T) {
	t.Parallel()
	lines := map[string]func([]int16) []int16{
		"A-law":               aLaw,
		"much quieter":        func(pcm []int16) []int16 { return quieter(pcm, 0.1) },
		"silence before":      func(pcm []int16) []int16 { return append(make([]int16, 3*sound.Rate+123), pcm...) },
		"noise on the line":   noisy,
		"another's speech":    func(pcm []int16) []int16 { return append(say(t, "QR", "de", 1), pcm...) },
		"A-law, and quieter":  func(pcm []int16) []int16 { return aLaw(quieter(pcm, 0.3)) },
		"cut off at a prompt": func(pcm []int16) []int16 { return append(pcm, pcm[:500]...) },
	}
	for name, line := range lines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, language := range []string{"en", "fr", "ja"} {
				const code = "7QES0FM3"
				got, worst := hear.PIN(line(say(t, code, language, 1)), language, digits+letters)
				if got != code {
					t.Errorf("PIN = %q with %.3f in %s, want %q", got, worst, language, code)
				}
			}
		})
	}
}

func TestPINAt_reads_other_speech_rates(t *testing.T) {
	t.Parallel()
	for i, language := range prompts.Languages() {
		rate := []float64{0.8, 1.25, 0.5, 2}[i%4]
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			code := random(digits+letters, 99+uint64(i))
			got, worst := hear.PINAt(sound.FromMuLaw(sound.ToMuLaw(say(t, code, language, rate))), language, digits+letters, rate)
			if got != code || worst < 0.95 {
				t.Errorf("PINAt = %q with %.3f at rate %v, want %q with 0.95 or more", got, worst, rate, code)
			}
		})
	}
}

func TestPIN_hears_nothing_where_nothing_is_said(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pcm                []int16
		language, alphabet string
	}{
		"nothing at all":          {nil, "en", digits},
		"silence":                 {make([]int16, sound.Rate), "en", digits},
		"noise":                   {noisy(make([]int16, 2*sound.Rate)), "en", digits},
		"another language":        {say(t, "4839", "fi", 1), "ko", digits},
		"letters, asked digits":   {say(t, "QWKL", "en", 1), "en", digits},
		"an unknown language":     {say(t, "4839", "en", 1), "tlh", digits},
		"an alphabet of nothing":  {say(t, "4839", "en", 1), "en", ""},
		"shorter than any prompt": {say(t, "4839", "en", 1)[:800], "en", digits},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, worst := hear.PIN(tt.pcm, tt.language, tt.alphabet); got != "" || worst != 0 {
				t.Errorf("PIN = %q with %.3f, want nothing", got, worst)
			}
		})
	}
}

func quieter(pcm []int16, gain float64) []int16 {
	out := slices.Clone(pcm)
	for i, x := range out {
		out[i] = int16(gain * float64(x))
	}
	return out
}

// noisy adds noise of about -55 dB, as a line has.
func noisy(pcm []int16) []int16 {
	source := rand.New(rand.NewPCG(1, 2))
	out := slices.Clone(pcm)
	for i, x := range out {
		out[i] = x + int16(source.IntN(101)-50)
	}
	return out
}

// aLaw loses what the European law of G.711 loses: all but the four bits after the first of twelve.
func aLaw(pcm []int16) []int16 {
	out := slices.Clone(pcm)
	for i, x := range out {
		size := math.Abs(float64(x)) / 16
		step := math.Pow(2, math.Max(0, math.Floor(math.Log2(size+1e-9))-4)) // 1 for the two lowest segments
		out[i] = int16(math.Copysign(math.Min(32256, 16*step*(math.Floor(size/step)+0.5)), float64(x)))
	}
	return out
}
