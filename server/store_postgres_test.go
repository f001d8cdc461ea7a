//go:build postgres

package server_test

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/store/postgres"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// choose names the store of a service under test: here a PostgreSQL database of its own. All tests of this package then hold
// for services that keep everything there.
func choose(t *testing.T, settings *config.Settings) {
	t.Helper()
	settings.Store = pgtest.Shared.URL(pgtest.Empty(t))
	settings.PINKeyFile = filepath.Join(t.TempDir(), "pin.key")
	must(t, os.WriteFile(settings.PINKeyFile, []byte(hex.EncodeToString(make([]byte, 32))), 0o600))
}

// withStore runs the tests where they have a store.
func withStore(tests func() int) int {
	return pgtest.Run(func(url string) error {
		s, err := postgres.Open(context.Background(), url)
		if err != nil {
			return err
		}
		return s.Close()
	}, tests)
}

// serveReplicas serves the fixture by two services that share the store, whose requests take turns.
func serveReplicas(t *testing.T, f *fixture) string {
	t.Helper()
	settings := f.settings(t)
	var replicas []*url.URL
	for range 2 {
		own := settings
		own.Data = t.TempDir()
		address, _ := serveSettings(t, own, f, &pairs{})
		replica, err := url.Parse(address)
		must(t, err)
		replicas = append(replicas, replica)
	}
	var turn atomic.Uint64
	return listen(t, &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(replicas[turn.Add(1)%2]) },
		Transport: &http.Transport{MaxIdleConnsPerHost: crowd},
	})
}
