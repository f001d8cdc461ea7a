package pin

import (
	"fmt"
	"io"

	"github.com/pinpost/pinpost/internal/delivery"
)

// generate draws length characters of alphabet, each as likely as any other: bytes that would favour some characters
// are thrown away.
func generate(from io.Reader, alphabet string, length int) (delivery.Code, error) {
	if alphabet == "" || length < 1 {
		return "", fmt.Errorf("generate PIN: no characters to draw from")
	}
	fair := 256 - 256%len(alphabet)
	drawn := make([]byte, 0, length)
	var raw [16]byte
	for len(drawn) < length {
		if _, err := io.ReadFull(from, raw[:]); err != nil {
			return "", fmt.Errorf("generate PIN: %w", err)
		}
		for _, b := range raw {
			if int(b) < fair && len(drawn) < length {
				drawn = append(drawn, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return delivery.Code(drawn), nil
}
