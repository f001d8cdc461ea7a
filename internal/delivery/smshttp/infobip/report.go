package infobip

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// groupStates are the groups of statuses, as receipts tell them.
var groupStates = map[string]delivery.State{
	"OK":            delivery.StateWaiting,
	"ACCEPTED":      delivery.StateWaiting,
	"PENDING":       delivery.StateWaiting,
	"UNDELIVERABLE": delivery.StateNotDelivered,
	"DELIVERED":     delivery.StateDelivered,
	"EXPIRED":       delivery.StateExpired,
	"REJECTED":      delivery.StateRejected,
}

// statusStates know better than the group for some statuses.
var statusStates = map[string]delivery.State{
	"UNDELIVERABLE_REJECTED_OPERATOR":  delivery.StateRejected,
	"EXPIRED_DLR_UNKNOWN":              delivery.StateUnknown,
	"SIGNALS_BLOCKED":                  delivery.StateRejected,
	"REJECTED_NETWORK":                 delivery.StateNetworkNotAllowed,
	"REJECTED_ROUTE_NOT_AVAILABLE":     delivery.StateNetworkNotAllowed,
	"REJECTED_PREFIX_MISSING":          delivery.StateInvalidDestination,
	"REJECTED_DESTINATION":             delivery.StateInvalidDestination,
	"MISSING_TO":                       delivery.StateInvalidDestination,
	"REJECTED_SOURCE":                  delivery.StateInvalidSource,
	"REJECTED_SENDER":                  delivery.StateInvalidSource,
	"REJECTED_NOT_ENOUGH_CREDITS":      delivery.StateNoCredit,
	"REJECTED_PREPAID_PACKAGE_EXPIRED": delivery.StateNoCredit,
	"REJECTED_SYSTEM_ERROR":            delivery.StateSystemError,
}

// errorStates know better still for some errors of messages that were not delivered.
var errorStates = map[string]delivery.State{
	"EC_UNKNOWN_SUBSCRIBER":      delivery.StateInvalidDestination,
	"EC_UNIDENTIFIED_SUBSCRIBER": delivery.StateInvalidDestination,
	"EC_NUMBER_NOT_ASSIGNED":     delivery.StateInvalidDestination,
}

var errPush = errors.New("a push is an object with results, each with a messageId and a status")

type push struct {
	Results []result `json:"results"`
}

type result struct {
	MessageID    string `json:"messageId"`
	CallbackData string `json:"callbackData"`
	DoneAt       string `json:"doneAt"`
	Status       status `json:"status"`
	Error        struct {
		Name string `json:"name"`
	} `json:"error"`
}

// Authentic tells whether the callback carries the token.
func (g *gateway) Authentic(r *http.Request, _ []byte) bool { return g.cfg.Receipts.Authentic(r) }

// Reports reads a push, which holds up to a hundred receipts.
func (g *gateway) Reports(_ *http.Request, body []byte) ([]smshttp.Report, error) {
	var in push
	if json.Unmarshal(body, &in) != nil || len(in.Results) == 0 {
		return nil, errPush
	}
	reports := make([]smshttp.Report, 0, len(in.Results))
	for _, one := range in.Results {
		if one.MessageID == "" || one.Status == (status{}) {
			return nil, errPush
		}
		reports = append(reports, one.report())
	}
	return reports, nil
}

func (r result) report() smshttp.Report {
	state, known := groupStates[r.Status.group()]
	if better, ok := statusStates[r.Status.Name]; ok {
		state = better
	}
	if better, ok := errorStates[r.Error.Name]; ok && state != delivery.StateDelivered && state != delivery.StateWaiting {
		state = better
	}
	code := r.Status.Name
	if r.Error.Name != "" && r.Error.Name != "NO_ERROR" {
		code += " " + r.Error.Name
	}
	return smshttp.Report{
		Receipt: delivery.Receipt{
			RemoteID: r.MessageID, AttemptID: r.CallbackData, State: state, Code: code, At: timeOf(r.DoneAt),
		},
		Unknown: !known,
	}
}

// timeOf reads a time such as 2026-11-21T22:01:02.345+0000, which is nearly RFC 3339; any other is none.
func timeOf(text string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04:05.999Z0700", time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
