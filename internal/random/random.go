// Package random makes identifiers from a source of random bytes.
package random

import (
	"fmt"
	"io"
)

const digits = "0123456789ABCDEF"

// ID gives 32 upper-case hex digits, the form of every identifier of the API.
func ID(from io.Reader) (string, error) {
	var raw [16]byte
	if _, err := io.ReadFull(from, raw[:]); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	var text [2 * len(raw)]byte
	for i, b := range raw {
		text[2*i], text[2*i+1] = digits[b>>4], digits[b&15]
	}
	return string(text[:]), nil
}
