package main

import (
	"errors"
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

func (f *apiFlags) client() (*client.Client, error) {
	switch {
	case f.Key != "":
		return client.New(f.URL, client.WithAPIKey(f.Key))
	case f.User != "":
		return client.New(f.URL, client.WithBasic(f.User, f.Password))
	}
	return nil, errors.New("no credentials: give --key or --user and --password, or PINPOST_KEY in the environment")
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
