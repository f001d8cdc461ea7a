package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/phone"
)

// Inbox reads what the sandbox captured.
type Inbox interface {
	// List gives the entries that fit, newest first.
	List(ctx context.Context, f inbox.Filter) ([]inbox.Entry, error)
}

// capturedMessage is one text or call of the sandbox on the wire.
type capturedMessage struct {
	ID            string `json:"id"`
	Channel       string `json:"channel"` // SMS or VOICE
	To            string `json:"to"`
	From          string `json:"from"`
	Text          string `json:"text"`
	Spoken        string `json:"spoken,omitempty"`
	PIN           string `json:"pin"`
	PINID         string `json:"pinId"`
	ApplicationID string `json:"applicationId"`
	MessageID     string `json:"messageId"`
	Encoding      string `json:"encoding,omitempty"`
	Segments      int    `json:"segments,omitempty"`
	At            int64  `json:"at"` // milliseconds since 1970
}

// listInbox answers GET /sandbox/inbox: what would have been texted or spoken, newest first. The query may name a phone
// number (to) and a PIN (pinId).
func (s *Server) listInbox(c echo.Context) error {
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return errQuery
	}
	filter := inbox.Filter{AccountID: accountOf(c.Request().Context()), PINID: query.Get("pinId")}
	if to := strings.Replace(query.Get("to"), " ", "+", 1); to != "" { // a plus that was left unencoded
		number, err := phone.Parse(to)
		if err != nil {
			faults := fault.Members{}
			faults.Addf("to", "%s", err)
			return faults.Err()
		}
		filter.To = number
	}
	entries, err := s.deps.Inbox.List(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"messages": list(entries, toCapturedMessage)})
}

func toCapturedMessage(e inbox.Entry) capturedMessage {
	return capturedMessage{
		ID: e.ID, Channel: e.Channel, To: e.To.Digits(), From: e.From, Text: e.Text.Reveal(), Spoken: e.Spoken.Reveal(), PIN: e.PIN.Reveal(),
		PINID: e.PINID, ApplicationID: e.ApplicationID, MessageID: e.MessageID,
		Encoding: e.Encoding, Segments: e.Segments, At: millis(e.At),
	}
}
