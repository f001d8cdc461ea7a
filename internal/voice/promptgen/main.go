// Command promptgen speaks the prompts of package prompts with espeak-ng, which must be installed, and writes them into a
// folder. The same version of espeak-ng gives the same files.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pinpost/pinpost/internal/voice/prompts"
	"github.com/pinpost/pinpost/internal/voice/sound"
	"github.com/pinpost/pinpost/internal/voice/wav"
)

// pace is how fast the prompts are spoken, in words a minute: slower than a message, as each character counts.
const pace = "150"

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "promptgen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: promptgen FOLDER")
	}
	for _, code := range prompts.Languages() {
		said, known := spoken[code]
		if !known {
			continue // it shares the file of another
		}
		pack, err := speakPack(ctx, code, said)
		if err != nil {
			return fmt.Errorf("language %s: %w", code, err)
		}
		name, err := prompts.File(code)
		if err != nil {
			return err
		}
		path := filepath.Join(args[0], name)
		if err := os.WriteFile(path, pack.Encode(), 0o644); err != nil { //nolint:gosec // everybody may read what is in the repository
			return err
		}
	}
	return nil
}

func speakPack(ctx context.Context, code string, said words) (*prompts.Pack, error) {
	voice, err := prompts.Voice(code)
	if err != nil {
		return nil, err
	}
	names, err := characters(said)
	if err != nil {
		return nil, err
	}
	var pack prompts.Pack
	if pack.Carrier, err = speak(ctx, voice, said.carrier); err != nil {
		return nil, err
	}
	for i, name := range names {
		if pack.Characters[i], err = speak(ctx, voice, name); err != nil {
			return nil, err
		}
	}
	return &pack, nil
}

// characters are the names of all characters, in the order of prompts.Alphabet.
func characters(said words) ([]string, error) {
	const digits = 10
	names := append(list(said.digits, prompts.Alphabet[:digits]), list(said.letters, prompts.Alphabet[digits:])...)
	if len(names) != len(prompts.Alphabet) {
		return nil, fmt.Errorf("has %d names, want %d", len(names), len(prompts.Alphabet))
	}
	return names, nil
}

func list(names, bare string) []string {
	if names == "" {
		return strings.Split(bare, "")
	}
	return strings.Split(names, ",")
}

// speak gives a word as it is stored.
func speak(ctx context.Context, voice, text string) ([]byte, error) {
	command := exec.CommandContext(ctx, "espeak-ng", "-b", "1", "-v", voice, "-s", pace, "--stdin", "--stdout") //nolint:gosec // voices are ours
	command.Stdin = strings.NewReader(text)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	file, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("speak %q: %w: %s", text, err, complaint.String())
	}
	heard, err := wav.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("speak %q: %w", text, err)
	}
	pcm := sound.Normalise(sound.Resample(heard.Samples, heard.Rate, sound.Rate))
	if pcm = sound.Trim(pcm); len(pcm) == 0 {
		return nil, fmt.Errorf("speak %q: silence", text)
	}
	return sound.ToMuLaw(pcm), nil
}
