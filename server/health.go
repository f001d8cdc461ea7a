package server

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
)

// readyTimeout is how long the store may take to say that it is there.
const readyTimeout = 3 * time.Second

// Neighbours says whether those that a request depends on are there.
type Neighbours interface {
	// Ping fails when the store cannot be read and written.
	Ping(ctx context.Context) error
	// Carriers gives the health of each channel's carrier.
	Carriers() map[string]delivery.Health
}

// Drain makes /readyz fail from now on, for those that ask over a connection that is still open.
// Waits and streams of the sandbox end.
func (s *Server) Drain() { s.draining.Do(func() { close(s.drained) }) }

// livez says that the process runs.
func (s *Server) livez(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether requests can be served: the store answers, the carriers are up, and nobody is stopping us.
func (s *Server) readyz(c echo.Context) error {
	select {
	case <-s.drained:
		return fault.Unavailablef(nil, "The server is stopping")
	default:
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyTimeout)
	defer cancel()
	if err := s.deps.Neighbours.Ping(ctx); err != nil {
		return fault.Unavailablef(err, "The store does not answer")
	}
	carriers := s.deps.Neighbours.Carriers()
	for _, channel := range slices.Sorted(maps.Keys(carriers)) {
		if health := carriers[channel]; !health.Up {
			return fault.Unavailablef(nil, "The %s carrier is down: %s", channel, health.Detail)
		}
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}
