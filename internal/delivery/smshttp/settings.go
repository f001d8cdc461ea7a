package smshttp

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What Settings fall back to.
const (
	defaultTimeout        = 8 * time.Second // within the ten seconds that a send has
	defaultConnectTimeout = 3 * time.Second
	defaultConnections    = 16
	defaultAckTimeout     = 5 * time.Second
)

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// Settings are what all kinds of gateways are told. The zero value of each but Name has a default.
type Settings struct {
	// Name is the carrier's name in records, logs and the path of its receipts: small letters, digits, - and _.
	Name string `yaml:"name"`
	// Timeout bounds one request with its answer; default 8s.
	Timeout time.Duration `yaml:"timeout"`
	// ConnectTimeout bounds the way to a connection, and TLS on it; default 3s each.
	ConnectTimeout time.Duration `yaml:"connect_timeout"`
	// Connections is how many are kept open, and how many there are at most; default 16.
	Connections int `yaml:"connections"`
	// CAFile holds the PEM certificates to trust instead of the system's.
	CAFile string `yaml:"ca_file"`
	// AllowPrivate allows a gateway at a loopback, private or link-local address, over http:// too.
	AllowPrivate bool `yaml:"allow_private"`
	// Receipts says how the gateway reports what became of a text.
	Receipts Callback `yaml:"receipts"`
}

// withDefaults fills in what is not set.
func (s Settings) withDefaults() Settings {
	if s.Timeout == 0 {
		s.Timeout = defaultTimeout
	}
	if s.ConnectTimeout == 0 {
		s.ConnectTimeout = min(defaultConnectTimeout, s.Timeout)
	}
	if s.Connections == 0 {
		s.Connections = defaultConnections
	}
	if s.Receipts.AckTimeout == 0 {
		s.Receipts.AckTimeout = defaultAckTimeout
	}
	return s
}

// Check adds what is wrong with the settings to faults.
func (s Settings) Check(faults *Faults) {
	if !namePattern.MatchString(s.Name) {
		faults.Add("name", "must be 1 to 40 small letters, digits, - or _, and begin with a letter or digit")
	}
	if s.Timeout < 0 || s.Timeout > time.Minute {
		faults.Add("timeout", "must be at most 1m")
	}
	if s.ConnectTimeout < 0 || s.ConnectTimeout > time.Minute {
		faults.Add("connect_timeout", "must be at most 1m")
	}
	if s.Connections < 0 || s.Connections > 1000 {
		faults.Add("connections", "must be 1 to 1000")
	}
	if _, err := rootsOf(s.CAFile); err != nil {
		faults.Add("ca_file", "cannot be used: "+err.Error())
	}
	s.Receipts.check(s.AllowPrivate, faults)
}

// CheckURL adds what is wrong with the address of a gateway, which the setting named holds, to faults.
func (s Settings) CheckURL(setting, address string, faults *Faults) {
	if text := urlFault(address, s.AllowPrivate); text != "" {
		faults.Add(setting, text)
	}
}

// urlFault says what is wrong with an address. PINs travel over it, so that it must be https:// unless it is a near one.
func urlFault(address string, allowPrivate bool) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "must be an address such as https://gateway.example.com"
	case u.Scheme == "http" && !allowPrivate:
		return "must begin with https:// unless allow_private is set"
	case u.User != nil:
		return "must not hold a user or password"
	case u.Fragment != "":
		return "must not have a fragment"
	}
	return ""
}

// Faults collects what is wrong with settings, to tell it all at once.
type Faults struct{ errs []error }

// Add notes what is wrong with a setting.
func (f *Faults) Add(setting, text string) {
	f.errs = append(f.errs, fmt.Errorf("%s %s", setting, text))
}

// Need notes that a setting is empty, if it is.
func (f *Faults) Need(setting, value string) {
	if value == "" {
		f.Add(setting, "must be set")
	}
}

// Err is all that was noted about the settings of a kind of gateway, or nil.
func (f *Faults) Err(kind, name string) error {
	if len(f.errs) == 0 {
		return nil
	}
	// Settings that are maps are checked in any order.
	slices.SortStableFunc(f.errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return fmt.Errorf("settings of %s carrier %q: %w", kind, name, errors.Join(f.errs...))
}
