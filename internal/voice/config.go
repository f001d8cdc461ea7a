package voice

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/voice/prompts"
)

// Config says which program speaks the text around a PIN. The zero Config is espeak-ng from the search path.
type Config struct {
	// Off leaves the text out: calls are said with the stand-in words, in their language, and the PIN.
	Off bool `yaml:"off,omitempty"`
	// Command is the program. It reads a phrase from its standard input, as UTF-8, and writes a WAV file with plain samples of
	// 16 bits to its standard output.
	Command string `yaml:"command,omitempty"`
	// Args are its arguments. In them {voice} stands for the voice, {wpm} for the pace in words a minute, 80 to 450, and {rate}
	// for the speech rate, 0.50 to 2.00. They are used as they are when Command is set, and those of espeak-ng when it is not.
	Args []string `yaml:"args,omitempty"`
	// Voices are the program's names for the voices of languages, by documented code; espeak-ng's where a language is not here.
	Voices map[string]string `yaml:"voices,omitempty"`
	// WordsPerMinute is the pace at a speech rate of 1; 175 when it is 0.
	WordsPerMinute int `yaml:"words_per_minute,omitempty"`
	// Timeout is how long a phrase may take to be spoken; 5 s when it is 0.
	Timeout time.Duration `yaml:"timeout,omitempty"`
	// MaxLength is how long a spoken phrase may be; 60 s when it is 0.
	MaxLength time.Duration `yaml:"max_length,omitempty"`
	// CacheMegabytes bounds the spoken phrases that are kept, in units of 2^20 octets; 32, which is half an hour, when it is 0.
	CacheMegabytes int `yaml:"cache_megabytes,omitempty"`
	// Processes is how many phrases are spoken at once; 4 when it is 0.
	Processes int `yaml:"processes,omitempty"`
}

// espeak is the program when no other is named, with its arguments.
const espeak = "espeak-ng"

func espeakArgs() []string {
	return []string{"-b", "1", "-v", "{voice}", "-s", "{wpm}", "--stdin", "--stdout"}
}

func (c Config) withDefaults() Config {
	if c.Command == "" {
		c.Command = espeak
		if c.Args == nil {
			c.Args = espeakArgs()
		}
	}
	if c.WordsPerMinute == 0 {
		c.WordsPerMinute = 175
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	if c.MaxLength == 0 {
		c.MaxLength = time.Minute
	}
	if c.CacheMegabytes == 0 {
		c.CacheMegabytes = 32
	}
	if c.Processes == 0 {
		c.Processes = 4
	}
	voices := make(map[string]string, len(c.Voices))
	for code, name := range c.Voices {
		voices[prompts.Code(code)] = name
	}
	c.Voices = voices
	return c
}

// Validate lists every fault. What is 0 or empty has its default.
func (c Config) Validate() error {
	var faults []error
	between := func(name string, value, low, high int) {
		if value != 0 && (value < low || value > high) {
			faults = append(faults, fmt.Errorf("voice: %s must be between %d and %d", name, low, high))
		}
	}
	between("words_per_minute", c.WordsPerMinute, slowest, fastest)
	between("cache_megabytes", c.CacheMegabytes, 1, 4096)
	between("processes", c.Processes, 1, 256)
	if c.Timeout < 0 || c.Timeout > time.Minute {
		faults = append(faults, errors.New("voice: timeout must be between 0 and 1m"))
	}
	if c.MaxLength < 0 || c.MaxLength > 10*time.Minute {
		faults = append(faults, errors.New("voice: max_length must be between 0 and 10m"))
	}
	for _, code := range slices.Sorted(maps.Keys(c.Voices)) {
		if !slices.Contains(prompts.Languages(), prompts.Code(code)) {
			faults = append(faults, fmt.Errorf("voice: voices has %q, which is none of the languages %s", code, strings.Join(prompts.Languages(), ", ")))
		}
	}
	return errors.Join(faults...)
}
