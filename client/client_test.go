package client_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
)

// tripper stands in for a network.
type tripper func(*http.Request) (*http.Response, error)

func (t tripper) RoundTrip(req *http.Request) (*http.Response, error) { return t(req) }

var errCaught = errors.New("caught")

// addressed gives the URL that a client for baseURL calls.
func addressed(t *testing.T, baseURL string) (string, error) {
	t.Helper()
	var got string
	catch := tripper(func(req *http.Request) (*http.Response, error) {
		got = req.URL.String()
		return nil, errCaught
	})
	c, err := client.New(baseURL, client.WithAPIKey(key), client.WithRetries(0), client.WithHTTPClient(&http.Client{Transport: catch}))
	if err != nil {
		return "", err
	}
	if _, err = c.ListApplications(t.Context()); !errors.Is(err, errCaught) {
		t.Errorf("error %v, want the transport's", err)
	}
	return got, nil
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://pin.example.com":              "https://pin.example.com",
		"http://pin.example.com":               "http://pin.example.com",
		"HTTPS://pin.example.com":              "https://pin.example.com",
		" https://pin.example.com\n":           "https://pin.example.com",
		"https://pin.example.com/":             "https://pin.example.com",
		"https://pin.example.com///":           "https://pin.example.com",
		"https://pin.example.com/2fa/1":        "https://pin.example.com",
		"https://pin.example.com/2fa/1//":      "https://pin.example.com",
		"https://pin.example.com//2fa/1/":      "https://pin.example.com",
		"https://example.com/pins":             "https://example.com/pins",
		"https://example.com/pins/":            "https://example.com/pins",
		"https://example.com/pins/2fa/1/":      "https://example.com/pins",
		"https://example.com/a%2Fb/":           "https://example.com/a%2Fb",
		"https://example.com/x2fa/1":           "https://example.com/x2fa/1",
		"https://example.com:8443":             "https://example.com:8443",
		"pin.example.com":                      "https://pin.example.com",
		"pin.example.com:8443/2fa/1":           "https://pin.example.com:8443",
		"abc123.api.example.com/":              "https://abc123.api.example.com",
		"192.0.2.1":                            "https://192.0.2.1",
		"localhost":                            "http://localhost",
		"localhost:8080":                       "http://localhost:8080",
		"LocalHost:8080/2fa/1/":                "http://LocalHost:8080",
		"localhost.example.com":                "https://localhost.example.com",
		"127.0.0.1:8080":                       "http://127.0.0.1:8080",
		"127.0.0.2":                            "http://127.0.0.2",
		"[::1]":                                "http://[::1]",
		"[::1]:8080":                           "http://[::1]:8080",
		"[2001:db8::1]:8080":                   "https://[2001:db8::1]:8080",
		"https://localhost:8443":               "https://localhost:8443",
		"https://127.0.0.1":                    "https://127.0.0.1",
		"https://[fe80::1%25eth0]:8080/2fa/1/": "https://[fe80::1%25eth0]:8080",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			got, err := addressed(t, given)
			if err != nil {
				t.Fatal(err)
			}
			if got != want+"/2fa/1/applications" {
				t.Errorf("called %s, want %s/2fa/1/applications", got, want)
			}
		})
	}
}

func TestBaseURLRefused(t *testing.T) {
	t.Parallel()
	for _, given := range []string{
		"", " ", "/", "/2fa/1", "//pin.example.com", ":8080", "https://", "https:///2fa/1", "https://:8080",
		"http:/pin.example.com", "https:pin.example.com", "ftp://pin.example.com", "://pin.example.com",
		"unix:///run/pinpost.sock", "https://pin.example.com:", "https://pin.example.com:port",
		"https://pin.example.com:99999", "https://pin example.com", "https://pin.example.com/\x7f", "::1", "https://::1",
		"https://pin.example.com?", "https://pin.example.com?x=1", "https://pin.example.com/2fa/1?x=1",
		"https://pin.example.com#", "https://pin.example.com/#docs", "pin.example.com?x=1",
		"https://alice@pin.example.com", "https://alice:" + password + "@pin.example.com", "alice:" + password + "@localhost",
		"https://alice:" + password, "https://alice:%zz" + password + "@pin.example.com", "https://@pin.example.com",
		"https://pin.example.com/%zz",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			got, err := addressed(t, given)
			if err == nil {
				t.Fatalf("called %s, want an error", got)
			}
			if !strings.HasPrefix(err.Error(), "new client: base URL ") || strings.Contains(err.Error(), password) {
				t.Errorf("error %q", err)
			}
		})
	}
}

func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options []client.Option
		want    string
	}{
		"no credential":   {nil, "no credential"},
		"two credentials": {[]client.Option{client.WithAPIKey(key), client.WithBasic("a", password)}, "more than one credential"},
		"two keys":        {[]client.Option{client.WithAPIKey(key), client.WithAPIKey(key)}, "more than one credential"},
		"empty key":       {[]client.Option{client.WithAPIKey("")}, "API key is empty"},
		"blank key":       {[]client.Option{client.WithAPIKey(" \n")}, "API key is empty"},
		"only App":        {[]client.Option{client.WithAPIKey("App ")}, "API key is empty"},
		"Bearer":          {[]client.Option{client.WithAPIKey("Bearer " + key)}, "API key is not a key"},
		"key in two":      {[]client.Option{client.WithAPIKey(key[:10] + " " + key[10:])}, "API key is not a key"},
		"key with NUL":    {[]client.Option{client.WithAPIKey(key + "\x00")}, "API key is not a key"},
		"key not ASCII":   {[]client.Option{client.WithAPIKey(key + "é")}, "API key is not a key"},
		"empty user":      {[]client.Option{client.WithBasic("", password)}, "user name is empty"},
		"empty password":  {[]client.Option{client.WithBasic("alice", "")}, "password is empty"},
		"user with colon": {[]client.Option{client.WithBasic("a:b", password)}, "user name has a colon"},
		"nil HTTP client": {[]client.Option{client.WithAPIKey(key), client.WithHTTPClient(nil)}, "HTTP client is nil"},
		"nil editor":      {[]client.Option{client.WithAPIKey(key), client.WithRequestEditor(nil)}, "request editor is nil"},
		"empty agent":     {[]client.Option{client.WithAPIKey(key), client.WithUserAgent(" ")}, "user agent must"},
		"agent not ASCII": {[]client.Option{client.WithAPIKey(key), client.WithUserAgent("a\x01")}, "user agent must"},
		"negative time":   {[]client.Option{client.WithAPIKey(key), client.WithTimeout(-time.Second)}, "timeout is negative"},
		"negative try":    {[]client.Option{client.WithAPIKey(key), client.WithTryTimeout(-1)}, "timeout of a try is negative"},
		"negative tries":  {[]client.Option{client.WithAPIKey(key), client.WithRetries(-1)}, "number of retries is negative"},
		"nil logger":      {[]client.Option{client.WithAPIKey(key), client.WithLogger(nil)}, "logger is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := client.New("https://pin.example.com", tt.options...)
			if err == nil || c != nil {
				t.Fatalf("got %v, error %v, want an error", c, err)
			}
			if got := err.Error(); !strings.HasPrefix(got, "new client: "+tt.want) || strings.Contains(got, "\n") {
				t.Errorf("error %q, want the one fault %q", got, tt.want)
			}
			checkSecrets(t, err)
		})
	}
}

func TestNewReportsEveryFault(t *testing.T) {
	t.Parallel()
	_, err := client.New("", client.WithTimeout(-1), nil, client.WithUserAgent(""))
	for _, want := range []string{"base URL is empty", "timeout is negative", "user agent must", "no credential"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		option client.Option
		want   string
	}{
		"key":                 {client.WithAPIKey(key), "App " + key},
		"pasted with App":     {client.WithAPIKey("App " + key), "App " + key},
		"pasted with APP":     {client.WithAPIKey("\tAPP   " + key + "\r\n"), "App " + key},
		"pasted with app":     {client.WithAPIKey("app " + key), "App " + key},
		"key that starts App": {client.WithAPIKey("Apple"), "App Apple"},
		"colon in password":   {client.WithBasic("alice", "a:b"), "Basic YWxpY2U6YTpi"},
		"UTF-8":               {client.WithBasic("zoë", "ü"), "Basic em/DqzrDvA=="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusOK, `[]`))
			c, err := client.New(f.URL, tt.option, unshared(t))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.ListApplications(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := f.only(t).header.Values("Authorization"); len(got) != 1 || got[0] != tt.want {
				t.Errorf("Authorization %q, want %q", got, tt.want)
			}
		})
	}
}

func TestUserAgentAndEditors(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, `[]`))
	c := newClient(t, f.URL+"/prefix", client.WithUserAgent("shop/1.2 (login)"),
		client.WithRequestEditor(func(req *http.Request) error {
			if req.Header.Get("Authorization") == "" {
				t.Error("editor sees no Authorization")
			}
			req.Header.Set("X-Tenant", "one")
			return nil
		}),
		client.WithRequestEditor(func(req *http.Request) error {
			req.Header.Set("X-Tenant", req.Header.Get("X-Tenant")+", two")
			return nil
		}))
	if _, err := c.ListApplications(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := f.only(t)
	if agent := got.header.Get("User-Agent"); agent != "shop/1.2 (login)" {
		t.Errorf("User-Agent %q", agent)
	}
	if tenant := got.header.Get("X-Tenant"); tenant != "one, two" {
		t.Errorf("X-Tenant %q, want one, two", tenant)
	}
	if got.uri != "/prefix/2fa/1/applications" {
		t.Errorf("path %s", got.uri)
	}
}

func TestEditorRefuses(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, `[]`))
	c := newClient(t, f.URL, client.WithRequestEditor(func(*http.Request) error { return errCaught }))
	_, err := c.ListApplications(t.Context())
	if !errors.Is(err, errCaught) || err.Error() != "list applications: edit request: caught" {
		t.Errorf("error %v", err)
	}
	if n := len(f.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
