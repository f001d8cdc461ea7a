package voice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/voice/sound"
	"github.com/pinpost/pinpost/internal/voice/wav"
)

// The range of paces, in words a minute, that espeak-ng speaks well.
const (
	slowest = 80
	fastest = 450
)

const (
	// maxSamples bounds the octets of a second that a program may write: two channels of 48000 samples.
	maxSamples = 48000 * 2 * 2
	maxWords   = 4000 // octets of a phrase
	complaints = 300  // octets of what a program says on its standard error
)

var (
	errTooLong  = errors.New("the speech program wrote more than max_length allows")
	errSilence  = errors.New("the speech program wrote only silence")
	errLongText = errors.New("the phrase is too long to be spoken")
)

// command speaks phrases with another program.
type command struct {
	name      string
	args      []string
	wpm       int
	timeout   time.Duration
	maxLength time.Duration
	slots     chan struct{} // one for each process at once
}

func newCommand(cfg Config) *command {
	return &command{
		name: cfg.Command, args: cfg.Args, wpm: cfg.WordsPerMinute,
		timeout: cfg.Timeout, maxLength: cfg.MaxLength, slots: make(chan struct{}, cfg.Processes),
	}
}

// Speak runs the program once.
func (c *command) Speak(ctx context.Context, p Phrase) ([]int16, error) {
	if len(p.Text) > maxWords {
		return nil, errLongText
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the speech program: %w", ctx.Err())
	}
	file, err := c.run(ctx, p)
	if err != nil {
		return nil, err
	}
	heard, err := wav.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("read what the speech program wrote: %w", err)
	}
	if time.Duration(len(heard.Samples))*time.Second/time.Duration(heard.Rate) > c.maxLength {
		return nil, errTooLong
	}
	pcm := sound.Trim(sound.Normalise(sound.Resample(heard.Samples, heard.Rate, sound.Rate)))
	if len(pcm) == 0 {
		return nil, errSilence
	}
	return pcm, nil
}

func (c *command) run(ctx context.Context, p Phrase) ([]byte, error) {
	run := exec.CommandContext(ctx, c.name, c.arguments(p)...) //nolint:gosec // the operator names the program; nothing of a message is in its arguments
	run.Env = environment()
	run.Stdin = strings.NewReader(p.Text)
	out := &bounded{left: int(c.maxLength.Seconds()*maxSamples) + 1<<10}
	said := &bounded{left: complaints, quiet: true}
	run.Stdout, run.Stderr = out, said
	run.WaitDelay = time.Second // for children that keep the pipes open
	err := run.Run()
	switch {
	case out.left < 0:
		return nil, errTooLong
	case ctx.Err() != nil:
		return nil, fmt.Errorf("run the speech program: %w", ctx.Err())
	case err != nil:
		return nil, fmt.Errorf("run the speech program: %w %q", err, strings.TrimSpace(said.kept.String()))
	}
	return out.kept.Bytes(), nil
}

func (c *command) arguments(p Phrase) []string {
	wpm := max(slowest, min(fastest, int(math.Round(float64(c.wpm)*p.Rate))))
	fill := strings.NewReplacer("{voice}", p.Voice, "{wpm}", strconv.Itoa(wpm), "{rate}", strconv.FormatFloat(p.Rate, 'f', 2, 64))
	args := make([]string, len(c.args))
	for i, arg := range c.args {
		args[i] = fill.Replace(arg)
	}
	return args
}

// environment is what a speech program may know of ours, which also holds secrets.
func environment() []string {
	kept := []string{"LANG=C.UTF-8"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "ESPEAK_DATA_PATH", "SYSTEMROOT"} {
		if value, set := os.LookupEnv(name); set {
			kept = append(kept, name+"="+value)
		}
	}
	return kept
}

// bounded keeps so many octets. At more it fails, which ends the program that writes, or drops them when it is quiet.
type bounded struct {
	kept  bytes.Buffer // not embedded: it would read without a bound by itself
	left  int
	quiet bool
}

// Write takes what there is room for.
func (b *bounded) Write(p []byte) (int, error) {
	if b.quiet {
		n := min(len(p), b.left)
		b.left -= n
		b.kept.Write(p[:n])
		return len(p), nil
	}
	if b.left -= len(p); b.left < 0 {
		return 0, errTooLong
	}
	return b.kept.Write(p)
}
