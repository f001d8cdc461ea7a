package server

import (
	"context"
	"strconv"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/sandbox"
	"github.com/pinpost/pinpost/internal/world"
	"github.com/pinpost/pinpost/server/internal/sandboxgen"
)

// Inbox reads and removes what the sandbox captured.
type Inbox interface {
	Last() int64
	List(ctx context.Context, f inbox.Filter) ([]inbox.Entry, error)
	Page(ctx context.Context, f inbox.Filter, limit int) ([]inbox.Entry, error)
	Get(ctx context.Context, accountID, id string) (inbox.Entry, error)
	Delete(ctx context.Context, accountID, id string) (inbox.Entry, error)
	Drain(ctx context.Context, f inbox.Filter) ([]inbox.Entry, error)
	Wait(ctx context.Context, f inbox.Filter) (inbox.Entry, error)
	Follow(ctx context.Context, f inbox.Filter, each func(inbox.Entry) error) error
}

// Sandbox is what the sandbox's paths work with.
type Sandbox struct {
	Inbox    Inbox
	Worlds   *world.Service
	Faults   *sandbox.Faults
	Clocks   *sandbox.Clocks
	Contract *openapi3.T // api/sandbox/openapi.yaml
	Document []byte      // its text, served byte for byte
	// Speak gives what a call says as a WAV file.
	Speak func(ctx context.Context, p delivery.Prompt) ([]byte, error)
}

// Headers of a sandbox.
const (
	worldHeader  = "Pinpost-World"  // which world a request is meant for
	cursorHeader = "Pinpost-Cursor" // the place in the inbox right before the message of a send
)

// sandboxDesk implements the generated interface of the sandbox.
type sandboxDesk struct {
	*Sandbox
	pins     PINs
	messages Messages
	accounts Accounts
	draining <-chan struct{} // closed when the server begins to stop
	guests   *guests
}

var _ sandboxgen.StrictServerInterface = sandboxDesk{}

// routeSandbox puts the gate before each of the sandbox's operations, like routeOperations. Events are written as they
// come, so nothing holds them back.
func (s *Server) routeSandbox() {
	chains, made := map[string][]echo.MiddlewareFunc{}, newCheckers(s.deps.Log)
	for id, op := range spec.Operations(s.deps.Sandbox.Contract) {
		g := newGate(s.deps.Sandbox.Contract, op, made)
		g.closed = true
		if id == "loadSeed" || id == "resetWorld" {
			g.most = maxSeed
		}
		chain := []echo.MiddlewareFunc{enter(id)}
		if id != "streamCapturedMessages" {
			chain = append(chain, s.respond(g))
		}
		chains[id] = joined(append(chain, recovered, s.authenticate(schemes{app: true, basic: true}), s.enterWorld, g.request)...)
	}
	handler := sandboxgen.NewStrictHandler(sandboxDesk{s.deps.Sandbox, s.deps.PINs, s.deps.Messages, s.deps.Accounts, s.drained, newGuests()}, nil)
	sandboxgen.RegisterHandlersWithOptions(s.echo, handler, sandboxgen.RegisterHandlersOptions{OperationMiddlewares: chains})
}

// enterWorld makes the world that a header names the account of the request.
func (s *Server) enterWorld(next echo.HandlerFunc) echo.HandlerFunc {
	if s.deps.Sandbox == nil {
		return next
	}
	return func(c echo.Context) error {
		r := c.Request()
		named := r.Header.Values(worldHeader)
		if len(named) == 0 {
			return next(c)
		}
		v := visitOf(r.Context())
		w, err := s.worldOf(r.Context(), v.account, named)
		if err != nil {
			v.struck = true // the API's own contract knows no worlds: not all of its operations declare 404
			return err
		}
		v.owner, v.account = v.account, w.ID
		return next(c)
	}
}

// maxWorldID bounds the header, as the contract has it.
const maxWorldID = 64

// worldOf gives the world that a header names, once. An empty name is no word for the account's own world: a caller whose
// variable is not set would empty that instead of the world that was meant.
func (s *Server) worldOf(ctx context.Context, owner string, named []string) (world.World, error) {
	faults := fault.Members{}
	switch {
	case len(named) > 1:
		faults.Addf(worldHeader, "must be given once")
	case named[0] == "":
		faults.Addf(worldHeader, "must not be empty")
	case utf8.RuneCountInString(named[0]) > maxWorldID:
		faults.Addf(worldHeader, "must have at most %d characters", maxWorldID)
	}
	if err := faults.Err(); err != nil {
		return world.World{}, err
	}
	return s.deps.Sandbox.Worlds.Find(ctx, owner, named[0])
}

// sends are the operations that put a message into the inbox.
var sends = map[string]bool{
	"sendPinOverSms": true, "sendPinOverVoice": true, "resendPinOverSms": true, "resendPinOverVoice": true,
}

// nameCursor tells where in the inbox the message of a send will be found.
func (s *Server) nameCursor(operation string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if s.deps.Sandbox == nil || !sends[operation] {
			return next
		}
		return func(c echo.Context) error {
			c.Response().Header().Set(cursorHeader, strconv.FormatInt(s.deps.Sandbox.Inbox.Last(), 10))
			return next(c)
		}
	}
}
