//go:build peers

package voice_test

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/voice"
	"github.com/pinpost/pinpost/internal/voice/hear"
	"github.com/pinpost/pinpost/internal/voice/prompts"
	"github.com/pinpost/pinpost/internal/voice/sound"
)

// messages have numbers in their text, which a listener must not take for the PIN.
func messages() map[string][]string {
	return map[string][]string{
		"en":    {"Your Pinpost code is ", ". It is valid for 15 minutes, in room 2 of 7."},
		"de":    {"Ihr Code lautet ", ". Er gilt 15 Minuten, in Zimmer 2 von 7."},
		"fr":    {"Votre code est ", ". Il est valable 15 minutes."},
		"ja":    {"ばんごうは ", " です。15ふん"},
		"zh_tw": {"您的驗證碼是 ", "，15 分鐘內有效。"},
		"pt-br": {"Seu código é ", ". Ele vale por 15 minutos."},
	}
}

func TestPeers_espeak(t *testing.T) {
	t.Parallel()
	s, log := setup(t, voice.Config{Timeout: 30 * time.Second}, voice.Deps{})
	for language, phrases := range messages() {
		for _, rate := range []float64{1, 0.8, 1.25} {
			p := delivery.Prompt{Phrases: phrases, PIN: "4F0Q71B9", Language: language, Rate: rate}
			if err := s.Prepare(t.Context(), p); err != nil {
				t.Errorf("Prepare in %s = %v", language, err)
			}
			pcm, err := s.Render(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			line := sound.FromMuLaw(sound.ToMuLaw(pcm))
			if text, worst := hear.PINAt(line, language, prompts.Alphabet, rate); text != "4F0Q71B9" || worst < 0.98 {
				t.Errorf("heard %q with %.3f in %s at %v, want 4F0Q71B9", text, worst, language, rate)
			}
		}
	}
	if log.Len() > 0 {
		t.Errorf("log says %q, want nothing", log)
	}
}

func TestPeers_espeak_has_every_voice(t *testing.T) {
	t.Parallel()
	s, log := setup(t, voice.Config{Timeout: 30 * time.Second}, voice.Deps{})
	for _, language := range prompts.Languages() {
		slow, fast := 0, 0
		for rate, length := range map[float64]*int{0.5: &slow, 2: &fast} {
			with := delivery.Prompt{Phrases: []string{"Pinpost 2026, Pinpost 2026. ", ""}, PIN: "1", Language: language, Rate: rate}
			without := with
			without.Phrases = []string{"", ""}
			a, err := s.Render(t.Context(), with)
			if err != nil {
				t.Fatal(err)
			}
			b, err := s.Render(t.Context(), without)
			if err != nil {
				t.Fatal(err)
			}
			*length = len(a) - len(b)
		}
		if ratio := float64(slow) / float64(fast); ratio < 2 {
			t.Errorf("%s: the text at 0.5 is %.1f times as long as at 2, want about 4", language, ratio)
		}
	}
	if log.Len() > 0 {
		t.Errorf("log says %q, want nothing", log)
	}
}
