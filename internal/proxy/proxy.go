// Package proxy passes the traffic of an implementation of the contract through unchanged, and judges each exchange once it has
// passed. Nobody's bytes wait for a judgement: what is judged is a copy.
package proxy

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/conform"
)

// Options say what is proxied, and who hears of it.
type Options struct {
	Upstream  *url.URL // where requests go; a path before the contract's own is allowed
	Closed    bool     // answers have no member that the contract does not declare
	Log       *slog.Logger
	Reporters []Reporter
}

// queueLength is how many exchanges may wait to be judged. When it is full, a connection waits before its next request: the
// answer has passed by then.
const queueLength = 256

// Proxy is an http.Handler.
type Proxy struct {
	options Options
	checker *conform.Checker
	paths   map[string]string // templates by operation
	prefix  map[string]bool   // first segments of the contract's paths
	reverse *httputil.ReverseProxy
	queue   chan *exchange
	judged  sync.WaitGroup
	began   time.Time

	number       atomic.Int64
	others, left atomic.Int64
	summary      Summary // of the goroutine that judges
	failures     error   // of reporters
}

// New gives a proxy for a contract. It must be closed.
func New(doc *openapi3.T, o Options) (*Proxy, error) {
	checker, err := conform.New(doc, conform.Closed(o.Closed))
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		options: o, checker: checker, paths: map[string]string{}, prefix: map[string]bool{},
		queue: make(chan *exchange, queueLength), began: time.Now(),
	}
	for id, op := range spec.Operations(doc) {
		p.paths[id] = op.Path
		p.prefix[firstSegment(op.Path)] = true
	}
	p.reverse = &httputil.ReverseProxy{
		Rewrite: p.rewrite, Transport: transport(), FlushInterval: -1, BufferPool: &buffers{},
		ModifyResponse: p.answered, ErrorHandler: p.unanswered,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	p.judged.Go(p.judge)
	return p, nil
}

// transport keeps as many connections to the upstream as clients keep to the proxy, and leaves encodings to the two.
func transport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, DisableCompression: true,
		MaxIdleConnsPerHost: 256, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, ExpectContinueTimeout: time.Second,
	}
}

// forwarded are headers that httputil.ReverseProxy takes out of requests; a proxy that changes nothing puts them back.
var forwarded = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"}

func (p *Proxy) rewrite(r *httputil.ProxyRequest) {
	r.SetURL(p.options.Upstream)
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	for _, name := range forwarded {
		if values := r.In.Header.Values(name); len(values) > 0 {
			r.Out.Header[name] = values
		}
	}
}

type contextKey struct{}

// ServeHTTP passes one exchange.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// An answer without these headers stays without them.
	w.Header()["Content-Type"], w.Header()["Date"] = nil, nil
	if r.ContentLength != 0 { // an answer passes though the request is not at its end; HTTP/2 does that by itself
		_ = http.NewResponseController(w).EnableFullDuplex()
	}
	if !p.concerns(r) {
		p.others.Add(1)
		p.reverse.ServeHTTP(w, r)
		return
	}
	x := &exchange{number: p.number.Add(1), began: time.Now(), req: conform.Request{Method: r.Method, URL: r.URL, Header: r.Header}}
	x.asked.length = r.ContentLength
	ctx := r.Context()
	r = r.WithContext(context.WithValue(ctx, contextKey{}, x))
	if r.Body != nil {
		r.Body = x.asked.watch(r.Body, maxRequest)
	}
	defer func() { // also when the answer breaks off, which the reverse proxy tells by a panic
		x.took = time.Since(x.began)
		if x.failure == "" && !x.answered.ended() && ctx.Err() != nil {
			x.failure = clientLeft
		}
		p.queue <- x
	}()
	p.reverse.ServeHTTP(w, r)
}

// concerns tells whether a request is one for the contract. What else a server has (a console, metrics) is not judged, nor is a
// browser's own question about other origins.
func (p *Proxy) concerns(r *http.Request) bool {
	preflight := r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
	return p.prefix[firstSegment(r.URL.Path)] && !preflight
}

func firstSegment(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

// answered notes an answer whose head has come, and watches its body pass.
func (p *Proxy) answered(resp *http.Response) error {
	x, ok := resp.Request.Context().Value(contextKey{}).(*exchange)
	if !ok {
		return nil
	}
	x.resp = conform.Response{Status: resp.StatusCode, Header: resp.Header.Clone()}
	x.answered.length = resp.ContentLength
	if resp.StatusCode != http.StatusSwitchingProtocols { // that body is a connection
		resp.Body = x.answered.watch(resp.Body, maxAnswer)
	}
	return nil
}

// unanswered answers for an upstream that does not. No text of the error is shown: it has the address in it.
func (p *Proxy) unanswered(w http.ResponseWriter, r *http.Request, err error) {
	x, _ := r.Context().Value(contextKey{}).(*exchange)
	if r.Context().Err() != nil || x != nil && x.asked.broke() {
		if x != nil {
			x.failure = clientLeft
		}
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if x != nil {
		x.failure = noAnswer
	}
	p.options.Log.ErrorContext(r.Context(), "the upstream does not answer", slog.Any("error", err))
	w.Header().Del("Date") // this answer is ours, and the server dates it
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadGateway)
	_, _ = w.Write([]byte(badGateway))
}

const badGateway = `{"requestError":{"serviceException":{"messageId":"GENERAL_EXCEPTION",` +
	`"text":"The upstream of this proxy does not answer"}}}`

// Close judges what has passed, tells the reporters that this is the end, and sums up. No request may come after it.
func (p *Proxy) Close() (Summary, error) {
	close(p.queue)
	p.judged.Wait()
	p.reverse.Transport.(*http.Transport).CloseIdleConnections() //nolint:forcetypeassert // it is our own
	p.summary.Took = time.Since(p.began)
	p.summary.Others, p.summary.Left = p.others.Load(), p.left.Load()
	for _, reporter := range p.options.Reporters {
		p.report(reporter.End(p.summary))
	}
	return p.summary, p.failures
}

// buffers lend what bodies are copied by.
type buffers struct{ pool sync.Pool }

const bufferSize = 32 << 10

func (b *buffers) Get() []byte {
	if buffer, ok := b.pool.Get().(*[bufferSize]byte); ok {
		return buffer[:]
	}
	return make([]byte, bufferSize)
}

func (b *buffers) Put(buffer []byte) { b.pool.Put((*[bufferSize]byte)(buffer)) }
