package pin

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/phone"
)

// Applications finds an application.
type Applications interface {
	// Get gives one application of the account, or fault.NotFound.
	Get(ctx context.Context, accountID, id string) (application.Application, error)
}

// Messages finds a message template.
type Messages interface {
	// Get gives one message of an application of the account, or fault.NotFound.
	Get(ctx context.Context, accountID, applicationID, id string) (message.Message, error)
}

// Dock takes texts and calls to a carrier.
type Dock interface {
	// Send returns when a carrier has answered.
	Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error)
	// Dial returns when a call is under way.
	Dial(ctx context.Context, c delivery.Call) (delivery.Ongoing, error)
	// Refusal says why nothing may be sent to a number, or nothing when it may.
	Refusal(to phone.Number) string
	// Lookup asks whether a phone can be reached; configured is false when there is nobody to ask.
	Lookup(ctx context.Context, to phone.Number) (info delivery.NumberInfo, configured bool, err error)
}

// Deps are what the service works with.
type Deps struct {
	Store        Store
	Applications Applications
	Messages     Messages
	Dock         Dock
	Sealer       *Sealer
	Now          func() time.Time
	Rand         io.Reader
	Log          *slog.Logger
	CallWait     time.Duration // how long an answer waits for a call to end
	Sandbox      Sandbox       // nil outside a sandbox
}

// Sandbox is what a sandbox changes in the rules.
type Sandbox interface {
	// Now is the time of the account's world.
	Now(accountID string) time.Time
	// Special says how PINs to a number are treated.
	Special(to phone.Number) Special
}

// Special is the treatment of a scenario number. The zero value is that of any other number.
type Special struct {
	Exempt    bool   // no limit counts, neither of sends nor of verifications
	Code      string // digits that the PIN begins with, cut to its length; empty for a random PIN
	Expired   bool   // the PIN is past its time to live as it is made
	Exhausted bool   // the PIN has no attempts left as it is made
}

// MaxCallWait is the longest that a request may ask an answer to wait for its call.
const MaxCallWait = 60 * time.Second

// How long a call may ring and last, and when it is given up on although the carrier has not said that it ended.
const (
	callRing  = 30 * time.Second
	callMax   = 90 * time.Second
	callBound = callRing + callMax + 10*time.Second
)

// Service sends, resends and verifies PINs. Close it to wait for the calls under way.
type Service struct {
	deps     Deps
	turns    turns    // of requests with the same key
	given    sync.Map // delivery id to Answer: given and not yet stored
	unstored sync.Map // remotes of outcomes that are tried again
	closing  sync.Mutex
	closed   atomic.Bool    // no further call is waited for
	calls    sync.WaitGroup // what follows the calls under way
}

// New checks the dependencies.
func New(deps Deps) (*Service, error) {
	switch {
	case deps.Store == nil, deps.Applications == nil, deps.Messages == nil, deps.Dock == nil:
		return nil, errors.New("pin service needs Store, Applications, Messages and Dock")
	case deps.Sealer == nil, deps.Now == nil, deps.Rand == nil, deps.Log == nil:
		return nil, errors.New("pin service needs Sealer, Now, Rand and Log")
	case deps.CallWait < 0 || deps.CallWait > MaxCallWait:
		return nil, errors.New("pin service needs a CallWait from 0 to MaxCallWait")
	}
	return &Service{deps: deps}, nil
}

// Close waits until the outcome of every call under way is stored, or until ctx ends.
func (s *Service) Close(ctx context.Context) error {
	s.closing.Lock()
	s.closed.Store(true)
	s.closing.Unlock()
	done := make(chan struct{})
	go func() { s.calls.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin starts work that Close waits for. A request that outlived the server's patience may come after that; its work is
// done, and not waited for.
func (s *Service) begin(work func()) {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.closed.Load() {
		go work()
		return
	}
	s.calls.Go(work)
}

// now is the time that an account lives in.
func (s *Service) now(accountID string) time.Time {
	if s.deps.Sandbox != nil {
		return s.deps.Sandbox.Now(accountID)
	}
	return s.deps.Now()
}

func (s *Service) special(to phone.Number) Special {
	if s.deps.Sandbox != nil {
		return s.deps.Sandbox.Special(to)
	}
	return Special{}
}

func rulesOf(app application.Application) Rules {
	c := app.Configuration
	return Rules{MaxAttempts: c.PINAttempts, Multiple: c.AllowMultiplePINVerifications}
}
