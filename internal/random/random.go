// Package random makes identifiers from a source of random bytes.
package random

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// ID gives 32 upper-case hex digits, the form of every identifier of the API.
func ID(from io.Reader) (string, error) {
	var raw [16]byte
	if _, err := io.ReadFull(from, raw[:]); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return strings.ToUpper(hex.EncodeToString(raw[:])), nil
}
