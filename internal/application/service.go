package application

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/random"
)

// Bounds of a configuration. The documentation of version 1 gives none; these are version 2's, and int32 for counts.
const (
	MaxNameLength = 255
	maxLong       = 365 * 24 * time.Hour // time to live and initiation intervals
	maxVerify     = 24 * time.Hour       // verification interval
)

// Deps are what the service works with.
type Deps struct {
	Store Store
	Now   func() time.Time
	Rand  io.Reader
}

// Service creates, finds and changes applications.
type Service struct{ deps Deps }

// New checks the dependencies.
func New(deps Deps) (*Service, error) {
	if deps.Store == nil || deps.Now == nil || deps.Rand == nil {
		return nil, errors.New("application service needs Store, Now and Rand")
	}
	return &Service{deps}, nil
}

// Input is what a caller says of an application; nil leaves a value as it is, or at its default on creation.
type Input struct {
	AccountID     string
	Name          *string
	Enabled       *bool
	Configuration ConfigurationInput
}

// ConfigurationInput is what a caller says of a configuration; intervals in milliseconds, nil leaves a value as it is.
type ConfigurationInput struct {
	PINTimeToLive                   *int64
	PINAttempts                     *int
	VerificationAttempts            *int
	VerificationIntervalLength      *int64
	InitiationAttempts              *int
	InitiationIntervalLength        *int64
	OverallInitiationAttempts       *int
	OverallInitiationIntervalLength *int64
	AllowMultiplePINVerifications   *bool
}

// Create keeps a new application, with defaults for what in leaves out. The name is required.
func (s *Service) Create(ctx context.Context, in Input) (Application, error) {
	id, err := random.ID(s.deps.Rand)
	if err != nil {
		return Application{}, err
	}
	a, err := s.Make(id, in)
	if err != nil {
		return Application{}, err
	}
	if err := s.deps.Store.CreateApplication(ctx, a); err != nil {
		return Application{}, fmt.Errorf("create application: %w", err)
	}
	return a, nil
}

// Make gives the application that Create would keep, with an id that is given, and keeps nothing.
func (s *Service) Make(id string, in Input) (Application, error) {
	process, err := random.ID(s.deps.Rand)
	if err != nil {
		return Application{}, err
	}
	a := Application{
		ID: id, AccountID: in.AccountID, Enabled: true,
		Configuration: DefaultConfiguration(), ProcessID: process, CreatedAt: s.deps.Now(),
	}
	return a, in.apply(&a)
}

// Get gives one application, or fault.NotFound.
func (s *Service) Get(ctx context.Context, accountID, id string) (Application, error) {
	return s.deps.Store.Application(ctx, accountID, id)
}

// List gives the account's applications, oldest first.
func (s *Service) List(ctx context.Context, accountID string) ([]Application, error) {
	return s.deps.Store.Applications(ctx, accountID)
}

// Update changes what in says and leaves the rest, members of the configuration included.
func (s *Service) Update(ctx context.Context, id string, in Input) (Application, error) {
	return s.deps.Store.UpdateApplication(ctx, in.AccountID, id, in.apply)
}

// apply writes the input over a and checks the outcome; every fault is reported at once.
func (in Input) apply(a *Application) error {
	faults := fault.Members{}
	if in.Name != nil {
		a.Name = *in.Name
	}
	switch {
	case strings.TrimSpace(a.Name) == "":
		faults.Addf("name", "must not be empty")
	case utf8.RuneCountInString(a.Name) > MaxNameLength:
		faults.Addf("name", "must be at most %d characters", MaxNameLength)
	case strings.ContainsRune(a.Name, 0): // not every store can keep it
		faults.Addf("name", "must not have the character U+0000")
	}
	if in.Enabled != nil {
		a.Enabled = *in.Enabled
	}
	c, ci := &a.Configuration, in.Configuration
	interval(faults, "pinTimeToLive", ci.PINTimeToLive, maxLong, &c.PINTimeToLive)
	count(faults, "pinAttempts", ci.PINAttempts, &c.PINAttempts)
	count(faults, "verificationAttempts", ci.VerificationAttempts, &c.VerificationAttempts)
	interval(faults, "verificationIntervalLength", ci.VerificationIntervalLength, maxVerify, &c.VerificationInterval)
	count(faults, "initiationAttempts", ci.InitiationAttempts, &c.InitiationAttempts)
	interval(faults, "initiationIntervalLength", ci.InitiationIntervalLength, maxLong, &c.InitiationInterval)
	count(faults, "overallInitiationAttempts", ci.OverallInitiationAttempts, &c.OverallInitiationAttempts)
	interval(faults, "overallInitiationIntervalLength", ci.OverallInitiationIntervalLength, maxLong, &c.OverallInitiationInterval)
	if ci.AllowMultiplePINVerifications != nil {
		c.AllowMultiplePINVerifications = *ci.AllowMultiplePINVerifications
	}
	return faults.Err()
}

func interval(faults fault.Members, member string, ms *int64, longest time.Duration, to *time.Duration) {
	if ms == nil {
		return
	}
	if *ms < 1 || *ms > longest.Milliseconds() {
		faults.Addf("configuration."+member, "must be from 1 to %d milliseconds", longest.Milliseconds())
		return
	}
	*to = time.Duration(*ms) * time.Millisecond
}

func count(faults fault.Members, member string, n *int, to *int) {
	if n == nil {
		return
	}
	if *n < 1 || *n > 1<<31-1 {
		faults.Addf("configuration."+member, "must be from 1 to %d", 1<<31-1)
		return
	}
	*to = *n
}
