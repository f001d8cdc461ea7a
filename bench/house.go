package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/wire"
	"github.com/pinpost/pinpost/server"
)

// session is what a caller knows of a server.
type session struct {
	Account   string `json:"account"`
	Key       string `json:"key"`
	App       string `json:"app"`     // with the documented limits for a number
	Message   string `json:"message"` // of App
	Again     string `json:"again"`   // an application whose PINs may be resent as often as a run does
	AgainText string `json:"againText"`
}

const appName = "Bench application"

// houseFlags say which service a process is.
type houseFlags struct {
	store, address, data string
	unchecked            bool
}

// settings are those of production.
func (f houseFlags) settings() (config.Settings, error) {
	b, err := storeNamed(f.store)
	settings := config.Default()
	settings.Mode, settings.Data = config.ModeProduction, f.data
	if f.unchecked {
		settings.ValidateResponses = string(server.ResponsesOff)
	}
	if err == nil {
		b.use(&settings, f.address)
	}
	return settings, err
}

// build makes the service as cmd/pinpost does in production, with a carrier, which this version of the product does not have
// yet: without one every text would be refused after all the work for it.
func build(ctx context.Context, f houseFlags, c *carrier, errOut io.Writer) (*wire.House, *slog.Logger, error) {
	settings, err := f.settings()
	if err != nil {
		return nil, nil, err
	}
	level, err := settings.Level()
	if err != nil {
		return nil, nil, err
	}
	log := observe.NewLogger(errOut, level, settings.JSONLogs())
	house, err := wire.Build(ctx, settings, wire.Outside{Log: log, SMS: c, Unchecked: f.unchecked})
	return house, log, err
}

// enter gives the session of a data folder, and makes it the first time.
func enter(ctx context.Context, house *wire.House, data string) (s session, err error) {
	path := filepath.Join(data, "session.json")
	known, err := os.ReadFile(path)
	if err == nil {
		return s, json.Unmarshal(known, &s)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	owner, err := house.Accounts.CreateForKeys(ctx, "bench")
	if err != nil {
		return s, err
	}
	s.Account = owner.ID
	if _, s.Key, err = house.Accounts.CreateKey(ctx, owner.ID, "bench"); err != nil {
		return s, err
	}
	// A run is thousands of people in a few seconds: the limit of the whole application counts, and is out of reach.
	generous := application.ConfigurationInput{OverallInitiationAttempts: new(math.MaxInt32)}
	if s.App, s.Message, err = furnish(ctx, house, owner.ID, generous); err != nil {
		return s, err
	}
	generous.InitiationAttempts, generous.PINTimeToLive = new(math.MaxInt32), new(int64(86400000))
	if s.Again, s.AgainText, err = furnish(ctx, house, owner.ID, generous); err != nil {
		return s, err
	}
	known, err = json.Marshal(s)
	return s, errors.Join(err, os.WriteFile(path, known, 0o600))
}

// furnish makes an application and a message.
func furnish(ctx context.Context, house *wire.House, account string, c application.ConfigurationInput) (app, text string, err error) {
	a, err := house.Applications.Create(ctx, application.Input{AccountID: account, Name: new(appName), Configuration: c})
	if err != nil {
		return "", "", fmt.Errorf("make application: %w", err)
	}
	m, err := house.Messages.Create(ctx, message.Input{
		AccountID: account, ApplicationID: a.ID, Text: new("Your PIN is <pin>."), Placeholder: new("<pin>"),
		PINType: new(message.PINTypeNumeric), PINLength: new(6), Sender: new("Pinpost"),
	})
	if err != nil {
		return "", "", fmt.Errorf("make message: %w", err)
	}
	return a.ID, m.ID, nil
}
