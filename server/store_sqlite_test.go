//go:build !postgres

package server_test

import (
	"testing"

	"github.com/pinpost/pinpost/internal/config"
)

// choose names the store of a service under test: here a file in its data folder.
func choose(*testing.T, *config.Settings) {}

// withStore runs the tests where they have a store.
func withStore(tests func() int) int { return tests() }

// serveReplicas serves the fixture by as many services as may share the store: here one.
func serveReplicas(t *testing.T, f *fixture) string {
	t.Helper()
	return serveFixture(t, f, f, &pairs{})
}
