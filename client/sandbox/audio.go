package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/pinpost/pinpost/client"
)

// maxAudio bounds a WAV file: more than a call may last.
const maxAudio = 8 << 20

// Audio gives the sound of a captured call as a WAV file: what the phone would have heard.
//
// Errors: client.IsNotFound for an unknown ID, and for that of a text. An empty id is an error too, and nothing is sent.
func (c *Client) Audio(ctx context.Context, id string) ([]byte, error) {
	const doing = "get captured audio"
	if id == "" || id == "." || id == ".." {
		return nil, fmt.Errorf("%s: %w", doing, errors.New("id is empty or not an id"))
	}
	resp, err := c.calls.GetCapturedAudio(ctx, id, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	defer func() { _ = resp.Body.Close() }() // all that is wanted was read by then
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind != "audio/wav" || resp.StatusCode != http.StatusOK {
		_, err := client.Decode(resp, func(any) bool { return false })
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	wav, err := io.ReadAll(io.LimitReader(resp.Body, maxAudio))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return wav, nil
}
