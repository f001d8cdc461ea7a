package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// noStore keeps answers out of caches: they hold keys, PINs and phone numbers.
var noStore = []string{"no-store"}

// observe gives the answer the request's id, answers what routes left unanswered, and logs and counts the answer. Neither the
// path nor the query is logged: they may hold a phone number. A caller's own X-Request-Id is not taken over for the same
// reason.
func (s *Server) observe(c echo.Context, v *visit) {
	header := c.Response().Header()
	header[echo.HeaderXRequestID] = []string{v.ID}
	header[echo.HeaderCacheControl] = noStore
	if err := routed(c); err != nil {
		s.writeError(err, c)
	}
	status, took := c.Response().Status, time.Since(v.began)
	s.deps.Metrics.Request(v.Operation, status, took)
	s.logAnswer(v, status, took, c.Request().Method)
}

// logAnswer writes the access log. It makes the record by itself: a Logger would look up who calls it each time, which is a
// third of what a line costs.
func (s *Server) logAnswer(v *visit, status int, took time.Duration, method string) {
	handler := s.deps.Log.Handler()
	if !handler.Enabled(v, slog.LevelInfo) {
		return
	}
	line := slog.NewRecord(v.began.Add(took), slog.LevelInfo, "answered", 0)
	line.AddAttrs(slog.Int("status", status), slog.Duration("took", took), slog.String("method", methodOf(method)))
	if v.account != "" {
		line.AddAttrs(slog.String("account_id", v.account))
	}
	if v.reason != "" {
		line.AddAttrs(slog.String("reason", v.reason))
	}
	_ = handler.Handle(v, line) // as a Logger does with it
}

// methodOf names the methods that exist; a stranger may send any word.
func methodOf(method string) string {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodHead, http.MethodOptions:
		return method
	}
	return "OTHER"
}
