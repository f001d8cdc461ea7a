// Package page is the live page of a proxy: what a person sees of the traffic that passes and of what it has against the contract.
// It shows no content: nothing on it is a PIN, a key, a phone number or a path as it was asked for.
package page

import (
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/proxy"
	"github.com/pinpost/pinpost/internal/web"
)

//go:embed assets
var files embed.FS

// About says which proxy the page is of.
type About struct {
	Upstream   *url.URL
	Proxy      string // address that clients call, such as http://127.0.0.1:8081
	Closed     bool   // answers have no member that the contract does not declare
	Began      time.Time
	Operations []Operation // those of the contract, all of which are shown: one that is never seen is untested
}

// Operation is one of the contract.
type Operation struct{ ID, Method, Path string }

// Page is a proxy.Reporter, and an http.Handler for an address of its own.
type Page struct {
	mux   *http.ServeMux
	about about

	pace, beat, patience time.Duration // see events.go

	mu        sync.Mutex
	seen      seen
	listeners map[chan struct{}]bool
}

var _ proxy.Reporter = (*Page)(nil)

// New gives the page of a proxy.
func New(a About) (*Page, error) {
	if a.Upstream == nil {
		return nil, errors.New("the page needs the upstream's address")
	}
	if len(a.Operations) == 0 {
		return nil, errors.New("the page needs the operations of the contract")
	}
	site, err := web.NewPage("proxy.html", files)
	if err != nil {
		return nil, err
	}
	operations := slices.SortedFunc(slices.Values(a.Operations), func(a, b Operation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	p := &Page{
		mux: http.NewServeMux(), about: newAbout(a), seen: newSeen(operations), listeners: map[chan struct{}]bool{},
		pace: pace, beat: beat, patience: patience,
	}
	for _, path := range site.Paths() {
		if path == "/" {
			path = "/{$}"
		}
		p.mux.Handle("GET "+path, site)
	}
	p.mux.HandleFunc("GET /report.json", p.serveReport)
	p.mux.HandleFunc("GET /events", p.serveEvents)
	return p, nil
}

// Exchange shows an exchange. It waits for nobody who looks at the page.
func (p *Page) Exchange(x proxy.Exchange) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen.add(x)
	p.wake()
	return nil
}

// End shows that the proxy has stopped, and lets everybody go who looks at the page.
func (p *Page) End(s proxy.Summary) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen.end(s)
	p.wake()
	return nil
}

// ServeHTTP answers a GET of one of the page's paths. Names with a domain are refused, lest a page of somebody else that had its own
// name point here (DNS rebinding) read along.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	web.Guard(w.Header())
	if !web.Near(r.Host) {
		http.Error(w, "This page is shown at an address or a name without a domain only.", http.StatusMisdirectedRequest)
		return
	}
	p.mux.ServeHTTP(w, r)
}

func (p *Page) serveReport(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(p.since(0))
}

// since gives what has come after a place in the traffic; all that is kept for 0.
func (p *Page) since(place int64) report {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.seen.since(place)
	if place == 0 {
		r.About = &p.about
	}
	return r
}
