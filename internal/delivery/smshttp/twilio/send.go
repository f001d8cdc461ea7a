package twilio

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// maxValidity is ten hours, the most that Twilio takes, in seconds.
const maxValidity = 36_000

// fewestDigits is how many digits a number has at least that is no short code.
const fewestDigits = 7

// own are the parameters that the carrier sets itself.
var own = map[string]bool{
	"To": true, "From": true, "Body": true, "StatusCallback": true, "ValidityPeriod": true, "MessagingServiceSid": true,
}

type gateway struct{ cfg Config }

// Request asks for the text by POST of a form. Twilio has nothing that keeps a repeated request from sending twice.
func (g *gateway) Request(ctx context.Context, m delivery.SMS) (*http.Request, error) {
	address, err := url.JoinPath(g.cfg.BaseURL, "2010-04-01", "Accounts", g.cfg.AccountSID, "Messages.json")
	if err != nil {
		return nil, err
	}
	form, err := g.form(m)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if g.cfg.APIKeySID != "" {
		req.SetBasicAuth(g.cfg.APIKeySID, g.cfg.APIKeySecret.Reveal())
	} else {
		req.SetBasicAuth(g.cfg.AccountSID, g.cfg.AuthToken.Reveal())
	}
	return req, nil
}

func (g *gateway) form(m delivery.SMS) (url.Values, error) {
	form := url.Values{"To": {"+" + m.To.Digits()}, "Body": {m.Text.Reveal()}}
	for param, name := range g.cfg.Params {
		if value := m.Params[param]; value != "" {
			form.Set(name, value)
		}
	}
	if g.cfg.MessagingServiceSID != "" {
		form.Set("MessagingServiceSid", g.cfg.MessagingServiceSID)
	} else {
		form.Set("From", sender(m.From, g.cfg.From))
	}
	if seconds := smshttp.Rest(m.Validity, time.Second, 1, maxValidity); seconds > 0 {
		form.Set("ValidityPeriod", strconv.FormatInt(seconds, 10))
	}
	if !g.cfg.Receipts.Asked() {
		return form, nil
	}
	// A callback repeats its address, and so names our attempt even before Twilio's answer with its id is here.
	address, err := g.cfg.Receipts.Address(url.Values{"attempt": {m.AttemptID}})
	if err != nil {
		return nil, err
	}
	form.Set("StatusCallback", address.String())
	return form, nil
}

// sender writes a number as Twilio wants it, with a plus; a name or a short code stays as it is.
func sender(from, standing string) string {
	if from == "" {
		from = standing
	}
	if len(from) >= fewestDigits && strings.Trim(from, "0123456789") == "" {
		return "+" + from
	}
	return from
}

// refusedClasses say what Twilio's codes mean; a code that is not listed counts by the HTTP status.
var refusedClasses = map[int]delivery.Class{
	10001: delivery.Unauthorised, // account not active
	20003: delivery.Unauthorised,
	20005: delivery.Unauthorised, // account not active
	20006: delivery.Unauthorised,
	20404: delivery.Unauthorised, // no such account, in the only path that we ask
	20429: delivery.Throttled,
	14107: delivery.Throttled,
	21611: delivery.Throttled, // the sender's queue is full
	30001: delivery.Throttled,
	30002: delivery.Unauthorised, // account suspended
	21211: delivery.BadDestination,
	21214: delivery.BadDestination,
	21217: delivery.BadDestination,
	21604: delivery.BadDestination,
	21614: delivery.BadDestination, // not a mobile number
	21212: delivery.Rejected,       // sender
	21408: delivery.Rejected,       // country not enabled
	21606: delivery.Rejected,       // sender
	21608: delivery.Rejected,       // trial account
	21610: delivery.Rejected,       // the phone's owner wants none
	21612: delivery.Rejected,       // no route from this sender to this phone
}

type answer struct {
	SID    string `json:"sid"`
	Status string `json:"status"`
	Code   int    `json:"code"`
}

// Accept reads the answer. Twilio has taken a message that it has given an id, unless its status is failed.
func (g *gateway) Accept(_ delivery.SMS, a smshttp.Answer) (string, error) {
	var body answer
	readable := json.Unmarshal(a.Body, &body) == nil && !a.Cut
	switch {
	case a.Success() && (!readable || body.SID == ""):
		return "", smshttp.Refuse(delivery.Ambiguous, "unreadable answer")
	case a.Success() && body.Status == "failed":
		return "", smshttp.Refuse(delivery.Rejected, "failed")
	case a.Success():
		return body.SID, nil
	}
	code := ""
	if body.Code != 0 {
		code = strconv.Itoa(body.Code)
	}
	if class, listed := refusedClasses[body.Code]; listed && a.Status < 500 {
		return "", smshttp.Refuse(class, code)
	}
	if a.Status == http.StatusInternalServerError {
		// Nothing says that this came before the message was queued.
		return "", smshttp.Refuse(delivery.Ambiguous, strings.TrimSpace("HTTP 500 "+code))
	}
	return "", smshttp.ByStatus(a, code)
}
