package pin

import (
	"fmt"
	"math"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/phone"
)

// LimitKind says what a limit counts.
type LimitKind int

// Sends and resends over any channel count together; verify requests count apart.
const (
	LimitSends LimitKind = iota
	LimitChecks
)

// Limit allows Max events of a kind in any span of Interval, for one number of an account's application, or for the whole
// application when To is empty. An event at t counts until t+Interval, that instant excluded.
type Limit struct {
	Name          string // the member of the configuration that sets it
	Kind          LimitKind
	AccountID     string // an application's id is its account's own
	ApplicationID string
	To            phone.Number
	Max           int
	Interval      time.Duration
}

// LimitError says which limit has no place left, and when the next one comes free.
type LimitError struct {
	Limit  Limit
	FreeAt time.Time
}

// Error names the limit.
func (e *LimitError) Error() string { return "limit " + e.Limit.Name + " is reached" }

// StateError says why a PIN cannot be sent again.
type StateError struct{ State State }

// Error names the reason.
func (e *StateError) Error() string { return stateTexts[e.State] }

var stateTexts = map[State]string{
	Live:      "The PIN is live",
	Expired:   "The PIN has expired; send a new one",
	Used:      "The PIN was already used; send a new one",
	Exhausted: "The PIN has no verification attempts left; send a new one",
}

// sendLimits are the places that a send or resend takes.
func (s *Service) sendLimits(app application.Application, to phone.Number) []Limit {
	if s.special(to).Exempt {
		return nil
	}
	c := app.Configuration
	return []Limit{
		{
			"initiationAttempts", LimitSends, app.AccountID, app.ID, to,
			c.InitiationAttempts, c.InitiationInterval,
		},
		{
			"overallInitiationAttempts", LimitSends, app.AccountID, app.ID, "",
			c.OverallInitiationAttempts, c.OverallInitiationInterval,
		},
	}
}

// checkLimit is the place that a verify request takes.
func (s *Service) checkLimit(app application.Application, to phone.Number) Limit {
	c := app.Configuration
	if s.special(to).Exempt {
		c.VerificationAttempts = math.MaxInt32
	}
	return Limit{
		"verificationAttempts", LimitChecks, app.AccountID, app.ID, to,
		c.VerificationAttempts, c.VerificationInterval,
	}
}

// tooMany turns a full limit into the failure that a caller sees.
func tooMany(e *LimitError, now time.Time) error {
	wait := max(e.FreeAt.Sub(now), time.Second)
	scope := "for this phone number"
	if e.Limit.To == "" {
		scope = "for the whole application"
	}
	return &fault.Error{
		Kind: fault.TooMany,
		Text: fmt.Sprintf("Limit %s of %d in %d milliseconds %s is reached; try again in %.0f seconds",
			e.Limit.Name, e.Limit.Max, e.Limit.Interval.Milliseconds(), scope, math.Ceil(wait.Seconds())),
		RetryAfter: wait,
		Err:        e,
	}
}
