package client_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pinpost/pinpost/client"
)

func TestBound(t *testing.T) {
	t.Parallel()
	const bound = 16 << 20
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/2fa/1/api-key" { // as large as can be
			_, _ = w.Write([]byte(`"` + strings.Repeat("k", bound-2) + `"`))
			return
		}
		if strings.HasSuffix(r.URL.Path, "/status") {
			w.WriteHeader(http.StatusInternalServerError)
		}
		block := bytes.Repeat([]byte(" "), 1<<20)
		for { // without end
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	c := newClient(t, f.URL)
	if got, err := c.CreateAPIKey(t.Context()); err != nil || len(got) != bound-2 {
		t.Errorf("16 MiB: got %d bytes, error %v", len(got), err)
	}
	_, err := c.ResendPIN(t.Context(), pinID)
	e, ok := errors.AsType[*client.ResponseError](err)
	if !ok || err.Error() != "resend PIN: 200: answer unreadable: it is larger than 16 MiB" {
		t.Fatalf("error %v, want a ResponseError", err)
	}
	if n, err := io.Copy(io.Discard, e.Response.Body); n != bound || err != nil {
		t.Errorf("kept %d bytes, error %v, want %d", n, err, bound)
	}
	_, err = c.PINStatus(t.Context(), pinID)
	if got := apiError(t, err); got.Status != 500 || got.Text != "Internal Server Error, without an error object" {
		t.Errorf("got %+v", got)
	}
}

// closing notes whether a body was closed.
type closing struct {
	io.ReadCloser
	open *atomic.Int32
}

func (c closing) Close() error {
	c.open.Add(-1)
	return c.ReadCloser.Close()
}

func TestBodiesAreClosed(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		for name, answer := range map[string]http.HandlerFunc{
			"success": says(200, op.answer), "garbage": says(200, "<"), "error": says(500, "<"),
			"redirect": says(302, "<", "Location", "/"),
			"broken": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100")
				_, _ = io.WriteString(w, "{")
			},
		} {
			t.Run(op.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				var open atomic.Int32
				network := &http.Transport{}
				defer network.CloseIdleConnections()
				counted := tripper(func(req *http.Request) (*http.Response, error) {
					resp, err := network.RoundTrip(req)
					if err == nil {
						open.Add(1)
						resp.Body = closing{resp.Body, &open}
					}
					return resp, err
				})
				f := newFake(t, answer)
				_, err := op.call(t.Context(), newClient(t, f.URL, client.WithHTTPClient(&http.Client{Transport: counted})))
				if (err == nil) != (name == "success") {
					t.Errorf("error %v", err)
				}
				if n := open.Load(); n != 0 {
					t.Errorf("%d bodies left open", n)
				}
			})
		}
	}
}
