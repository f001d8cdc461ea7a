package client

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	defaultUserAgent = "pinpost-go"
	// defaultTimeout leaves room for a voice call that is waited for as long as the API allows, 60 seconds.
	defaultTimeout = 80 * time.Second
)

// Option says how a Client calls. New takes any number of them; of options that say the same thing the last one wins,
// except for credentials, of which there is exactly one, and request editors and hooks, which add up.
type Option func(*settings) error

// settings are what the options say.
type settings struct {
	authorization string
	credentials   int // how many were given, right or wrong
	http          *http.Client
	userAgent     string
	timeout       time.Duration
	tryTimeout    time.Duration
	retries       int
	editors       []func(*http.Request) error
	hooks         []Hook
	pause         func(context.Context, time.Duration) error
	random        io.Reader
}

func (s settings) oneCredential() error {
	switch s.credentials {
	case 0:
		return errors.New("no credential: use WithAPIKey or WithBasic")
	case 1:
		return nil
	}
	return errors.New("more than one credential: use WithAPIKey or WithBasic, once")
}

// WithAPIKey sends the API key with each request, as "Authorization: App <key>". A leading word App that was pasted
// along is dropped, in upper or lower case, and so is white space around the key. The key of an account opens everything
// but CreateAPIKey.
func WithAPIKey(key string) Option {
	return func(s *settings) error {
		s.credentials++
		words := strings.Fields(key)
		if len(words) > 0 && strings.EqualFold(words[0], "App") {
			words = words[1:]
		}
		if len(words) == 0 {
			return errors.New("API key is empty")
		}
		if len(words) > 1 || oddWord(words[0]) {
			return errors.New("API key is not a key: give it alone, without a word such as Bearer or Basic before it")
		}
		s.authorization = "App " + words[0]
		return nil
	}
}

// WithBasic sends user name and password of the account with each request (HTTP Basic, in UTF-8). CreateAPIKey needs
// this one.
func WithBasic(user, password string) Option {
	return func(s *settings) error {
		s.credentials++
		switch {
		case user == "":
			return errors.New("user name is empty")
		case password == "":
			return errors.New("password is empty")
		case strings.Contains(user, ":"):
			return errors.New("user name has a colon in it, which HTTP Basic cannot carry")
		}
		s.authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
		return nil
	}
}

// WithHTTPClient sends requests through an HTTP client of yours, for example one with a proxy or a private certificate
// authority in its Transport. It is copied, not changed. Its own Timeout, if set, bounds each try too. Unless its
// CheckRedirect is set, redirects are not followed: the API has none, and a redirect elsewhere would take PINs and phone
// numbers along.
func WithHTTPClient(c *http.Client) Option {
	return func(s *settings) error {
		if c == nil {
			return errors.New("HTTP client is nil")
		}
		s.http = c
		return nil
	}
}

// WithUserAgent names your program to the server in place of "pinpost-go".
func WithUserAgent(name string) Option {
	return func(s *settings) error {
		words := strings.Fields(name)
		if len(words) == 0 || slices.ContainsFunc(words, oddWord) {
			return errors.New("user agent must be printable ASCII, and not empty")
		}
		s.userAgent = strings.Join(words, " ")
		return nil
	}
}

// WithTimeout bounds each call as a whole, from connecting to the last byte of the answer and with all its tries. The
// default is 80 seconds, because a voice call may be waited for up to 60; zero means no bound. The context of a call can
// always end it earlier.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) error {
		if d < 0 {
			return errors.New("timeout is negative")
		}
		s.timeout = d
		return nil
	}
}

// WithTryTimeout bounds each try of a call, so that time is left for another one. Zero, the default, means no bound but
// that of the call. Calls that wait for a voice call to end need as long as they wait.
func WithTryTimeout(d time.Duration) Option {
	return func(s *settings) error {
		if d < 0 {
			return errors.New("timeout of a try is negative")
		}
		s.tryTimeout = d
		return nil
	}
}

// WithRequestEditor lets edit change the request of each try right before it is sent, for example to add a header that a
// proxy wants; credentials and the other headers are there by then. An error of edit keeps the request from being sent and
// is what the call returns, wrapped. Editors run in the order given, and for several requests at the same time.
func WithRequestEditor(edit func(*http.Request) error) Option {
	return func(s *settings) error {
		if edit == nil {
			return errors.New("request editor is nil")
		}
		s.editors = append(s.editors, edit)
		return nil
	}
}

// oddWord finds what a header cannot carry.
func oddWord(word string) bool {
	return strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' || r > '~' })
}
