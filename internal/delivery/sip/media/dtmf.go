package media

import "encoding/binary"

const keypad = "0123456789*#ABCD"

// Keys reads the keys that somebody presses from telephone events (RFC 4733).
type Keys struct {
	seen bool
	last uint32
}

// Read takes the payload and timestamp of an event packet, and tells the key of an event that has ended: once, although its
// end is sent three times. Whatever is no key of a phone tells nothing.
func (k *Keys) Read(payload []byte, timestamp uint32) (key byte, ended bool) {
	event, ended := parseEvent(payload)
	if !ended || int(event) >= len(keypad) || k.seen && k.last == timestamp {
		return 0, false
	}
	k.seen, k.last = true, timestamp
	return keypad[event], true
}

// parseEvent reads the four octets of an event: its number, the end bit with the volume, and how long it has lasted.
func parseEvent(payload []byte) (event byte, ended bool) {
	if len(payload) < 4 {
		return 0, false
	}
	return payload[0], payload[1]&0x80 != 0
}

// Event is the payload of a telephone event: a key out of 0-9, *, # and A-D, whether it has ended, and how many samples
// it has lasted. A key that there is not gives nil.
func Event(key byte, ended bool, duration uint16) []byte {
	for event := range len(keypad) {
		if keypad[event] != key {
			continue
		}
		payload := []byte{byte(event), 10, 0, 0}
		if ended {
			payload[1] |= 0x80
		}
		binary.BigEndian.PutUint16(payload[2:], duration)
		return payload
	}
	return nil
}
