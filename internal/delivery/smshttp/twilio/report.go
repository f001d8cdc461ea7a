package twilio

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// statusStates are Twilio's message statuses.
var statusStates = map[string]delivery.State{
	"accepted":            delivery.StateWaiting,
	"scheduled":           delivery.StateWaiting,
	"queued":              delivery.StateWaiting,
	"sending":             delivery.StateWaiting,
	"sent":                delivery.StateWaiting, // taken by the network next to Twilio
	"delivered":           delivery.StateDelivered,
	"read":                delivery.StateDelivered,
	"undelivered":         delivery.StateNotDelivered,
	"failed":              delivery.StateRejected,
	"canceled":            delivery.StateRejected,
	"delivery_unknown":    delivery.StateUnknown,
	"partially_delivered": delivery.StateNotDelivered,
}

// errorStates know better for some errors of messages that are failed or undelivered.
var errorStates = map[string]delivery.State{
	"21211": delivery.StateInvalidDestination,
	"21408": delivery.StateNetworkNotAllowed,
	"21610": delivery.StateRejected,
	"21612": delivery.StateNetworkNotAllowed,
	"21614": delivery.StateInvalidDestination,
	"30001": delivery.StateNetworkNotAvailable, // queue full
	"30002": delivery.StateNetworkNotAllowed,   // account suspended
	"30003": delivery.StateNotDelivered,        // phone off or out of reach
	"30004": delivery.StateRejected,            // blocked
	"30005": delivery.StateInvalidDestination,  // unknown phone
	"30006": delivery.StateInvalidDestination,  // landline
	"30007": delivery.StateRejected,            // filtered
	"30008": delivery.StateNotDelivered,        // unknown error
	"30034": delivery.StateRejected,            // sender not registered
	"30036": delivery.StateExpired,             // validity ran out in Twilio's queue
	"30410": delivery.StateUnknown,             // timeout at the network
}

var errCallback = errors.New("a callback has MessageSid and MessageStatus")

type callback struct {
	SID    string `json:"MessageSid"`
	Status string `json:"MessageStatus"`
	Error  string `json:"ErrorCode"`
}

// Reports reads the one receipt of a callback.
func (g *gateway) Reports(r *http.Request, body []byte) ([]smshttp.Report, error) {
	in, err := read(r, body)
	if err != nil || in.SID == "" || in.Status == "" {
		return nil, errCallback
	}
	state, known := statusStates[in.Status]
	better, listed := errorStates[in.Error]
	if listed && (state == delivery.StateRejected || state == delivery.StateNotDelivered) {
		state = better
	}
	code := in.Status
	if in.Error != "" && in.Error != "0" {
		code += " " + in.Error
	}
	return []smshttp.Report{{
		Receipt: delivery.Receipt{RemoteID: in.SID, AttemptID: r.URL.Query().Get("attempt"), State: state, Code: code},
		Unknown: !known,
	}}, nil
}

// read takes the parameters from a form, from JSON, or with GET from the address.
func read(r *http.Request, body []byte) (callback, error) {
	var in callback
	if isJSON(r) {
		var raw struct {
			callback
			Error json.RawMessage `json:"ErrorCode"` // a number or a text
		}
		err := json.Unmarshal(body, &raw)
		in = raw.callback
		in.Error = unquote(raw.Error)
		return in, err
	}
	form := r.URL.Query()
	if r.Method == http.MethodPost {
		var err error
		if form, err = url.ParseQuery(string(body)); err != nil {
			return in, err
		}
	}
	return callback{SID: form.Get("MessageSid"), Status: form.Get("MessageStatus"), Error: form.Get("ErrorCode")}, nil
}

// unquote gives the text or the digits of a JSON value; null is none.
func unquote(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String()
	}
	return ""
}
