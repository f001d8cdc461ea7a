package client_test

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/client"
)

func TestServerDown(t *testing.T) {
	t.Parallel()
	_, err := newClient(t, down).ResendPIN(t.Context(), pinID)
	failed, ok := errors.AsType[*net.OpError](err)
	if !ok || failed.Op != "dial" {
		t.Errorf("error %v, want a net.OpError of dial", err)
	}
	if !strings.HasPrefix(err.Error(), "resend PIN: no answer from 127.0.0.1:1: dial") {
		t.Errorf("text %q", err)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		elsewhere := newFake(t, says(http.StatusOK, `{}`))
		f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.String(), status)
		})
		_, err := newClient(t, f.URL).VerifyPIN(t.Context(), pinID, pin)
		got := apiError(t, err)
		want := "redirected to " + elsewhere.URL + ", which is not followed; correct the base URL"
		if got.Text != want || got.Status != status {
			t.Errorf("got %d %q, want %d %q", got.Status, got.Text, status, want)
		}
		if n := len(elsewhere.requests()); n != 0 {
			t.Errorf("%d: followed", status)
		}
	}
}

// Who allows redirects gets what net/http does: the key stays with the first host.
func TestRedirectsAllowed(t *testing.T) {
	t.Parallel()
	elsewhere := newFake(t, says(http.StatusOK, applicationAnswer))
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.String(), http.StatusTemporaryRedirect)
	})
	allowing := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	c := newClient(t, strings.Replace(f.URL, "127.0.0.1", "localhost", 1), client.WithHTTPClient(allowing))
	if _, err := c.GetApplication(t.Context(), appID); err != nil {
		t.Fatal(err)
	}
	if f.only(t).header.Get("Authorization") == "" {
		t.Error("the first host got no Authorization")
	}
	if got := elsewhere.only(t).header.Values("Authorization"); got != nil {
		t.Errorf("the other host got Authorization %v", got)
	}
}

func TestHTTPClientIsNotChanged(t *testing.T) {
	t.Parallel()
	given := &http.Client{}
	newClient(t, "localhost", client.WithHTTPClient(given))
	if given.CheckRedirect != nil || given.Transport != nil || given.Timeout != 0 {
		t.Errorf("changed to %+v", given)
	}
}

func TestManyGoroutines(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, smsAnswer))
	c := newClient(t, f.URL)
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			if _, err := c.ResendPIN(t.Context(), pinID); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if got := len(f.requests()); got != 20 {
		t.Errorf("%d requests arrived, want 20", got)
	}
}
