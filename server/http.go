package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

// Time that a connection has for each part of a request, and room for its headers.
const (
	headerTime   = 5 * time.Second
	readTime     = 15 * time.Second
	writeTime    = readTime + pin.MaxCallWait + 30*time.Second // the longest wait for a call, and some
	idleTime     = 2 * time.Minute
	headerLength = 16 << 10
)

// NewHTTP gives an HTTP server around a handler, with a bound on everything a stranger may make it wait for. Serve it on
// a Listener.
func NewHTTP(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:                      handler,
		ReadHeaderTimeout:            headerTime,
		ReadTimeout:                  readTime,
		WriteTimeout:                 writeTime,
		IdleTimeout:                  idleTime,
		MaxHeaderBytes:               headerLength,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
