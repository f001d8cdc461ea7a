package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/contract"
)

type contractCommand struct {
	Target     string        `help:"Address of the service to test." default:"http://127.0.0.1:8080" env:"PINPOST_URL"`
	Key        string        `help:"API key." env:"PINPOST_KEY"`
	User       string        `help:"User name, for the cases that are about user names and passwords." env:"PINPOST_USER"`
	Password   string        `help:"Password of the user." env:"PINPOST_PASSWORD"`
	Profile    string        `help:"How much may be done to the target: ${enum}." enum:"full,cheap,read-only" default:"full"`
	YesSend    bool          `help:"Let the profile full send real messages, where the target is no sandbox."`
	MaxSends   int           `help:"Messages that the profile cheap may send." default:"3"`
	Phone      []string      `help:"Phone number that messages may go to, where the target is no sandbox. May be given several times."`
	PINCommand string        `name:"pin-command" help:"Command that prints the PIN for the pinId that it is given as its last argument." placeholder:"COMMAND"`
	Schemas    string        `help:"Whether answers may have members that the contract does not declare: closed or open; when left out, closed for a Pinpost sandbox." enum:",closed,open" default:""`
	Texts      string        `help:"Whether texts for people must be as in the cases: exact or any; when left out, exact for a Pinpost sandbox." enum:",exact,any" default:""`
	Additions  bool          `help:"Want what Pinpost adds to the documented API of other targets too."`
	Cases      string        `help:"Folder with fixture.json and <operationId>/*.json to replay, such as a recording of pinpost proxy, instead of the cases that are built in." placeholder:"FOLDER"`
	Operation  string        `help:"Only cases of this operation, such as verifyPin."`
	Case       string        `help:"Only cases that fit this glob, such as 'no_*' or 'sendPinOverSms/limit*'." placeholder:"GLOB"`
	Timeout    time.Duration `help:"How long one answer may take." default:"30s"`
	JUnit      string        `name:"junit" help:"Write a JUnit report to this file." placeholder:"FILE"`
	TAP        string        `name:"tap" help:"Write TAP to this file; - is standard output, and the report for people then goes to standard error." placeholder:"FILE"`
	KeepWorlds bool          `help:"Leave the worlds that were opened in a sandbox, so that the printed requests can be repeated."`
}

// errCasesFailed ends the command after it has reported.
var errCasesFailed = errors.New("cases failed")

// Validate refuses what cannot be run, before anything is called.
func (c *contractCommand) Validate() error { return c.options().Validate() }

func (c *contractCommand) options() contract.Options {
	o := contract.Options{
		Target: c.Target, Key: c.Key, User: c.User, Password: c.Password, Profile: contract.Profile(c.Profile),
		YesSend: c.YesSend, MaxSends: c.MaxSends, Phones: c.Phone, Schemas: c.Schemas, Texts: c.Texts, Additions: c.Additions,
		Cases: c.Cases, Operation: c.Operation, Case: c.Case, Timeout: c.Timeout, KeepWorlds: c.KeepWorlds,
	}
	if c.PINCommand != "" {
		o.PINOf = c.pin
	}
	return o
}

// Run replays the cases.
func (c *contractCommand) Run(s *streams) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	out := s.out
	if c.TAP == "-" {
		out = s.err
	}
	reporters := contract.Reporters{}
	if c.TAP == "-" {
		reporters = append(reporters, &contract.TAP{To: s.out})
	}
	files, err := c.files(&reporters)
	defer func() {
		for _, file := range files {
			err = errors.Join(err, file.Close())
		}
	}()
	if err != nil {
		return err
	}
	progress := &contract.Progress{To: s.err, Terminal: isTerminal(s.err), Now: time.Now}
	reporters = append(reporters, clearing{progress, &contract.Text{To: out}})
	failed, err := contract.Run(ctx, c.options(), reporters)
	if err == nil && failed > 0 {
		return errCasesFailed
	}
	return err
}

// clearing takes the progress line away while something is printed for people.
type clearing struct {
	progress *contract.Progress
	text     *contract.Text
}

func (c clearing) Begin(total int, about string) error {
	return errors.Join(c.text.Begin(total, about), c.progress.Begin(total, about))
}

func (c clearing) Case(r contract.Result) error {
	if r.State == contract.Failed {
		if err := c.progress.End(nil); err != nil {
			return err
		}
	}
	return errors.Join(c.text.Case(r), c.progress.Case(r))
}

func (c clearing) End(err error) error { return errors.Join(c.progress.End(err), c.text.End(err)) }

// files opens the reports that go to files.
func (c *contractCommand) files(reporters *contract.Reporters) ([]*os.File, error) {
	var files []*os.File
	if c.JUnit != "" {
		file, err := os.Create(c.JUnit)
		if err != nil {
			return files, err
		}
		files = append(files, file)
		*reporters = append(*reporters, &contract.JUnit{To: file})
	}
	if c.TAP != "" && c.TAP != "-" {
		file, err := os.Create(c.TAP)
		if err != nil {
			return files, err
		}
		files = append(files, file)
		*reporters = append(*reporters, &contract.TAP{To: file})
	}
	return files, nil
}

// pin asks the tester's own command for a PIN.
func (c *contractCommand) pin(ctx context.Context, pinID string) (string, error) {
	words := append(strings.Fields(c.PINCommand), pinID)
	var out bytes.Buffer
	command := exec.CommandContext(ctx, words[0], words[1:]...) //nolint:gosec // it is the operator's command
	command.Stdout = &out
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s: %w", words[0], err)
	}
	pin := strings.TrimSpace(out.String())
	if pin == "" {
		return "", fmt.Errorf("%s printed nothing", words[0])
	}
	return pin, nil
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// statusOf gives the exit status for what ended a command.
func statusOf(err error) int {
	if _, ok := errors.AsType[contract.UsageError](err); ok {
		return exitUsage
	}
	return exitFault
}
