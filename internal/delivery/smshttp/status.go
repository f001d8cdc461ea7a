package smshttp

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

// maxRetryAfter bounds what a gateway may ask for.
const maxRetryAfter = time.Hour

// statusClasses says what an answer means when its body says no more. A status that is not listed is Rejected below 500
// and Temporary from there on. A kind of gateway may know better:
//
//	status             Kannel    Infobip    Twilio     template
//	500                Temporary Ambiguous  Ambiguous  Temporary, or as set
//	502, 504           Ambiguous Ambiguous  Ambiguous  Ambiguous, or as set
//	503                LinkDown  LinkDown   LinkDown   LinkDown, or as set
//	2xx, unreadable    (taken)   Ambiguous  Ambiguous  Ambiguous
var statusClasses = map[int]delivery.Class{
	http.StatusUnauthorized:     delivery.Unauthorised,
	http.StatusPaymentRequired:  delivery.NoCredit,
	http.StatusForbidden:        delivery.Unauthorised,
	http.StatusNotFound:         delivery.LinkDown, // the gateway's interface is not at this address
	http.StatusMethodNotAllowed: delivery.LinkDown,
	http.StatusRequestTimeout:   delivery.Temporary, // it did not read the whole request
	http.StatusGone:             delivery.LinkDown,
	http.StatusTooManyRequests:  delivery.Throttled,
	// Somebody between us and the gateway answers in its place; it may have taken the text.
	http.StatusBadGateway:         delivery.Ambiguous,
	http.StatusServiceUnavailable: delivery.LinkDown,
	http.StatusGatewayTimeout:     delivery.Ambiguous,
}

// ByStatus is the refusal that an answer's status stands for. Code is the gateway's own word; when it is empty, the status
// is.
func ByStatus(a Answer, code string) error {
	if code == "" {
		code = "HTTP " + strconv.Itoa(a.Status)
	}
	return Refuse(ClassOfStatus(a.Status), code)
}

// ClassOfStatus is what an HTTP status other than success means when nothing else is known.
func ClassOfStatus(status int) delivery.Class {
	class, listed := statusClasses[status]
	switch {
	case listed:
		return class
	case status < 200 || status >= 500:
		return delivery.Temporary
	case status < 300:
		return delivery.Ambiguous
	case status < 400:
		return delivery.LinkDown // redirects are not followed: the address is wrong
	}
	return delivery.Rejected
}

// Success tells whether a status says that the request was taken.
func (a Answer) Success() bool { return a.Status >= 200 && a.Status < 300 }

// retryAfter reads how long the gateway wants to be left alone, in seconds or as a date.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.Atoi(text); err == nil {
		return min(max(0, time.Duration(min(seconds, 3600))*time.Second), maxRetryAfter)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(now)), maxRetryAfter)
	}
	return 0
}
