// Package application holds 2FA applications: what groups message templates and carries the limits of their PINs.
//
// Source pages: https://dev.infobip.com/docs/application-get and http://2-fa.github.io/http-api.html.
package application

import (
	"context"
	"time"
)

// Application groups message templates under one set of limits. It belongs to an account.
type Application struct {
	ID            string // 32 upper-case hex digits, or what a seed gives; other accounts may have the same
	AccountID     string
	Name          string
	Enabled       bool // while false no PIN is sent or resent; living PINs can still be verified
	Configuration Configuration
	ProcessID     string // 32 upper-case hex digits; the documentation's conversion tracking key
	CreatedAt     time.Time
}

// Configuration holds the limits of an application. Intervals are whole milliseconds on the wire.
type Configuration struct {
	PINTimeToLive                 time.Duration // how long a PIN can be verified, from its creation
	PINAttempts                   int           // verify requests a PIN stands, right or wrong
	VerificationAttempts          int           // verify requests for one number in VerificationInterval
	VerificationInterval          time.Duration
	InitiationAttempts            int // sends and resends to one number in InitiationInterval
	InitiationInterval            time.Duration
	OverallInitiationAttempts     int // sends and resends of the whole application in OverallInitiationInterval
	OverallInitiationInterval     time.Duration
	AllowMultiplePINVerifications bool // whether a verified PIN verifies again while it lives
}

// DefaultConfiguration is what an application has that asked for nothing.
func DefaultConfiguration() Configuration {
	return Configuration{
		PINTimeToLive:                 15 * time.Minute,
		PINAttempts:                   10,
		VerificationAttempts:          1,
		VerificationInterval:          3 * time.Second,
		InitiationAttempts:            3,
		InitiationInterval:            24 * time.Hour,
		OverallInitiationAttempts:     10000,
		OverallInitiationInterval:     24 * time.Hour,
		AllowMultiplePINVerifications: true,
	}
}

// Store keeps applications by account and id. An id that only another account has is a fault.NotFound, like one that
// nobody has.
type Store interface {
	// CreateApplication keeps a new application; it is durable when the call returns.
	CreateApplication(ctx context.Context, a Application) error
	// Application gives one application, or fault.NotFound.
	Application(ctx context.Context, accountID, id string) (Application, error)
	// Applications lists an account's applications, oldest first.
	Applications(ctx context.Context, accountID string) ([]Application, error)
	// UpdateApplication loads, changes and keeps an application in one step, or gives fault.NotFound or what change gives.
	UpdateApplication(ctx context.Context, accountID, id string, change func(*Application) error) (Application, error)
}
