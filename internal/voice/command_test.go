package voice_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/voice"
	"github.com/pinpost/pinpost/internal/voice/hear"
	"github.com/pinpost/pinpost/internal/voice/sound"
)

// playing is a speech program that does as it is told: this test program.
func playing(t *testing.T, args ...string) voice.Config {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return voice.Config{Command: self, Args: append([]string{speech}, args...), Timeout: time.Minute}
}

func TestCommand_never_gets_the_PIN(t *testing.T) {
	t.Parallel()
	notes := filepath.Join(t.TempDir(), "notes")
	s, log := setup(t, playing(t, "note", notes, "-v", "{voice}", "-s", "{wpm}", "at {rate}"), voice.Deps{})
	p := prompt("zh-cn")
	p.Rate = 1.25
	pcm, err := s.Render(t.Context(), p)
	if err != nil || log.Len() > 0 {
		t.Fatalf("Render = %v, log %q", err, log)
	}
	if text, worst := hear.PINAt(pcm, "zh_cn", digits, 1.25); text != pin || worst < 0.99 {
		t.Errorf("heard %q with %.3f, want %q", text, worst, pin)
	}
	noted, err := os.ReadFile(notes)
	want := "-v cmn-latn-pinyin -s 219 at 1.25|Your PIN is\n-v cmn-latn-pinyin -s 219 at 1.25|, keep it.\n"
	if err != nil || string(noted) != want {
		t.Errorf("the program got %q, %v, want %q", noted, err, want)
	}
}

func TestCommand_failures(t *testing.T) {
	t.Setenv("PINPOST_TEST_SECRET", "secret")
	tests := map[string]struct {
		change func(*voice.Config)
		text   string
		want   string // in the error; empty when there is none
	}{
		"speaks, and sees no secret": {func(c *voice.Config) { c.Args[1] = "look" }, "hello", ""},
		"is missing":                 {func(c *voice.Config) { c.Command = "/no/such/program" }, "hello", "run the speech program"},
		"fails":                      {func(c *voice.Config) { c.Args[1] = "fail" }, "hello", `exit status 3 "no such voice"`},
		"writes no sound":            {func(c *voice.Config) { c.Args[1] = "junk" }, "hello", "is no RIFF WAVE file"},
		"writes silence":             {func(c *voice.Config) { c.Args[1] = "silence" }, "hello", "only silence"},
		"never stops writing":        {func(c *voice.Config) { c.Args[1] = "flood"; c.MaxLength = time.Second }, "hello", "max_length"},
		"speaks for too long":        {func(c *voice.Config) { c.MaxLength = time.Second }, "twelve bytes", "max_length"},
		"hangs":                      {func(c *voice.Config) { c.Args[1] = "hang"; c.Timeout = 100 * time.Millisecond }, "hello", "deadline"},
		"gets too long a text":       {func(*voice.Config) {}, strings.Repeat("a", 4001), "too long"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := playing(t, "speak")
			tt.change(&cfg)
			s, _ := setup(t, cfg, voice.Deps{})
			err := s.Prepare(t.Context(), delivery.Prompt{Phrases: []string{tt.text, ""}})
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("Prepare = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestCommand_is_ended_by_Close(t *testing.T) {
	t.Parallel()
	s, _ := setup(t, playing(t, "hang"), voice.Deps{})
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan error, 1)
	go func() { asked <- s.Prepare(ctx, prompt("en")) }()
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("Close = %v", err)
	}
	if err := <-asked; err == nil {
		t.Error("Prepare = nil, want why the phrase was not spoken")
	}
	cancel()
	if err := s.Prepare(ctx, prompt("en")); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Prepare after Close = %v, want that speech is closed", err)
	}
}

func TestCommand_speaks_at_the_rate_of_a_telephone(t *testing.T) {
	t.Parallel()
	s, _ := setup(t, playing(t, "speak"), voice.Deps{})
	p := delivery.Prompt{Phrases: []string{"ten octets", ""}, PIN: "1"}
	with, err := s.Render(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	p.Phrases[0] = ""
	without, err := s.Render(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	// The pause before the PIN comes with the phrase.
	want := spoken(len("ten octets")) + 350*sound.Rate/1000
	if got := len(with) - len(without); got < want-sound.Rate/50 || got > want+sound.Rate/50 {
		t.Errorf("a phrase of 1 s takes %v with its pause, want %v", sound.Length(got), sound.Length(want))
	}
}
