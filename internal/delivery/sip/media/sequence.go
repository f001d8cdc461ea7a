package media

import (
	"strings"
	"time"
)

// KeyPause is how long somebody may take from one key of a sequence to the next.
const KeyPause = 3 * time.Second

// Sequence waits for keys to be pressed one after the other, such as 1 and then #.
type Sequence struct {
	want    string
	pressed string
	at      time.Time
}

// NewSequence waits for the keys of want, none of which may be further than KeyPause from the one before. An empty want
// waits for nothing.
func NewSequence(want string) *Sequence { return &Sequence{want: want} }

// Press takes a key, and tells whether it completes the sequence.
func (s *Sequence) Press(key byte, at time.Time) bool {
	if s.want == "" {
		return false
	}
	if at.Sub(s.at) > KeyPause {
		s.pressed = ""
	}
	s.at = at
	s.pressed += string(rune(key))
	if extra := len(s.pressed) - len(s.want); extra > 0 {
		s.pressed = s.pressed[extra:]
	}
	if !strings.EqualFold(s.pressed, s.want) {
		return false
	}
	s.pressed = ""
	return true
}

// Waits tells whether there is anything to wait for.
func (s *Sequence) Waits() bool { return s.want != "" }
