package smshttp

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"
)

// The ways in which a gateway shows that a callback is its own.
const (
	AuthQuery  = "query"  // ?token=… in the address, the default
	AuthPath   = "path"   // the token as the last part of the path
	AuthBasic  = "basic"  // user and token by HTTP basic authentication
	AuthBearer = "bearer" // Authorization: Bearer and the token
)

// minToken is how long a token is at least.
const minToken = 16

// tokenPattern holds the characters that mean the same in every part of an address.
var tokenPattern = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

// Callback says where a gateway reports to, and how it shows that it is the gateway.
type Callback struct {
	// URL is the address of the receipts' route as the gateway reaches it, such as
	// https://pins.example.com/carriers/NAME/receipts. When it is empty, no receipts are asked for.
	URL string `yaml:"url"`
	// Auth is query (default), path, basic or bearer.
	Auth string `yaml:"auth"`
	// User is the user of basic.
	User string `yaml:"user"`
	// Token is what only the gateway and we know: 16 or more letters, digits, and . _ ~ -
	Token Secret `yaml:"token"`
	// AckTimeout is how long a receipt may take to be stored before the gateway is told to come again; default 5s.
	AckTimeout time.Duration `yaml:"ack_timeout"`
}

// Asked tells whether receipts are asked for.
func (c Callback) Asked() bool { return c.URL != "" }

// check adds what is wrong to faults. Whether a token is needed is for the kind of gateway to say.
func (c Callback) check(allowPrivate bool, faults *Faults) {
	if c.AckTimeout < 0 || c.AckTimeout > time.Minute {
		faults.Add("receipts.ack_timeout", "must be at most 1m")
	}
	if !c.Asked() {
		return
	}
	if text := urlFault(c.URL, allowPrivate); text != "" {
		faults.Add("receipts.url", text)
	}
}

// CheckToken adds what is wrong with the token and the way it travels to faults. The ways are those that the kind of gateway
// knows.
func (c Callback) CheckToken(faults *Faults, ways ...string) {
	if !c.Asked() {
		return
	}
	if len(c.Token) < minToken || !tokenPattern.MatchString(c.Token.Reveal()) {
		faults.Add("receipts.token", "must be 16 or more letters, digits, and . _ ~ -")
	}
	known := c.Auth == ""
	for _, way := range ways {
		known = known || c.Auth == way
	}
	if !known {
		faults.Add("receipts.auth", "must be one of "+strings.Join(ways, ", "))
	}
	if c.Auth == AuthBasic && (c.User == "" || strings.Contains(c.User, ":")) {
		faults.Add("receipts.user", "must be set for basic, and hold no colon")
	}
}

// Address is the URL with the token in it, if it travels there, and with more parameters. It is secret then.
func (c Callback) Address(more url.Values) (*url.URL, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, err
	}
	query := u.Query()
	for key, values := range more {
		query[key] = values
	}
	switch c.Auth {
	case AuthPath:
		u = u.JoinPath(c.Token.Reveal())
	case AuthQuery, "":
		if c.Token != "" {
			query.Set("token", c.Token.Reveal())
		}
	}
	u.RawQuery = query.Encode()
	return u, nil
}

// Authentic tells whether a callback carries the token.
func (c Callback) Authentic(r *http.Request) bool {
	switch c.Auth {
	case AuthPath:
		return c.same(path.Base(r.URL.Path))
	case AuthBasic:
		user, password, _ := r.BasicAuth()
		// Both are compared in any case, so that the time taken does not tell which one is wrong.
		rightUser, rightPassword := equal(user, c.User), c.same(password)
		return rightUser && rightPassword
	case AuthBearer:
		token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		return isBearer && c.same(token)
	}
	return c.same(r.URL.Query().Get("token"))
}

func (c Callback) same(token string) bool { return c.Token != "" && equal(token, c.Token.Reveal()) }

// equal compares in a time that tells nothing, not even the length.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
