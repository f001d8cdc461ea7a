package server

import (
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/internal/observe"
)

// What middlewares note for the log line of a request.
const (
	operationKey = "operation"
	reasonKey    = "reason"     // why it was refused
	calledAsKey  = "account_id" // whose world it was meant for
)

// named notes which operation a request came to.
func named(operation string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set(operationKey, operation)
			c.SetRequest(c.Request().WithContext(observe.WithOperation(c.Request().Context(), operation)))
			return next(c)
		}
	}
}

// observe gives each request an id, answers what routes left unanswered, and logs and counts the answer. Neither the
// path nor the query is logged: they may hold a phone number. A caller's own X-Request-Id is not taken over for the same
// reason.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		id := rand.Text()
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store") // answers hold keys, PINs and phone numbers
		ctx := observe.WithRequestID(c.Request().Context(), id)
		c.SetRequest(c.Request().WithContext(ctx))
		if err := next(c); err != nil {
			s.writeError(err, c)
		}
		operation, _ := c.Get(operationKey).(string)
		took := time.Since(began)
		s.deps.Metrics.Request(operation, c.Response().Status, took)
		attrs := []slog.Attr{
			slog.Int("status", c.Response().Status), slog.Duration("took", took), slog.String("method", methodOf(c)),
		}
		// Not from the context: what is deeper in has contexts of its own.
		for _, name := range []string{calledAsKey, reasonKey} {
			if noted, _ := c.Get(name).(string); noted != "" {
				attrs = append(attrs, slog.String(name, noted))
			}
		}
		s.deps.Log.LogAttrs(c.Request().Context(), slog.LevelInfo, "answered", attrs...)
		return nil
	}
}

// methodOf names the methods that exist; a stranger may send any word.
func methodOf(c echo.Context) string {
	switch m := c.Request().Method; m {
	case echo.GET, echo.POST, echo.PUT, echo.DELETE, echo.PATCH, echo.HEAD, echo.OPTIONS:
		return m
	}
	return "OTHER"
}
