package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/client"
)

// What no error may tell.
const (
	key      = "003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9"
	password = "correct-horse-battery"
	pin      = "73915"
	phone    = "41793026727"
)

// seen is a request as it arrived.
type seen struct {
	method, uri string
	header      http.Header
	body        string
	length      int64
	encoding    []string
}

// fake is a server that notes what it is asked and answers what it is told.
type fake struct {
	*httptest.Server
	mu   sync.Mutex
	seen []seen
}

func newFake(t *testing.T, answer http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read request: %v", err)
		}
		f.mu.Lock()
		f.seen = append(f.seen, seen{r.Method, r.RequestURI, r.Header, string(body), r.ContentLength, r.TransferEncoding})
		f.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) requests() []seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]seen(nil), f.seen...)
}

// only gives the one request that arrived.
func (f *fake) only(t *testing.T) seen {
	t.Helper()
	all := f.requests()
	if len(all) != 1 {
		t.Fatalf("server got %d requests, want 1", len(all))
	}
	return all[0]
}

func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func newClient(t *testing.T, url string, options ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(url, append([]client.Option{client.WithAPIKey(key), client.Hasty(nil), unshared(t)}, options...)...)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return c
}

// unshared is a network of the test's own. In the default one, connections break when another test ends its server: that
// closes idle connections, and one counts as idle a moment before its answer is handed over.
func unshared(t *testing.T) client.Option {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return client.WithHTTPClient(&http.Client{Transport: transport})
}
