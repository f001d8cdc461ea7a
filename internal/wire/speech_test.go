package wire_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/voice"
)

// TestEvery_language_of_messages_is_spoken has what a message may say agree with what there are recordings for.
func TestEvery_language_of_messages_is_spoken(t *testing.T) {
	t.Parallel()
	speaker, err := voice.New(voice.Config{Off: true}, voice.Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	for _, language := range append(message.Languages(), "") {
		for _, rate := range []float64{0, message.MinSpeechRate, message.MaxSpeechRate} {
			p := delivery.Prompt{Phrases: []string{"", ""}, PIN: "A7", Language: language, Rate: rate}
			if sound, err := speaker.Render(t.Context(), p); err != nil || len(sound) < 4000 {
				t.Errorf("%q at %v gives %d samples, %v", language, rate, len(sound), err)
			}
		}
	}
}
