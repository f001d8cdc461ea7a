package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/goccy/go-yaml"

	"github.com/pinpost/pinpost/internal/carrier"
	"github.com/pinpost/pinpost/internal/config"
)

type configCommand struct {
	Check configCheck `cmd:"" help:"Check the settings and the file of carriers as serve would, and print what they come to, without secrets."`
}

type configCheck struct {
	config.Settings `embed:""`
}

// Run prints what serve would work with, or everything that is wrong with it. It opens no database and calls no carrier.
func (c *configCheck) Run(s *streams) error {
	faults := c.Validate()
	var carriers carrier.File
	if c.Carriers != "" {
		var err error
		carriers, err = carrier.Read(c.Carriers)
		faults = errors.Join(faults, err)
	}
	if faults != nil {
		return faults
	}
	return printSettings(s.out, c.Settings, carriers)
}

func printSettings(to io.Writer, settings config.Settings, carriers carrier.File) error {
	effective := yaml.MapSlice{
		{Key: "mode", Value: settings.Mode}, {Key: "listen", Value: settings.Listen}, {Key: "data", Value: settings.Data},
		{Key: "store", Value: redacted(settings.Store)}, {Key: "pin-key-file", Value: settings.KeyFile()},
		{Key: "synchronous", Value: settings.Synchronous}, {Key: "call-wait", Value: settings.CallWait.String()},
		{Key: "retention", Value: settings.Retention.String()}, {Key: "validate-responses", Value: settings.Responses()},
		{Key: "metrics", Value: settings.Metrics}, {Key: "reference", Value: settings.Reference},
		{Key: "log-level", Value: settings.LogLevel}, {Key: "log-format", Value: logFormat(settings)},
		{Key: "carriers", Value: settings.Carriers},
	}
	text, err := yaml.Marshal(effective)
	if err != nil {
		return err
	}
	if _, err := to.Write(text); err != nil || settings.Carriers == "" {
		return err
	}
	if text, err = carriers.Text(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(to, "\n# %s\n%s", settings.Carriers, text)
	return err
}

// redacted is the address of a database without its password.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "[address]"
	}
	query := u.Query()
	if query.Has("password") {
		query.Set("password", "xxxxx")
		u.RawQuery = query.Encode()
	}
	return u.Redacted()
}

func logFormat(settings config.Settings) string {
	if settings.JSONLogs() {
		return "json"
	}
	return "text"
}
