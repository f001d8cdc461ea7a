package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
)

// tripper stands in for a network.
type tripper func(*http.Request) (*http.Response, error)

func (t tripper) RoundTrip(req *http.Request) (*http.Response, error) { return t(req) }

// fake is the sandbox of a server that answers what it is told.
func fake(t *testing.T, answer http.HandlerFunc, options ...client.Option) *sandbox.Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL+"/behind", append(options, client.WithAPIKey("k"), client.WithRetries(0))...)
	must(t, err)
	return sandbox.New(c)
}
