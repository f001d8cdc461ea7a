// Package smshttp takes texts to phones over the HTTP interface of a gateway. It holds what all gateways share: the
// client, what a lost answer means, health, and the door through which receipts come in. What one kind of gateway wants
// to be asked and how it answers stands in a package of its own below.
package smshttp

import (
	"context"
	"errors"
	"net/http"

	"github.com/pinpost/pinpost/internal/delivery"
)

// Gateway is one kind of gateway, with its settings.
type Gateway interface {
	// Request asks for m to be taken. An error says what of m cannot be asked for; it holds nothing of the text.
	Request(ctx context.Context, m delivery.SMS) (*http.Request, error)
	// Accept reads the answer to that request: the gateway's id of the message, or an *delivery.Error with its class and
	// code, made by Refuse or ByStatus. An empty id means that the gateway knows the message by our AttemptID.
	Accept(m delivery.SMS, a Answer) (remoteID string, err error)
	// Authentic tells whether the gateway itself made this callback.
	Authentic(r *http.Request, body []byte) bool
	// Reports reads a callback that is authentic. The error says why it is not understood, without its values.
	Reports(r *http.Request, body []byte) ([]Report, error)
}

// Answer is what a gateway answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Cut    bool // the body is not whole: it was too long, or lost on its way
}

// Report is a receipt as a gateway words it. StateWaiting means that the message is still on its way.
type Report struct {
	delivery.Receipt
	Unknown bool // the gateway's word for the state is none that we know; nothing is stored
}

var errAnswer = errors.New("the gateway refused the text")

// Refuse makes the refusal that an answer stands for. Code is the gateway's own word.
func Refuse(class delivery.Class, code string) error {
	return &delivery.Error{Class: class, Code: code, Err: errAnswer}
}
