package server

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
)

// answer is the 200 of an operation that is asked for often. It is encoded straight into the writer that holds it, where the
// generated answers encode into a buffer of their own and copy that.
type answer[T any] struct {
	body     T
	replayed *bool // for Idempotency-Replayed, of the operations that have it
}

// asJSON is the media type of every answer.
var asJSON = []string{echo.MIMEApplicationJSON}

func (a *answer[T]) write(w http.ResponseWriter) error {
	w.Header()[echo.HeaderContentType] = asJSON
	if a.replayed != nil {
		w.Header().Set("Idempotency-Replayed", strconv.FormatBool(*a.replayed))
	}
	return json.NewEncoder(w).Encode(&a.body) // writes once, or nothing when it fails
}

// VisitGetApplicationResponse writes the answer.
func (a *answer[T]) VisitGetApplicationResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitSendPinOverSmsResponse writes the answer.
func (a *answer[T]) VisitSendPinOverSmsResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitResendPinOverSmsResponse writes the answer.
func (a *answer[T]) VisitResendPinOverSmsResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitVerifyPinResponse writes the answer.
func (a *answer[T]) VisitVerifyPinResponse(w http.ResponseWriter) error { return a.write(w) }
