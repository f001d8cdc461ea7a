// Package web is what a person sees in a browser: in a sandbox the console, with the reference, the inbox and what the
// sandbox can be made to do; elsewhere the reference alone. Everything is in the binary, and nothing is asked of another
// host.
package web

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync/atomic"
)

// Session is who the console calls as from the start.
type Session struct {
	Key           string `json:"key"`
	User          string `json:"user"`
	Password      string `json:"password"`
	ApplicationID string `json:"applicationId"`
	MessageID     string `json:"messageId"`
}

const sessionPath = "/console/session.json"

// Site is an http.Handler for its Paths.
type Site struct {
	page    asset
	assets  map[string]asset
	session *atomic.Pointer[Session] // nil where there is no console
}

// NewConsole gives the site of a sandbox.
func NewConsole() (*Site, error) {
	s, err := newSite("console.html", everything)
	if err != nil {
		return nil, err
	}
	s.session = new(atomic.Pointer[Session])
	return s, nil
}

// NewReference gives the site of a service in production.
func NewReference() (*Site, error) { return newSite("reference.html", referenceOnly) }

// NewPage gives the site of a page that another package brings, in a folder named assets, and that looks as the console does: the
// shared files come with it. No name may be taken twice.
func NewPage(page string, own fs.FS) (*Site, error) {
	s, err := newSite(page, sharedOnly)
	if err != nil {
		return nil, err
	}
	assets, err := load(own, everything)
	if err != nil {
		return nil, err
	}
	for name, asset := range assets {
		if _, taken := s.assets[name]; taken {
			return nil, fmt.Errorf("%s is a shared file already", name)
		}
		s.assets[name] = asset
	}
	var found bool
	if s.page, found = assets[page]; !found {
		return nil, fmt.Errorf("there is no %s", page)
	}
	return s, nil
}

func newSite(page string, wanted func(name string) bool) (*Site, error) {
	assets, err := load(files, wanted)
	if err != nil {
		return nil, err
	}
	return &Site{page: assets[page], assets: assets}, nil
}

// Paths are those that the site answers.
func (s *Site) Paths() []string {
	paths := []string{"/"}
	if s.session != nil {
		paths = append(paths, sessionPath)
	}
	for _, name := range slices.Sorted(maps.Keys(s.assets)) {
		if path.Ext(name) != ".html" {
			paths = append(paths, "/assets/"+name)
		}
	}
	return paths
}

// SignIn makes the console call as somebody from the start.
func (s *Site) SignIn(as Session) { s.session.Store(&as) }

// ServeHTTP answers a GET of one of the site's paths.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	Guard(w.Header())
	switch r.URL.Path {
	case "/":
		s.page.serve(w, r)
	case sessionPath:
		s.serveSession(w, r)
	default:
		s.assets[path.Base(r.URL.Path)].serve(w, r)
	}
}

// policy lets a page use nothing but this server. Swagger UI's style sheet has small pictures in it, as data;
// calls are played from memory, as an element that fetched them itself would send no credentials.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"media-src 'self' blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// Guard sets the headers that go with every answer to a page.
func Guard(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// serveSession gives the credentials of the demo account to a page of this server, or nothing (204).
func (s *Site) serveSession(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	session := s.session.Load()
	if session == nil || !Near(r.Host) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(session)
}

// Near tells whether a host is called by its address or by a name without a domain, such as localhost or the name of a
// container. A page of somebody else that had its own name point here (DNS rebinding) would come with a domain; it gets no
// credentials, and a person at such a name signs in by hand.
func Near(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.Trim(name, "[]")
	return net.ParseIP(name) != nil || !strings.Contains(name, ".") || strings.HasSuffix(name, ".localhost")
}
