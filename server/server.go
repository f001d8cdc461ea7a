// Package server is the HTTP side of the service: it checks requests and answers against the contract, says who calls,
// and hands each operation to the rule that knows it.
//
// A request comes in at the door (this file), passes the gate (auth.go, gate.go, respond.go) and reaches a desk (pin.go,
// application.go, message.go, apikey.go), through the generated code or past it (short.go). A failure goes to errors.go, which
// is the one writer of error objects.
package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/patience"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/server/internal/gen"
)

// Metrics counts what the server sees.
type Metrics interface {
	// Request counts an answer and how long it took; operation is "" for a path that is no operation.
	Request(operation string, status int, took time.Duration)
	// Violation counts an answer that is not in the contract.
	Violation(operation string)
	// Handler shows the counts.
	Handler() http.Handler
}

// Site is what a person sees in a browser.
type Site interface {
	http.Handler
	// Paths are those that it answers.
	Paths() []string
}

// Deps are what the server works with.
type Deps struct {
	PINs         PINs
	Applications Applications
	Messages     Messages
	Accounts     Accounts
	Neighbours   Neighbours
	Metrics      Metrics
	Sandbox      *Sandbox    // nil outside a sandbox; then no sandbox path exists
	Site         Site        // what a browser is shown at /; nil for nothing
	Contract     *openapi3.T // what requests and answers are checked against
	Document     []byte      // openapi.yaml, served byte for byte
	Log          *slog.Logger

	ValidateResponses ResponseValidation
	// Unchecked lets requests through without a look at their parameters and at what is in their bodies, so that a benchmark can say
	// what checking them costs. The product has no use for it.
	Unchecked   bool
	ShowMetrics bool // serve /metrics
	// Callbacks take what carriers report, each at /carriers/{name}/receipts. They see to it by themselves that it is the carrier.
	Callbacks map[string]http.Handler
}

// Server is an http.Handler.
type Server struct {
	deps     Deps
	echo     *echo.Echo
	draining sync.Once
	drained  chan struct{} // closed when the server begins to stop
}

// desk implements the generated interface; it sees no HTTP.
type desk struct{ Deps }

var _ gen.StrictServerInterface = desk{}

// New checks the dependencies and lays out the routes.
func New(deps Deps) (*Server, error) {
	switch {
	case deps.PINs == nil, deps.Applications == nil, deps.Messages == nil, deps.Accounts == nil:
		return nil, errors.New("server needs PINs, Applications, Messages and Accounts")
	case deps.Neighbours == nil, deps.Metrics == nil, deps.Contract == nil, deps.Document == nil, deps.Log == nil:
		return nil, errors.New("server needs Neighbours, Metrics, Contract, Document and Log")
	}
	switch deps.ValidateResponses {
	case ResponsesOff, ResponsesLog, ResponsesFail:
	default:
		return nil, fmt.Errorf("server cannot treat answers as %q", deps.ValidateResponses)
	}
	s := &Server{deps: deps, echo: echo.New(), drained: make(chan struct{})}
	s.echo.HTTPErrorHandler, s.echo.JSONSerializer = s.writeError, serializer{}
	s.routeOperations()
	if err := s.routeOthers(); err != nil {
		return nil, err
	}
	if deps.Sandbox != nil {
		s.routeSandbox()
	}
	return s, nil
}

// ServeHTTP answers one request. It uses Echo's router by itself: Echo's own way makes all middlewares anew for each request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &visit{Context: patience.Context{Context: r.Context()}, Request: observe.Request{ID: newID()}, began: time.Now()}
	defer v.End()
	r = r.WithContext(v)
	trimSlash(r)
	c := s.echo.AcquireContext()
	defer s.echo.ReleaseContext(c)
	c.Reset(r, w)
	s.echo.Router().Find(r.Method, echo.GetPath(r), c)
	s.observe(c, v)
}

// routed calls the handler that the router has found.
var routed = recovered(func(c echo.Context) error { return c.Handler()(c) })

// trimSlash makes a slash at the end of a path change nothing. Echo's own way of it leaves alone the path as it was sent,
// which routes are found by when there are escapes in it; and takes an escaped slash for one. The sandbox's paths are exact:
// DELETE /sandbox/inbox/$ID must not remove everything where $ID is not set.
func trimSlash(r *http.Request) {
	if raw, ok := strings.CutSuffix(echo.GetPath(r), "/"); ok && raw != "" && !strings.HasPrefix(raw, "/sandbox/") {
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
		if r.URL.RawPath != "" {
			r.URL.RawPath = raw
		}
	}
}

// routeOperations puts the gate before each operation. Reading a chain from left to right is the way of a request.
func (s *Server) routeOperations() {
	chains, made := map[string][]echo.MiddlewareFunc{}, newCheckers(s.deps.Log)
	for id, op := range spec.Operations(s.deps.Contract) {
		g := newGate(s.deps.Contract, op, made)
		chains[id] = joined(
			enter(id), s.respond(g), recovered, s.authenticate(schemesOf(op, s.globalSchemes())),
			s.enterWorld, s.checked(g), s.nameCursor(id), s.nameCursorAgain(id), s.strike(id), s.short(id),
		)
	}
	gen.RegisterHandlersWithOptions(s.echo, gen.NewStrictHandler(desk{s.deps}, nil),
		gen.RegisterHandlersOptions{OperationMiddlewares: chains})
}

// joined makes one middleware of a chain that always stands before the same handler, and its closures once.
func joined(chain ...echo.MiddlewareFunc) []echo.MiddlewareFunc {
	var once sync.Once
	var handler echo.HandlerFunc
	return []echo.MiddlewareFunc{func(next echo.HandlerFunc) echo.HandlerFunc {
		once.Do(func() {
			handler = next
			for _, each := range slices.Backward(chain) {
				handler = each(handler)
			}
		})
		return handler
	}}
}

// routeOthers lays the paths that are not in the contract.
func (s *Server) routeOthers() error {
	s.echo.GET("/livez", s.livez)
	s.echo.GET("/readyz", s.readyz)
	if s.deps.ShowMetrics {
		s.echo.GET("/metrics", echo.WrapHandler(s.deps.Metrics.Handler()))
	}
	for name, callback := range s.deps.Callbacks {
		for _, path := range []string{"/carriers/" + name + "/receipts", "/carriers/" + name + "/receipts/:token"} {
			s.echo.Match([]string{http.MethodGet, http.MethodPost}, path, enter("takeReceipts")(echo.WrapHandler(callback)))
		}
	}
	if s.deps.Site != nil {
		for _, path := range s.deps.Site.Paths() {
			s.echo.Match([]string{http.MethodGet, http.MethodHead}, path, echo.WrapHandler(s.deps.Site))
		}
	}
	if err := s.routeDocument("/openapi", s.deps.Document); err != nil || s.deps.Sandbox == nil {
		return err
	}
	return s.routeDocument("/sandbox/openapi", s.deps.Sandbox.Document)
}

// routeDocument serves a contract byte for byte, and as JSON for programs that read no YAML.
func (s *Server) routeDocument(path string, text []byte) error {
	asJSON, err := spec.JSON(text)
	if err != nil {
		return err
	}
	s.echo.GET(path+".yaml", func(c echo.Context) error { return c.Blob(http.StatusOK, "application/yaml", text) })
	s.echo.GET(path+".json", func(c echo.Context) error { return c.JSONBlob(http.StatusOK, asJSON) })
	return nil
}

func (s *Server) globalSchemes() []string {
	var names []string
	for _, requirement := range s.deps.Contract.Security {
		for name := range requirement {
			names = append(names, name)
		}
	}
	return names
}

// How long a request may take before the store is told to give up. A text is bounded by its carrier's time; a call by
// the longest wait.
const (
	requestTime = 30 * time.Second
	callTime    = pin.MaxCallWait + requestTime
	streamTime  = 24 * time.Hour // events go on until the caller leaves
)

// enter notes which operation a request came to, and so how long it may take.
func enter(operation string) echo.MiddlewareFunc {
	limit := requestTime
	switch operation {
	case "sendPinOverVoice", "resendPinOverVoice", "waitForCapturedMessage":
		limit = callTime
	case "streamCapturedMessages":
		limit = streamTime
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			v := visitOf(c.Request().Context())
			v.Operation, v.Until = operation, v.began.Add(limit)
			return next(c)
		}
	}
}

// recovered turns a panic into an error, which the error writer answers like any fault of ours.
var recovered = middleware.RecoverWithConfig(middleware.RecoverConfig{
	DisableErrorHandler: true,
	LogErrorFunc:        func(_ echo.Context, err error, stack []byte) error { return fmt.Errorf("%w\n%s", err, stack) },
})

// value gives what a pointer points to, or the default.
func value[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
