package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/client"
)

func do(t *testing.T, c *client.Client, method, path, body string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return c.Do(req)
}

func TestDo(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusAccepted, "anything", "X-Of", "it"))
	c := newClient(t, f.URL+"/a%2Fb/", client.WithUserAgent("shop/1"), client.WithRequestEditor(func(req *http.Request) error {
		req.Header.Set("X-Seen", req.URL.Path)
		return nil
	}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "/other/x%2Fy/../z?to=%2B41", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Accept": {"text/plain"}, "Authorization": {"of the caller"}, "X-Own": {"kept"}}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || string(text) != "anything" {
		t.Errorf("read %q, error %v", text, err)
	}
	if resp.StatusCode != http.StatusAccepted || resp.Header.Get("X-Of") != "it" {
		t.Errorf("answer %d %v", resp.StatusCode, resp.Header)
	}
	got := f.only(t)
	if got.method != http.MethodPut || got.uri != "/a%2Fb/other/x%2Fy/../z?to=%2B41" || got.body != "body" {
		t.Errorf("sent %s %s %q", got.method, got.uri, got.body)
	}
	for name, want := range map[string]string{
		"Accept": "text/plain", "Authorization": "App " + key, "User-Agent": "shop/1", "X-Own": "kept",
		"X-Seen": "/a/b/other/x/y/../z",
	} {
		if header := got.header.Get(name); header != want {
			t.Errorf("%s is %q, want %q", name, header, want)
		}
	}
	if req.URL.Host != "" || req.Header.Get("Authorization") != "of the caller" {
		t.Error("the caller's request was changed")
	}
}

func TestDo_refused(t *testing.T) {
	t.Parallel()
	body := `{"requestError":{"serviceException":{"messageId":"RESOURCE_NOT_FOUND","text":"No such path"}}}`
	f := newFake(t, says(http.StatusNotFound, body))
	resp, err := do(t, newClient(t, f.URL), http.MethodGet, "/x", "")
	if resp != nil || !client.IsNotFound(err) || apiError(t, err).Text != "No such path" {
		t.Errorf("answer %v, error %v; want an APIError", resp, err)
	}
	if got := f.only(t).header.Get("Accept"); got != "application/json" {
		t.Errorf("Accept %q, want application/json", got)
	}
}

// A key must not leave for another server.
func TestDo_other_places(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, "{}"))
	c := newClient(t, f.URL)
	for _, path := range []string{f.URL + "/x", "//127.0.0.1/x", "x", "", "?x", "mailto:x"} {
		if resp, err := do(t, c, http.MethodGet, path, ""); err == nil {
			t.Errorf("%q: answer %v, want an error", path, resp.Status)
		}
	}
	if resp, err := c.Do(&http.Request{}); err == nil {
		t.Errorf("no URL: answer %v, want an error", resp.Status)
	}
	if resp, err := c.Do(&http.Request{URL: &url.URL{Path: "x"}}); err == nil {
		t.Errorf("no slash: answer %v, want an error", resp.Status)
	}
	if got := len(f.requests()); got != 0 {
		t.Errorf("%d requests were sent", got)
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	type thing struct{ ID string }
	whole := func(v thing) bool { return v.ID != "" }
	for body, want := range map[string]string{
		`{"id":"A"}`:     "",
		`{}`:             "it is not of the documented form",
		`null`:           "it is not of the documented form",
		`{"id":1}`:       "it is not of the documented form",
		`<html>` + phone: "it is not JSON; does the base URL lead to the API?",
		``:               "it is not JSON; does the base URL lead to the API?",
	} {
		resp, err := do(t, newClient(t, newFake(t, says(200, body)).URL), http.MethodGet, "/x", "")
		if err != nil {
			t.Fatal(err)
		}
		value, err := client.Decode(resp, whole)
		if want == "" {
			if err != nil || value.ID != "A" {
				t.Errorf("%s: value %v, error %v", body, value, err)
			}
			continue
		}
		failed, ok := errors.AsType[*client.ResponseError](err)
		if !ok || err.Error() != "200: answer unreadable: "+want || value.ID != "" {
			t.Errorf("%s: value %v, error %v; want %q", body, value, err, want)
			continue
		}
		if kept, _ := io.ReadAll(failed.Response.Body); string(kept) != body {
			t.Errorf("kept %q, want %q", kept, body)
		}
	}
	resp, err := do(t, newClient(t, newFake(t, says(200, `{}`)).URL), http.MethodGet, "/x", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Decode[thing](resp, nil); err != nil {
		t.Errorf("nothing asked for: error %v", err)
	}
}

// The time of a call runs on while its answer is read, and not at all without a timeout.
func TestDo_time(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options  []client.Option
		own      time.Duration // Timeout of the HTTP client
		patient  bool
		timesOut time.Duration
	}{
		"default":                 {nil, 0, false, 80 * time.Second},
		"WithTimeout":             {[]client.Option{client.WithTimeout(time.Second)}, 0, false, time.Second},
		"own HTTP client":         {[]client.Option{client.WithRetries(0)}, 2 * time.Second, false, 2 * time.Second},
		"without timeout":         {nil, 0, true, time.Hour},
		"without WithTimeout":     {[]client.Option{client.WithTimeout(time.Second)}, 0, true, time.Hour},
		"without own HTTP client": {nil, time.Second, true, time.Hour},
	} {
		for place, network := range map[string]*http.Client{"no answer": stalled(0, ""), "in the answer": stalled(200, `{"pin`)} {
			t.Run(name+"/"+place, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					network.Timeout = tt.own
					c := newClient(t, "pin.example.com", append(tt.options, client.WithHTTPClient(network))...)
					if tt.patient {
						c = c.WithoutTimeout()
					}
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					began := time.Now()
					req, err := http.NewRequestWithContext(ctx, http.MethodGet, "/x", nil)
					if err != nil {
						t.Fatal(err)
					}
					resp, err := c.Do(req)
					if err == nil {
						_, err = client.Decode[any](resp, nil)
					}
					if took := time.Since(began); took != tt.timesOut || !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("error %v after %v, want time to run out after %v", err, took, tt.timesOut)
					}
				})
			})
		}
	}
}

func TestWithoutTimeout_is_another_client(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	given := &http.Client{Timeout: 50 * time.Millisecond}
	c := newClient(t, f.URL, client.WithHTTPClient(given))
	c.WithoutTimeout()
	if _, err := c.ResendPIN(t.Context(), pinID); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the first client's time to run out", err)
	}
	if given.Timeout != 50*time.Millisecond {
		t.Error("the given HTTP client was changed")
	}
}
