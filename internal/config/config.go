// Package config holds the settings of the service. They are read in cmd/pinpost: flags over environment over file.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"time"
)

// Mode says what the service is run for.
type Mode string

// The modes. A sandbox captures every message and lets it be read; production does neither.
const (
	ModeSandbox    Mode = "sandbox"
	ModeProduction Mode = "production"
)

// How far a commit to the file in the data folder goes before it is answered: to the disk, or to the system, which writes it to
// the disk later.
const (
	SynchronousFull   = "full"
	SynchronousNormal = "normal"
)

// Settings are everything that can be set. The zero value of a member that says so takes its default from the mode.
type Settings struct {
	Mode              Mode          `help:"What the service is for: sandbox captures messages and lets them be read, production does not." enum:"sandbox,production" default:"sandbox" env:"PINPOST_MODE"`
	Listen            string        `help:"Address and port to listen on." default:"127.0.0.1:8080" env:"PINPOST_LISTEN"`
	Data              string        `help:"Folder of the database and the PIN key." default:"pinpost-data" env:"PINPOST_DATA" type:"path"`
	Store             string        `help:"PostgreSQL database that keeps everything, as postgres://user:password@host/database; several replicas may share it. Left out: a file in the data folder." env:"PINPOST_STORE"`
	Synchronous       string        `help:"Whether what is answered is on the disk: full waits for it, normal lets the system write it later, so that a power cut or a crash of the system may lose what was answered last. Left out: full. For the file in the data folder." env:"PINPOST_SYNCHRONOUS"`
	PINKeyFile        string        `help:"File with the keys that PINs are sealed under: 64 hex digits a line, the newest first. Made in the data folder when left out." env:"PINPOST_PIN_KEY_FILE" type:"path" name:"pin-key-file"`
	CallWait          time.Duration `help:"How long an answer waits for a voice call to end." default:"20s" env:"PINPOST_CALL_WAIT"`
	Retention         time.Duration `help:"How long status and verification of an expired PIN stay readable." default:"24h" env:"PINPOST_RETENTION"`
	ValidateResponses string        `help:"What to do with an answer that is not in the contract: off, log or fail. Left out: fail in a sandbox, log in production." enum:",off,log,fail" default:"" env:"PINPOST_VALIDATE_RESPONSES"`
	Metrics           bool          `help:"Serve /metrics in the format of Prometheus." env:"PINPOST_METRICS"`
	Seed              string        `help:"File with applications and messages, in the form of GET /sandbox/seed as JSON or YAML, that a sandbox loads for its demo account at every start." env:"PINPOST_SEED" type:"path"`
	Carriers          string        `help:"File that describes the carriers of texts and calls, for production; see docs/carriers.md." env:"PINPOST_CARRIERS" type:"path"`
	Reference         bool          `help:"Show the API reference at /, outside a sandbox; a sandbox always has its console there." env:"PINPOST_REFERENCE"`
	LogLevel          string        `help:"Least important lines that are logged: debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"PINPOST_LOG_LEVEL"`
	LogFormat         string        `help:"text or json. Left out: text in a sandbox, json in production." enum:",text,json" default:"" env:"PINPOST_LOG_FORMAT"`
}

// Default is what a program without arguments runs with: a sandbox on loopback.
func Default() Settings {
	return Settings{
		Mode: ModeSandbox, Listen: "127.0.0.1:8080", Data: "pinpost-data",
		CallWait: 20 * time.Second, Retention: 24 * time.Hour, LogLevel: "info",
	}
}

// Bounds of settings.
const (
	maxCallWait  = 60 * time.Second
	maxRetention = 365 * 24 * time.Hour
)

// ErrSandboxCarriers refuses a sandbox that could reach phones.
var ErrSandboxCarriers = errors.New("carriers are for production: a sandbox captures every message and must not be able " +
	"to send one; leave carriers out, or run with --mode production")

// Validate reports all faults at once.
func (s Settings) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if s.Mode != ModeSandbox && s.Mode != ModeProduction {
		fault("mode must be sandbox or production")
	}
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		fault("listen must be an address and a port, such as 127.0.0.1:8080")
	}
	if s.Data == "" {
		fault("data must name a folder")
	}
	faults = append(faults, s.validateStore(), s.validateSynchronous())
	if s.CallWait < 0 || s.CallWait > maxCallWait {
		fault("call-wait must be from 0 to %s", maxCallWait)
	}
	if s.Retention < 0 || s.Retention > maxRetention {
		fault("retention must be from 0 to %s", maxRetention)
	}
	switch s.ValidateResponses {
	case "", "off", "log", "fail":
	default:
		fault("validate-responses must be off, log or fail")
	}
	if _, err := s.Level(); err != nil {
		fault("log-level must be debug, info, warn or error")
	}
	switch s.LogFormat {
	case "", "text", "json":
	default:
		fault("log-format must be text or json")
	}
	faults = append(faults, s.validateFiles())
	return errors.Join(faults...)
}

// validateStore never repeats the address: it may have a password in it.
func (s Settings) validateStore() error {
	switch {
	case s.Store == "":
		return nil
	case !strings.HasPrefix(s.Store, "postgres://") && !strings.HasPrefix(s.Store, "postgresql://"):
		return errors.New("store must be an address such as postgres://user:password@host/database; leave it out for a file in the data folder")
	case s.PINKeyFile == "" && !s.Sandbox():
		return errors.New("store needs pin-key-file as well: every replica must open the PINs of the others, so all read the same keys")
	}
	return nil
}

// validateSynchronous refuses what could damage the file, and what the store has a setting of its own for.
func (s Settings) validateSynchronous() error {
	switch s.Synchronous {
	case "":
		return nil
	case SynchronousFull, SynchronousNormal:
	case "off":
		return errors.New("synchronous must be full or normal: with off, a power cut or a crash of the system could damage the whole " +
			"database, and not only lose what was answered last")
	default:
		return errors.New("synchronous must be full or normal")
	}
	if s.Store != "" {
		return errors.New("synchronous is for the file in the data folder: PostgreSQL has synchronous_commit, which must be on; " +
			"leave synchronous out, or store")
	}
	return nil
}

// validateFiles refuses files that are not for the mode.
func (s Settings) validateFiles() error {
	var faults []error
	if s.Seed != "" && s.Mode == ModeProduction {
		faults = append(faults, errors.New("seed is for a sandbox: production keeps the applications and messages of its "+
			"database; leave seed out, or run with --mode sandbox"))
	}
	if s.Carriers != "" && s.Sandbox() {
		faults = append(faults, ErrSandboxCarriers)
	}
	return errors.Join(faults...)
}

// Sandbox tells whether messages are captured and readable.
func (s Settings) Sandbox() bool { return s.Mode == ModeSandbox }

// Responses says how answers are validated, with the default of the mode.
func (s Settings) Responses() string {
	switch {
	case s.ValidateResponses != "":
		return s.ValidateResponses
	case s.Sandbox():
		return "fail"
	}
	return "log"
}

// JSONLogs says whether log lines are JSON, with the default of the mode.
func (s Settings) JSONLogs() bool {
	return s.LogFormat == "json" || (s.LogFormat == "" && !s.Sandbox())
}

// Level is LogLevel for the logger.
func (s Settings) Level() (slog.Level, error) {
	var level slog.Level
	err := level.UnmarshalText([]byte(s.LogLevel))
	return level, err
}

// Database is the path of the embedded database, where Store is empty.
func (s Settings) Database() string { return filepath.Join(s.Data, "pinpost.db") }

// KeyFile is the path of the PIN keys.
func (s Settings) KeyFile() string {
	if s.PINKeyFile != "" {
		return s.PINKeyFile
	}
	return filepath.Join(s.Data, "pin.key")
}
