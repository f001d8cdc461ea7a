// Package prompts holds the characters of a PIN as speech, in each language of the API, with a few words to say before them.
// README.md says how they were made.
package prompts

import (
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/pinpost/pinpost/internal/voice/sound"
)

// Alphabet is every character that a PIN can have.
const Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

//go:embed *.ulaw
var files embed.FS

// Pack is the prompts of one language, each in the octets of sound.ToMuLaw.
type Pack struct {
	Carrier    []byte                // the words before a PIN, such as "your code is"
	Characters [len(Alphabet)][]byte // in the order of Alphabet
}

var (
	errShort     = errors.New("prompts end too early")
	errCharacter = errors.New("the PIN has a character that cannot be spoken") // which one is part of a secret
)

// Load gives the prompts of a language.
func Load(code string) (*Pack, error) {
	name, err := File(code)
	if err != nil {
		return nil, err
	}
	file, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read prompts: %w", err)
	}
	return decode(file)
}

// Spoken is one character of a PIN as sound; small letters are spoken as capitals are.
func (p *Pack) Spoken(character byte) ([]int16, error) {
	if character >= 'a' && character <= 'z' {
		character -= 'a' - 'A'
	}
	i := strings.IndexByte(Alphabet, character)
	if i < 0 {
		return nil, errCharacter
	}
	return sound.FromMuLaw(p.Characters[i]), nil
}

// Encode writes a pack: the length of the carrier and of each character as four octets each, then all of them.
func (p *Pack) Encode() []byte {
	parts := append([][]byte{p.Carrier}, p.Characters[:]...)
	var file []byte
	for _, part := range parts {
		file = binary.BigEndian.AppendUint32(file, uint32(len(part)))
	}
	for _, part := range parts {
		file = append(file, part...)
	}
	return file
}

func decode(file []byte) (*Pack, error) {
	const count = 1 + len(Alphabet)
	if len(file) < 4*count {
		return nil, errShort
	}
	rest := file[4*count:]
	var parts [count][]byte
	for i := range parts {
		size := uint64(binary.BigEndian.Uint32(file[4*i:]))
		if size > uint64(len(rest)) {
			return nil, errShort
		}
		parts[i], rest = rest[:size], rest[size:]
	}
	p := &Pack{Carrier: parts[0]}
	copy(p.Characters[:], parts[1:])
	return p, nil
}
