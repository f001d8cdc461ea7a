package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/internal/observe"
)

// noStore keeps answers out of caches: they hold keys, PINs and phone numbers.
var noStore = []string{"no-store"}

// observe gives the answer the request's id, answers what routes left unanswered, and logs and counts the answer. Neither the
// path nor the query is logged: they may hold a phone number. A caller's own X-Request-Id is not taken over for the same
// reason.
func (s *Server) observe(c echo.Context, v *visit) {
	header := c.Response().Header()
	v.header[0] = v.ID
	header[echo.HeaderXRequestID] = v.header[:]
	header[echo.HeaderCacheControl] = noStore
	if err := routed(c); err != nil {
		s.writeError(err, c)
	}
	status, took := c.Response().Status, time.Since(v.began)
	s.deps.Metrics.Request(v.Operation, status, took)
	s.logAnswer(v, status, took, c.Request().Method)
}

// logAnswer writes the access log.
func (s *Server) logAnswer(v *visit, status int, took time.Duration, method string) {
	var room [5]slog.Attr
	attrs := append(room[:0], slog.Int("status", status), slog.Duration("took", took), slog.String("method", methodOf(method)))
	if v.account != "" {
		attrs = append(attrs, slog.String("account_id", v.account))
	}
	if v.reason != "" {
		attrs = append(attrs, slog.String("reason", v.reason))
	}
	observe.Line(v, s.deps.Log, v.began.Add(took), slog.LevelInfo, "answered", attrs...)
}

// methodOf names the methods that exist; a stranger may send any word.
func methodOf(method string) string {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodHead, http.MethodOptions:
		return method
	}
	return "OTHER"
}
