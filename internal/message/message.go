// Package message holds message templates: the wording around a PIN, the PIN's kind and length, and the sender.
//
// Source pages: https://dev.infobip.com/docs/message-create and http://2-fa.github.io/http-api.html.
package message

import (
	"context"
	"strings"
	"time"
)

// PINType says which characters a PIN is made of.
type PINType string

// The documented kinds of PIN. Letters are always upper case.
const (
	PINTypeNumeric      PINType = "NUMERIC"
	PINTypeAlpha        PINType = "ALPHA"
	PINTypeHex          PINType = "HEX"
	PINTypeAlphanumeric PINType = "ALPHANUMERIC"
)

const (
	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// Alphabet gives the characters a PIN of this type is drawn from; it is empty for an unknown type.
func (t PINType) Alphabet() string {
	switch t {
	case PINTypeNumeric:
		return digits
	case PINTypeAlpha:
		return letters
	case PINTypeHex:
		return digits + letters[:6]
	case PINTypeAlphanumeric:
		return digits + letters
	}
	return ""
}

// Message is a template of an application.
type Message struct {
	ID            string // 32 upper-case hex digits, or what a seed gives; other accounts may have the same
	AccountID     string
	ApplicationID string
	Text          string // holds Placeholder at least once
	Placeholder   string // replaced by the PIN right before sending
	PINType       PINType
	PINLength     int    // 1 to 8
	Sender        string // shown as the sender unless a request names another
	Speech        Speech // how calls say it
	CreatedAt     time.Time
}

// Render puts the PIN in place of every placeholder.
func (m Message) Render(pin string) string { return strings.ReplaceAll(m.Text, m.Placeholder, pin) }

// Phrases are the texts around the places where the PIN is said: n places give n+1 phrases.
func (m Message) Phrases() []string { return strings.Split(m.Text, m.Placeholder) }

// Store keeps messages by account and id. An id that only another account or application has is a fault.NotFound, like
// one that nobody has.
type Store interface {
	// CreateMessage keeps a new message; it is durable when the call returns.
	CreateMessage(ctx context.Context, m Message) error
	// Message gives one message of an application, or fault.NotFound.
	Message(ctx context.Context, accountID, applicationID, id string) (Message, error)
	// Messages lists an application's messages, oldest first.
	Messages(ctx context.Context, accountID, applicationID string) ([]Message, error)
	// UpdateMessage loads, changes and keeps a message in one step, or gives fault.NotFound or what change gives.
	UpdateMessage(ctx context.Context, accountID, applicationID, id string, change func(*Message) error) (Message, error)
}
