package client

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// apiPath opens every path of the API; the generated code adds it.
const apiPath = "/2fa/1"

// What can be wrong with a base URL. None of these repeats it: it may have a password in it.
var (
	errNoBaseURL  = errors.New("base URL is empty")
	errBaseURL    = errors.New("base URL cannot be read: it must look like https://host or https://host:port/path")
	errScheme     = errors.New("base URL must begin with https:// or http://")
	errUserInfo   = errors.New("base URL has a user name in it: use WithBasic or WithAPIKey instead")
	errExtraParts = errors.New("base URL has a query or a fragment")
)

// normalise gives scheme, host and path prefix of a base URL, without a slash at the end.
func normalise(given string) (*url.URL, error) {
	text := strings.TrimSpace(given)
	if text == "" {
		return nil, errNoBaseURL
	}
	bare := !strings.Contains(text, "://") // url.Parse takes localhost:8080 for a scheme and something else
	if bare {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errBaseURL
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errScheme
	case u.User != nil:
		return nil, errUserInfo
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return nil, errExtraParts
	case u.Hostname() == "" || !validPort(u):
		return nil, errBaseURL
	}
	if bare && isLoopback(u.Hostname()) {
		u.Scheme = "http"
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	path = strings.TrimRight(strings.TrimSuffix(path, apiPath), "/")
	plain, err := url.PathUnescape(path)
	if err != nil {
		return nil, errBaseURL
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: plain, RawPath: path}, nil
}

// below gives the address of a path of the server, which begins with a slash, and its query.
func below(base, path *url.URL) *url.URL {
	u := *base
	u.Path += path.Path
	u.RawPath = base.EscapedPath() + path.EscapedPath()
	u.RawQuery = path.RawQuery
	return &u
}

// hostAndPort gives what the base URL says of the server.
func hostAndPort(base *url.URL) (string, int) {
	port, err := strconv.Atoi(base.Port())
	switch {
	case err == nil:
	case base.Scheme == "http":
		port = 80
	default:
		port = 443
	}
	return base.Hostname(), port
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":") // http:/host, a slash missing, would be a host named http
	}
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
