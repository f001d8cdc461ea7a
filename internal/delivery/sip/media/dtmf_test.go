package media

import (
	"strings"
	"testing"
	"time"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	type packet struct {
		payload   []byte
		timestamp uint32
	}
	tests := map[string]struct {
		packets []packet
		want    string
	}{
		"a key counts at its first end": {
			[]packet{
				{Event('1', false, 160), 800}, {Event('1', false, 320), 800}, {Event('1', true, 480), 800},
				{Event('1', true, 480), 800}, {Event('1', true, 480), 800},
			}, "1",
		},
		"the same key twice is two events": {[]packet{{Event('5', true, 480), 800}, {Event('5', true, 480), 4000}}, "55"},
		"an event at timestamp 0 counts":   {[]packet{{Event('#', true, 480), 0}, {Event('#', true, 480), 0}}, "#"},
		"a key that is held down":          {[]packet{{Event('1', false, 160), 800}}, ""},
		"all keys": {
			[]packet{{Event('0', true, 1), 1}, {Event('*', true, 1), 2}, {Event('#', true, 1), 3}, {Event('D', true, 1), 4}}, "0*#D",
		},
		"no key: a flash hook":   {[]packet{{[]byte{16, 0x80, 0, 0}, 1}}, ""},
		"less than four octets":  {[]packet{{[]byte{1, 0x80, 0}, 1}, {nil, 2}}, ""},
		"more than one event":    {[]packet{{append(Event('2', true, 1), Event('3', true, 1)...), 1}}, "2"},
		"a key that there isn't": {[]packet{{Event('x', true, 1), 1}}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var keys Keys
			var got strings.Builder
			for _, p := range test.packets {
				if key, ended := keys.Read(p.payload, p.timestamp); ended {
					got.WriteByte(key)
				}
			}
			if got.String() != test.want {
				t.Errorf("keys = %q, want %q", got.String(), test.want)
			}
		})
	}
}

func TestSequence(t *testing.T) {
	t.Parallel()
	type press struct {
		key   byte
		after time.Duration
	}
	tests := map[string]struct {
		want    string
		presses []press
		times   int
	}{
		"one key as itself":                 {"1", []press{{'1', 0}, {'2', 0}, {'1', 0}}, 2},
		"two keys in order":                 {"1#", []press{{'1', 0}, {'#', KeyPause}}, 1},
		"too slow":                          {"1#", []press{{'1', 0}, {'#', KeyPause + time.Millisecond}}, 0},
		"the first key again":               {"1#", []press{{'1', 0}, {'1', 0}, {'#', 0}}, 1},
		"another key in between":            {"1#", []press{{'1', 0}, {'2', 0}, {'#', 0}}, 0},
		"a sequence that begins in another": {"112", []press{{'1', 0}, {'1', 0}, {'1', 0}, {'2', 0}}, 1},
		"a key counts once":                 {"11", []press{{'1', 0}, {'1', 0}, {'1', 0}}, 1},
		"letters of either case":            {"a", []press{{'A', 0}}, 1},
		"no keys":                           {"", []press{{'1', 0}}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, now, times := NewSequence(test.want), time.Unix(1e9, 0), 0
			for _, p := range test.presses {
				now = now.Add(p.after)
				if s.Press(p.key, now) {
					times++
				}
			}
			if times != test.times {
				t.Errorf("completed %d times, want %d", times, test.times)
			}
		})
	}
}

func FuzzDTMF(f *testing.F) {
	f.Add(Event('1', true, 480), uint32(800))
	f.Add([]byte{1, 0x80}, uint32(0))
	f.Add([]byte{255, 255, 255, 255, 255}, uint32(1<<32-1))
	f.Fuzz(func(t *testing.T, payload []byte, timestamp uint32) {
		var keys Keys
		key, ended := keys.Read(payload, timestamp)
		if ended && !strings.Contains(keypad, string(rune(key))) {
			t.Errorf("%q is no key", key)
		}
		if _, again := keys.Read(payload, timestamp); again {
			t.Error("the same event counted twice")
		}
	})
}
