package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/pinpost/pinpost/client"
)

// apiFlags say which service a command calls, and as whom.
type apiFlags struct {
	URL      string `help:"Address of the service." default:"http://127.0.0.1:8080" env:"PINPOST_URL"`
	Key      string `help:"API key." env:"PINPOST_KEY"`
	User     string `help:"User name, instead of a key." env:"PINPOST_USER"`
	Password string `help:"Password of the user." env:"PINPOST_PASSWORD"`
}

// AfterApply settles who calls: a user on the command line wins over a key in the environment, else a key wins.
func (f *apiFlags) AfterApply(parsed *kong.Context) error {
	given := map[string]bool{}
	for _, step := range parsed.Path {
		if step.Flag != nil && !step.Resolved {
			given[step.Flag.Name] = true
		}
	}
	basic := given["user"] || given["password"]
	if given["key"] && basic {
		return errors.New("--key and --user with --password are two credentials: give one")
	}
	if basic && f.User != "" {
		f.Key = ""
	}
	return nil
}

func (f *apiFlags) client(options ...client.Option) (*client.Client, error) {
	switch {
	case f.Key != "":
		options = append(options, client.WithAPIKey(f.Key))
	case f.User != "":
		options = append(options, client.WithBasic(f.User, f.Password))
	default:
		return nil, errors.New("no credentials: give --key or --user and --password, or PINPOST_KEY in the environment")
	}
	return client.New(f.URL, options...)
}

// detour is a transport that takes a request of the client to a place on the same server that is no part of the API. So
// address, credential, time and failures are the client's own there too.
type detour struct {
	path  string
	query url.Values

	body []byte // of the answer
}

// maxBody bounds what is read of an answer.
const maxBody = 16 << 20

// toAPI leads from the path of ListApplications, which detours begin with, back to where the API begins.
const toAPI = "../../.."

// RoundTrip sends the request to the other place, keeps the body of an answer of success, and gives the client what it
// expects instead of it: an empty list.
func (d *detour) RoundTrip(req *http.Request) (*http.Response, error) {
	there := req.Clone(req.Context())
	there.URL = there.URL.JoinPath(toAPI, d.path)
	there.URL.RawQuery = d.query.Encode()
	resp, err := http.DefaultTransport.RoundTrip(there)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	defer func() { _ = resp.Body.Close() }()
	if d.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody)); err != nil {
		return nil, fmt.Errorf("answer broken off: %w", err)
	}
	resp.Body = io.NopCloser(strings.NewReader("[]"))
	return resp, nil
}

// waitFlags say how long an answer waits for a voice call.
type waitFlags struct {
	Async bool           `help:"Do not wait for the call to end." xor:"wait"`
	Wait  *time.Duration `help:"How long to wait for the call to end, up to 60s; the service has a default." placeholder:"DURATION" xor:"wait"`
}

// Validate refuses a wait that is none.
func (f waitFlags) Validate() error {
	if f.Wait != nil && *f.Wait <= 0 {
		return errors.New("--wait must be more than 0s; --async does not wait")
	}
	return nil
}

func (f waitFlags) options() []client.CallOption {
	switch {
	case f.Async:
		return []client.CallOption{client.RespondAsync()}
	case f.Wait != nil:
		return []client.CallOption{client.WaitFor(*f.Wait)}
	}
	return nil
}
