// Package voice turns the message of a call into sound. The PIN is spoken from prompts that the program carries, the text
// around it by a speech program; without one, a few words in the message's language stand in for the text.
package voice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/voice/prompts"
	"github.com/pinpost/pinpost/internal/voice/sound"
)

// Phrase is a piece of a message for a speech program. It never holds a PIN.
type Phrase struct {
	Text  string
	Voice string  // as the speech program calls it
	Rate  float64 // 0.5 to 2
}

// Synthesiser speaks phrases.
type Synthesiser interface {
	// Speak gives a phrase as sound of sound.Rate samples a second.
	Speak(ctx context.Context, p Phrase) ([]int16, error)
}

// Deps are what a Speaker works with.
type Deps struct {
	Now func() time.Time
	Log *slog.Logger
	// Synthesiser is used instead of the command of Config when it is set.
	Synthesiser Synthesiser
}

// Speaker renders messages. It is for many goroutines at once and must be closed.
type Speaker struct {
	voices map[string]string
	lib    *library // nil when there is nothing to speak phrases with
	warn   *warner
}

// New makes a Speaker; its error lists every fault of the settings. A speech program that is missing is no fault, as it may
// come later: the log says so at the first message.
func New(cfg Config, deps Deps) (*Speaker, error) {
	cfg = cfg.withDefaults()
	err := cfg.Validate()
	if deps.Now == nil || deps.Log == nil {
		err = errors.Join(err, errors.New("voice needs a clock and a log"))
	}
	if err != nil {
		return nil, err
	}
	s := &Speaker{voices: cfg.Voices, warn: &warner{now: deps.Now, log: deps.Log}}
	engine := deps.Synthesiser
	if engine == nil && !cfg.Off {
		engine = newCommand(cfg)
	}
	if engine != nil {
		s.lib = newLibrary(cfg, engine, deps.Now)
	}
	return s, nil
}

// How long the pauses of a message are at a rate of 1.
const (
	aroundPIN  = 350 * time.Millisecond
	afterDigit = 220 * time.Millisecond
)

// Render gives a message as sound, 8000 samples a second: said once, without silence around it. Its errors are a language
// that there are no prompts for, a PIN with characters that cannot be spoken, and the end of ctx; none shows the PIN.
func (s *Speaker) Render(ctx context.Context, p delivery.Prompt) ([]int16, error) {
	rate := rateOf(p)
	code, err := speakPIN(p, rate)
	if err != nil {
		return nil, err
	}
	spoken, err := s.phrases(ctx, p, rate)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("wait for speech: %w", ctx.Err())
	}
	if err != nil {
		s.warn.tell(ctx, p.Language, err)
		if spoken, err = standIn(p, rate); err != nil {
			return nil, err
		}
	}
	return join(spoken, code, rate), nil
}

// Prepare has the text around the PIN spoken ahead of the first call, so that no call waits for it. Without a speech program
// it does nothing. An error means that calls are said with the stand-in words.
func (s *Speaker) Prepare(ctx context.Context, p delivery.Prompt) error {
	if s.lib == nil {
		return nil
	}
	_, err := s.phrases(ctx, p, rateOf(p))
	return err
}

// Close ends what the speech program is doing and waits for it, but not longer than ctx. What is rendered after it has the
// stand-in words.
func (s *Speaker) Close(ctx context.Context) error {
	if s.lib == nil {
		return nil
	}
	return s.lib.close(ctx)
}

// phrases speaks the pieces around the PIN, one sound for each; a piece without a letter or digit is nil.
func (s *Speaker) phrases(ctx context.Context, p delivery.Prompt, rate float64) ([][]int16, error) {
	if s.lib == nil {
		return nil, errOff
	}
	name, err := s.voice(p.Language)
	if err != nil {
		return nil, err
	}
	spoken := make([][]int16, len(p.Phrases))
	for i, text := range p.Phrases {
		if text = strings.TrimSpace(text); !strings.ContainsFunc(text, sayable) {
			continue
		}
		if spoken[i], err = s.lib.get(ctx, Phrase{Text: text, Voice: name, Rate: rate}); err != nil {
			return nil, err
		}
	}
	return spoken, nil
}

func sayable(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// voice is the speech program's name for the voice of a language.
func (s *Speaker) voice(language string) (string, error) {
	if name := s.voices[prompts.Code(language)]; name != "" {
		return name, nil
	}
	return prompts.Voice(language)
}

// rateOf is how fast a message is said; what is outside the documented 0.5 to 2 is brought to the nearest end.
func rateOf(p delivery.Prompt) float64 {
	if p.Rate == 0 || math.IsNaN(p.Rate) {
		return 1
	}
	return max(0.5, min(2, p.Rate))
}

// speakPIN says the characters of the PIN one by one.
func speakPIN(p delivery.Prompt, rate float64) ([]int16, error) {
	pack, err := prompts.Load(p.Language)
	if err != nil {
		return nil, fmt.Errorf("speak the PIN: %w", err)
	}
	var pcm []int16
	for i, character := range []byte(p.PIN.Reveal()) {
		said, err := pack.Spoken(character)
		if err != nil {
			return nil, fmt.Errorf("speak the PIN: %w", err)
		}
		if i > 0 {
			pcm = append(pcm, pause(afterDigit, rate)...)
		}
		pcm = append(pcm, sound.Stretch(said, rate)...)
	}
	if len(pcm) == 0 {
		return nil, errors.New("speak the PIN: it is empty")
	}
	return pcm, nil
}

// standIn gives the words that are said before each PIN when the message's own cannot be.
func standIn(p delivery.Prompt, rate float64) ([][]int16, error) {
	pack, err := prompts.Load(p.Language)
	if err != nil {
		return nil, err
	}
	words := sound.Stretch(sound.FromMuLaw(pack.Carrier), rate)
	spoken := make([][]int16, max(2, len(p.Phrases)))
	for i := range spoken[:len(spoken)-1] {
		spoken[i] = words
	}
	return spoken, nil
}

// join puts the PIN between each two phrases.
func join(spoken [][]int16, code []int16, rate float64) []int16 {
	var pcm []int16
	for i, phrase := range spoken {
		if len(pcm) > 0 && len(phrase) > 0 {
			pcm = append(pcm, pause(aroundPIN, rate)...)
		}
		pcm = append(pcm, phrase...)
		if i == len(spoken)-1 {
			break
		}
		if len(pcm) > 0 {
			pcm = append(pcm, pause(aroundPIN, rate)...)
		}
		pcm = append(pcm, code...)
	}
	return pcm
}

func pause(d time.Duration, rate float64) []int16 {
	return sound.Silence(time.Duration(float64(d) / rate))
}
