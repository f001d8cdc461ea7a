package voice_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/voice"
	"github.com/pinpost/pinpost/internal/voice/hear"
	"github.com/pinpost/pinpost/internal/voice/prompts"
	"github.com/pinpost/pinpost/internal/voice/sound"
)

const (
	pin    = "4839"
	digits = "0123456789"
)

// engine is a Synthesiser that speaks tones and notes what it was asked.
type engine struct {
	mu      sync.Mutex
	phrases []voice.Phrase
	err     error
	wait    chan struct{} // nil for one that speaks at once
}

func (e *engine) Speak(ctx context.Context, p voice.Phrase) ([]int16, error) {
	e.mu.Lock()
	e.phrases = append(e.phrases, p)
	err := e.err
	e.mu.Unlock()
	if e.wait != nil {
		select {
		case <-e.wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return tone(len(p.Text), sound.Rate), err
}

func (e *engine) asked() []voice.Phrase {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]voice.Phrase(nil), e.phrases...)
}

func (e *engine) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
}

// setup gives a speaker, and what it logs.
func setup(t *testing.T, cfg voice.Config, deps voice.Deps) (*voice.Speaker, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	deps.Log = slog.New(slog.NewTextHandler(&log, nil))
	if deps.Now == nil {
		deps.Now = time.Now
	}
	s, err := voice.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	return s, &log
}

func prompt(language string) delivery.Prompt {
	return delivery.Prompt{Phrases: []string{"Your PIN is ", ", keep it."}, PIN: pin, Language: language}
}

func TestRender_says_the_PIN_between_the_phrases(t *testing.T) {
	t.Parallel()
	e := &engine{}
	s, log := setup(t, voice.Config{}, voice.Deps{Synthesiser: e})
	pcm, err := s.Render(t.Context(), prompt(""))
	if err != nil {
		t.Fatal(err)
	}
	if text, worst := hear.PIN(pcm, "en", digits); text != pin || worst < 0.99 {
		t.Errorf("heard %q with %.3f, want %q", text, worst, pin)
	}
	before, after := spoken(len("Your PIN is")), spoken(len(", keep it."))
	if len(pcm) < before+after || !same(pcm[:before], tone(len("Your PIN is"), sound.Rate)) || !same(pcm[len(pcm)-after:], tone(len(", keep it."), sound.Rate)) {
		t.Errorf("message of %v does not begin and end with its phrases", sound.Length(len(pcm)))
	}
	for _, p := range e.asked() {
		if strings.Contains(p.Text, pin) || p.Voice != "en-us" || p.Rate != 1 {
			t.Errorf("asked for %+v, want a text without the PIN in en-us at 1", p)
		}
	}
	if log.Len() > 0 {
		t.Errorf("log says %q, want nothing", log)
	}
}

func same(a, b []int16) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestRender_places_of_the_PIN(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		phrases []string
		asked   int
		heard   string
	}{
		"before the text":        {[]string{"", " is your PIN"}, 1, pin},
		"alone":                  {[]string{"", ""}, 0, pin},
		"twice":                  {[]string{"Type ", ", again: ", ""}, 2, pin + pin},
		"around punctuation":     {[]string{"PIN: ", "."}, 1, pin},
		"not in the text at all": {[]string{"no place for it"}, 1, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &engine{}
			s, _ := setup(t, voice.Config{}, voice.Deps{Synthesiser: e})
			pcm, err := s.Render(t.Context(), delivery.Prompt{Phrases: tt.phrases, PIN: pin})
			if text, _ := hear.PIN(pcm, "en", digits); err != nil || text != tt.heard || len(e.asked()) != tt.asked {
				t.Errorf("heard %q, %v after %d phrases, want %q after %d", text, err, len(e.asked()), tt.heard, tt.asked)
			}
		})
	}
}

func TestRender_without_a_speech_program(t *testing.T) {
	t.Parallel()
	for _, code := range append(prompts.Languages(), "", "pt-PT", "pt-br", "zh-tw") {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			s, log := setup(t, voice.Config{Off: true}, voice.Deps{})
			pcm, err := s.Render(t.Context(), prompt(code))
			if err != nil {
				t.Fatal(err)
			}
			pack, err := prompts.Load(code)
			if err != nil {
				t.Fatal(err)
			}
			words := sound.FromMuLaw(pack.Carrier)
			if len(words) < sound.Rate/4 || len(pcm) < len(words) || !same(pcm[:len(words)], words) {
				t.Errorf("message of %v does not begin with the words of its language", sound.Length(len(pcm)))
			}
			if text, worst := hear.PIN(pcm, code, digits); text != pin || worst < 0.99 {
				t.Errorf("heard %q with %.3f, want %q", text, worst, pin)
			}
			if err := s.Prepare(t.Context(), prompt(code)); err != nil || log.Len() > 0 {
				t.Errorf("Prepare = %v, log %q, want nothing of either", err, log)
			}
		})
	}
}

func TestRender_without_a_speech_program_has_the_PIN_as_often(t *testing.T) {
	t.Parallel()
	s, _ := setup(t, voice.Config{Off: true}, voice.Deps{})
	for heard, phrases := range map[string][]string{pin: {"PIN ", ""}, pin + pin: {"Type ", ", again: ", ""}} {
		pcm, err := s.Render(t.Context(), delivery.Prompt{Phrases: phrases, PIN: pin, Language: "it"})
		if text, _ := hear.PIN(pcm, "it", digits); err != nil || text != heard {
			t.Errorf("heard %q, %v for %q, want %q", text, err, phrases, heard)
		}
	}
}

func TestRender_refuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		p    delivery.Prompt
		want string
	}{
		"a language without prompts": {delivery.Prompt{Phrases: []string{"", ""}, PIN: pin, Language: "tlh"}, `speak the PIN: no prompts for language "tlh"`},
		"a PIN with other marks":     {delivery.Prompt{Phrases: []string{"", ""}, PIN: "48#9"}, "speak the PIN: the PIN has a character that cannot be spoken"},
		"no PIN":                     {delivery.Prompt{Phrases: []string{"", ""}}, "speak the PIN: it is empty"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := setup(t, voice.Config{}, voice.Deps{Synthesiser: &engine{}})
			if _, err := s.Render(t.Context(), tt.p); err == nil || err.Error() != tt.want {
				t.Errorf("Render = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestRender_at_other_rates(t *testing.T) {
	t.Parallel()
	e := &engine{}
	s, _ := setup(t, voice.Config{}, voice.Deps{Synthesiser: e})
	lengths := map[float64]int{}
	for _, rate := range []float64{0.1, 0.5, 1, 2, 9} {
		p := prompt("de")
		p.Rate, p.Phrases = rate, []string{"", ""}
		pcm, err := s.Render(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		lengths[rate] = len(pcm)
		p.Phrases = []string{"a", ""}
		if _, err := s.Render(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if lengths[0.1] != lengths[0.5] || lengths[2] != lengths[9] {
		t.Errorf("lengths %v, want 0.1 as 0.5 and 9 as 2", lengths)
	}
	if slow, fast := float64(lengths[0.5])/float64(lengths[1]), float64(lengths[1])/float64(lengths[2]); slow < 1.98 || slow > 2.02 || fast < 1.98 || fast > 2.02 {
		t.Errorf("0.5 is %.3f times as long as 1, and that %.3f times as long as 2, want 2 and 2", slow, fast)
	}
	if asked := e.asked(); len(asked) != 3 || asked[0].Rate != 0.5 || asked[1].Rate != 1 || asked[2].Rate != 2 {
		t.Errorf("asked for %+v, want rates 0.5, 1 and 2", asked)
	}
}

func TestRender_has_a_phrase_spoken_once(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &engine{wait: make(chan struct{})}
		s, _ := setup(t, voice.Config{Voices: map[string]string{"no": "norwegian"}}, voice.Deps{Synthesiser: e})
		var calls sync.WaitGroup
		for _, code := range []delivery.Code{"1111", "2222", "3333"} {
			p := prompt("no")
			p.PIN, p.Phrases = code, []string{"PIN ", ""}
			calls.Go(func() {
				if _, err := s.Render(t.Context(), p); err != nil {
					t.Errorf("Render = %v", err)
				}
			})
		}
		synctest.Wait()
		close(e.wait)
		calls.Wait()
		p := prompt("no")
		p.Phrases = []string{"PIN ", ""}
		if err := s.Prepare(t.Context(), p); err != nil {
			t.Errorf("Prepare = %v", err)
		}
		want := voice.Phrase{Text: "PIN", Voice: "norwegian", Rate: 1}
		if asked := e.asked(); len(asked) != 1 || asked[0] != want {
			t.Errorf("asked for %+v, want %+v once", asked, want)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
}

func TestRender_when_the_speech_program_fails(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	e := &engine{err: errors.New("no such voice")}
	s, log := setup(t, voice.Config{}, voice.Deps{Synthesiser: e, Now: func() time.Time { return now }})
	render := func() []int16 {
		pcm, err := s.Render(t.Context(), prompt("es"))
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := hear.PIN(pcm, "es", digits); text != pin {
			t.Errorf("heard %q, want %q", text, pin)
		}
		return pcm
	}
	for range 5 {
		render()
	}
	if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), "no such voice") || strings.Contains(log.String(), pin) {
		t.Errorf("log says %q, want one line with the cause and without the PIN", log)
	}
	if n := len(e.asked()); n != 1 {
		t.Errorf("asked %d times at once, want 1", n)
	}
	e.fail(nil)
	now = now.Add(10 * time.Second)
	if pcm := render(); !same(pcm[:spoken(len("Your PIN is"))], tone(len("Your PIN is"), sound.Rate)) {
		t.Error("the message is not said in its own words after the program works again")
	}
	e.fail(errors.New("gone"))
	now = now.Add(time.Minute)
	p := prompt("es")
	p.Phrases = []string{"new ", ""}
	if err := s.Prepare(t.Context(), p); err == nil {
		t.Error("Prepare = nil, want why the phrase cannot be spoken")
	}
	if _, err := s.Render(t.Context(), p); err != nil || !strings.Contains(log.String(), "more_calls=4") {
		t.Errorf("Render = %v, log %q, want a second line that counts 4 more calls", err, log)
	}
}

func TestRender_ends_with_its_caller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &engine{wait: make(chan struct{})}
		s, log := setup(t, voice.Config{}, voice.Deps{Synthesiser: e})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Render(ctx, prompt("en")); !errors.Is(err, context.DeadlineExceeded) || log.Len() > 0 {
			t.Errorf("Render = %v, log %q, want its deadline and no line", err, log)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Errorf("Close = %v", err)
		}
		if pcm, err := s.Render(t.Context(), prompt("en")); err != nil || len(pcm) == 0 {
			t.Errorf("Render after Close = %d samples, %v, want the stand-in words", len(pcm), err)
		}
	})
}

func TestSpeaker_keeps_no_more_than_it_may(t *testing.T) {
	t.Parallel()
	e := &engine{}
	s, _ := setup(t, voice.Config{CacheMegabytes: 1}, voice.Deps{Synthesiser: e})
	text := strings.Repeat("a", 400) // 40 s, 640 kB: one fits, two do not
	for _, phrase := range []string{text, text + "b", text + "b", text} {
		if err := s.Prepare(t.Context(), delivery.Prompt{Phrases: []string{phrase, ""}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(e.asked()); n != 3 {
		t.Errorf("asked %d times, want 3: the second phrase put the first off the shelf", n)
	}
}

func TestNew_lists_every_fault(t *testing.T) {
	t.Parallel()
	_, err := voice.New(voice.Config{
		WordsPerMinute: 10, Timeout: -1, MaxLength: time.Hour, CacheMegabytes: -1, Processes: 1000, Voices: map[string]string{"tlh": "x", "pt-br": "y"},
	}, voice.Deps{})
	for _, want := range []string{"words_per_minute", "timeout", "max_length", "cache_megabytes", "processes", `"tlh"`, "a clock and a log"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New = %v, want a word on %s", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), `"pt-br"`) {
		t.Errorf("New = %v, want pt-br to be known", err)
	}
}
