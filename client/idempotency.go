package client

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotency-Replayed"
)

// WithIdempotencyKey names the send or resend, so that it can be made again, by another process even, without a second
// message going out: the same call with the same key gives the same answer for 24 hours, and another call with it is
// refused (IsConflict). A key has 1 to 255 printable ASCII characters and no space at its ends; another one is an error,
// and nothing is sent. Without this option each call has a random key of its own.
//
// Servers that know keys say so in Idempotency-Replayed of their answers, see ReadHeader; others send again.
func WithIdempotencyKey(key string) CallOption {
	return func(p *preference) {
		p.key, p.keyErr = key, nil
		odd := strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' })
		if key == "" || len(key) > 255 || odd || strings.TrimSpace(key) != key {
			p.keyErr = errors.New("idempotency key must be 1 to 255 printable ASCII characters, without a space at its ends")
		}
	}
}

// dress gives a request of the call its key.
func (p preference) dress(_ context.Context, req *http.Request) error {
	if p.key != "" {
		req.Header.Set(keyHeader, p.key)
	}
	return nil
}

// name gives a send that has no key a random one.
func (c *Client) name(req *http.Request) error {
	if req.Header.Get(keyHeader) != "" {
		return nil
	}
	var raw [16]byte
	if _, err := io.ReadFull(c.random, raw[:]); err != nil {
		return fmt.Errorf("make idempotency key: %w", err)
	}
	req.Header.Set(keyHeader, hex.EncodeToString(raw[:]))
	return nil
}

// hideKey spells the header in a way that net/http does not know. A POST that has it as usual is repeated by net/http
// itself when a connection that was used before breaks, whether the server understands keys or not.
func hideKey(header http.Header) {
	if key, ok := header[keyHeader]; ok {
		delete(header, keyHeader)
		header[strings.ToLower(keyHeader)] = key
	}
}

// learn reads from the answer to a send whether the server understands keys. A refusal need not say it.
func (c *Client) learn(resp *http.Response) {
	switch resp.Header.Get(replayedHeader) {
	case "true", "false":
		c.understood.Store(true)
	default:
		if succeeded(resp) {
			c.understood.Store(false)
		}
	}
}
