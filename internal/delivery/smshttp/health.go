package smshttp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

// downAfter is how many requests in a row must fail by the link or our credentials until the carrier counts as down.
const downAfter = 3

// health remembers how the last requests fared.
type health struct {
	mu    sync.Mutex
	since time.Time
	row   int    // requests in a row that met such a fault
	last  string // the code of the last of them
}

// note counts a request. One that we cancelled ourselves says nothing.
func (h *health) note(err error, now time.Time) {
	if errors.Is(err, context.Canceled) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	wasDown := h.row >= downAfter
	refused, isRefused := errors.AsType[*delivery.Error](err)
	if isRefused && blames(refused.Class) {
		h.row++
		h.last = refused.Code
	} else {
		h.row = 0
	}
	if wasDown != (h.row >= downAfter) {
		h.since = now
	}
}

// blames tells whether a class speaks of the link or of our account there, rather than of one message.
func blames(class delivery.Class) bool {
	return class == delivery.LinkDown || class == delivery.Ambiguous || class == delivery.Unauthorised
}

func (h *health) report() delivery.Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := delivery.Health{Up: h.row < downAfter, Since: h.since, Detail: "the gateway answers"}
	if h.row > 0 {
		out.Detail = fmt.Sprintf("%d requests in a row failed, the last by: %s", h.row, h.last)
	}
	return out
}
