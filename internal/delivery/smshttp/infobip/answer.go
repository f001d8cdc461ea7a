package infobip

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// status is Infobip's word on a message, with the group that it belongs to.
type status struct {
	GroupID   int    `json:"groupId"`
	GroupName string `json:"groupName"`
	Name      string `json:"name"`
}

// group is the group's name; its number serves where there is no name.
func (s status) group() string {
	if s.GroupName != "" {
		return strings.ToUpper(s.GroupName)
	}
	return groupNames[s.GroupID]
}

var groupNames = map[int]string{
	0: "ACCEPTED", 1: "PENDING", 2: "UNDELIVERABLE", 3: "DELIVERED", 4: "EXPIRED", 5: "REJECTED",
}

// refusedClasses say what a status of the groups REJECTED and UNDELIVERABLE in the answer to a request means; one that is
// not listed is Rejected.
var refusedClasses = map[string]delivery.Class{
	"REJECTED_NOT_ENOUGH_CREDITS":      delivery.NoCredit,
	"REJECTED_PREPAID_PACKAGE_EXPIRED": delivery.NoCredit,
	"REJECTED_PREFIX_MISSING":          delivery.BadDestination,
	"REJECTED_DESTINATION":             delivery.BadDestination,
	"MISSING_TO":                       delivery.BadDestination,
	"REJECTED_SYSTEM_ERROR":            delivery.Temporary,
	"UNDELIVERABLE_REJECTED_PLATFORM":  delivery.Temporary,
	"UNDELIVERABLE_NOT_SENT":           delivery.Temporary,
	"REJECTED_DUPLICATE_MESSAGE_ID":    delivery.Ambiguous, // an earlier request with our id was taken
	"REJECTED_ROUTE_NOT_AVAILABLE":     delivery.Rejected,
	"REJECTED_DESTINATION_BLOCKLISTED": delivery.Rejected,
	"REJECTED_FLOODING_FILTER":         delivery.Rejected, // too many texts to this one phone
	"REJECTED_SOURCE":                  delivery.Rejected,
	"REJECTED_NETWORK":                 delivery.Rejected,
}

type answer struct {
	Messages []struct {
		MessageID string `json:"messageId"`
		Status    status `json:"status"`
	} `json:"messages"`
	// Requests that are refused whole are told in one of two forms.
	RequestError struct {
		ServiceException struct {
			MessageID string `json:"messageId"`
		} `json:"serviceException"`
	} `json:"requestError"`
	ErrorCode string `json:"errorCode"`
}

// Accept reads the answer. A message is taken when its status is of the groups ACCEPTED, PENDING or DELIVERED.
func (g *gateway) Accept(_ delivery.SMS, a smshttp.Answer) (string, error) {
	var body answer
	readable := json.Unmarshal(a.Body, &body) == nil && !a.Cut
	if !a.Success() {
		code := body.ErrorCode
		if name := body.RequestError.ServiceException.MessageID; name != "" {
			code = name
		}
		if a.Status == http.StatusInternalServerError {
			// Nothing says that this came before the message was queued.
			return "", smshttp.Refuse(delivery.Ambiguous, "HTTP 500 "+code)
		}
		return "", smshttp.ByStatus(a, code)
	}
	if !readable || len(body.Messages) != 1 {
		return "", smshttp.Refuse(delivery.Ambiguous, "unreadable answer")
	}
	m := body.Messages[0]
	switch m.Status.group() {
	case "ACCEPTED", "OK", "PENDING", "DELIVERED":
		return m.MessageID, nil
	case "REJECTED", "UNDELIVERABLE", "EXPIRED":
		class, listed := refusedClasses[m.Status.Name]
		if !listed {
			class = delivery.Rejected
		}
		return "", smshttp.Refuse(class, m.Status.Name)
	}
	return "", smshttp.Refuse(delivery.Ambiguous, "unknown status "+m.Status.Name)
}
