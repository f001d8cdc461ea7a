// Package smshttptest holds small gateways of each kind for tests. They behave as the last two digits of a number say,
// keep the texts that they take, and call back with receipts.
package smshttptest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// What a gateway does with a text, by the last two digits of its number. Any other text is taken and delivered.
const (
	SuffixBadNumber = "11" // refused: no such phone
	SuffixRejected  = "12" // refused: not this text
	SuffixNoCredit  = "13" // refused: no credit
	SuffixNoReceipt = "30" // taken, and no receipt comes
	SuffixSlow      = "33" // taken after Slowness
	SuffixError     = "50" // HTTP 500
	SuffixBadProxy  = "52" // HTTP 502
	SuffixDown      = "53" // HTTP 503, and to come again in a minute
	SuffixThrottle  = "58" // throttled twice, then taken
	SuffixFailed    = "66" // taken, and the receipt says that it was not delivered
	SuffixExpired   = "67" // taken, and the receipt says that it ran out
	SuffixSilent    = "77" // the request is read, and no answer comes
	SuffixGarbled   = "88" // taken, with an answer that cannot be read
	SuffixDrop      = "99" // taken, and the connection ends without an answer
)

// Slowness is how long a slow answer takes.
const Slowness = 100 * time.Millisecond

// Text is what a gateway took, decoded.
type Text struct {
	ID          string // the gateway's own
	AttemptID   string
	To, From    string // digits of To without a plus
	Text        string
	Unicode     bool
	Validity    time.Duration
	Params      map[string]string
	CallbackURL string
}

// kind is how one kind of gateway speaks.
type kind interface {
	decode(r *http.Request) (t Text, authentic bool)
	accept(w http.ResponseWriter, t Text)
	refuse(w http.ResponseWriter, suffix string)
	deny(w http.ResponseWriter)
	report(ctx context.Context, t Text, suffix string) (*http.Request, error)
}

// Gateway is a gateway within the process. It must be closed.
type Gateway struct {
	// URL is where it listens, such as http://127.0.0.1:4711.
	URL string

	kind    kind
	server  *httptest.Server
	ctx     context.Context // of callbacks and silence; ends with Close
	cancel  context.CancelFunc
	calling sync.WaitGroup

	mu        sync.Mutex
	texts     []Text
	throttled map[string]int
	asked     int   // requests that came with the right key
	statuses  []int // answers to callbacks
	changed   chan struct{}
}

func start(k kind) *Gateway {
	g := &Gateway{kind: k, throttled: map[string]int{}, changed: make(chan struct{})}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.server = httptest.NewServer(g)
	g.URL = g.server.URL
	return g
}

// Close ends the gateway and its callbacks.
func (g *Gateway) Close() {
	g.cancel()
	g.server.CloseClientConnections()
	g.server.Close()
	g.calling.Wait()
}

// DropConnections ends the connections that are open, as a gateway does that starts again.
func (g *Gateway) DropConnections() { g.server.CloseClientConnections() }

// Texts are those that were taken, in order.
func (g *Gateway) Texts() []Text {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.texts)
}

// Callbacks are the HTTP statuses that callbacks were answered with, in order.
func (g *Gateway) Callbacks() []int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.statuses)
}

// AwaitCallbacks waits until at least n callbacks were answered.
func (g *Gateway) AwaitCallbacks(ctx context.Context, n int) error {
	return g.await(ctx, func() bool { return len(g.statuses) >= n })
}

// AwaitRequests waits until at least n requests for a text came.
func (g *Gateway) AwaitRequests(ctx context.Context, n int) error {
	return g.await(ctx, func() bool { return g.asked >= n })
}

// await waits until what it is given holds.
func (g *Gateway) await(ctx context.Context, holds func() bool) error {
	for {
		g.mu.Lock()
		changed, enough := g.changed, holds()
		g.mu.Unlock()
		if enough {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// note changes what await looks at.
func (g *Gateway) note(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
	close(g.changed)
	g.changed = make(chan struct{})
}

// ServeHTTP takes a text, or does not.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t, authentic := g.kind.decode(r)
	if !authentic {
		g.kind.deny(w)
		return
	}
	g.note(func() { g.asked++ })
	suffix := t.To[max(0, len(t.To)-2):]
	switch suffix {
	case SuffixBadNumber, SuffixRejected, SuffixNoCredit, SuffixError, SuffixBadProxy, SuffixDown:
		g.kind.refuse(w, suffix)
		return
	case SuffixSilent:
		g.note(func() { g.texts = append(g.texts, t) })
		select {
		case <-r.Context().Done():
		case <-g.ctx.Done():
		}
		return
	case SuffixThrottle:
		if g.throttle(t.To) {
			g.kind.refuse(w, suffix)
			return
		}
	case SuffixSlow:
		pause(r.Context(), Slowness)
	}
	g.note(func() { g.texts = append(g.texts, t) })
	switch suffix {
	case SuffixDrop:
		panic(http.ErrAbortHandler)
	case SuffixGarbled:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"messages": [`))
		return
	}
	g.kind.accept(w, t)
	if t.CallbackURL != "" && suffix != SuffixNoReceipt {
		g.calling.Go(func() { g.callBack(t, suffix) })
	}
}

func (g *Gateway) throttle(to string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.throttled[to]++
	return g.throttled[to] <= 2
}

// callBack reports what became of a text, and comes again when it was told to.
func (g *Gateway) callBack(t Text, suffix string) {
	for g.ctx.Err() == nil {
		req, err := g.kind.report(g.ctx, t, suffix)
		if err != nil {
			return
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return
		}
		_ = resp.Body.Close()
		g.note(func() { g.statuses = append(g.statuses, resp.StatusCode) })
		if resp.StatusCode != http.StatusServiceUnavailable {
			return
		}
		pause(g.ctx, 10*time.Millisecond)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
