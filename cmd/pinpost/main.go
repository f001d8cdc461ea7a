// Command pinpost runs the 2FA PIN service, manages its accounts and keys, and calls its API.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// exit statuses of the program.
const (
	exitOK    = 0
	exitFault = 1
	exitUsage = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

type commands struct {
	Config kong.ConfigFlag `help:"File with settings in YAML, named like the flags; flags and environment win over it." env:"PINPOST_CONFIG" type:"path"`

	Serve   serveCommand   `cmd:"" help:"Run the service; without arguments, a sandbox with a demo account."`
	Account accountCommand `cmd:"" help:"Create, list and revoke accounts."`
	Key     keyCommand     `cmd:"" help:"Create, list and revoke API keys."`
	Check   configCommand  `cmd:"" name:"config" help:"Check settings."`
	Status  statusCommand  `cmd:"" help:"Show what carriers made of a PIN: every try, its outcome and how long it took."`
	Version versionCommand `cmd:"" help:"Print the version."`

	Send        sendCommand        `cmd:"" group:"api" help:"Send a PIN; exit status 1 when no carrier took it."`
	Resend      resendCommand      `cmd:"" group:"api" help:"Send the same PIN again over SMS; exit status as of send."`
	ResendVoice resendVoiceCommand `cmd:"" group:"api" help:"Speak the same PIN in a call; exit status as of send."`
	Verify      verifyCommand      `cmd:"" group:"api" help:"Verify a PIN; exit status 1 when it is not right."`
	Inbox       inboxCommand       `cmd:"" group:"api" help:"Read what a sandbox captured."`

	Contract contractCommand `cmd:"" help:"Replay the documented requests against a service, and report how its answers differ."`
	Proxy    proxyCommand    `cmd:"" help:"Pass requests to a service, and report what the two of them have against the contract."`
}

// errNotVerified ends the verify command after it has printed the answer.
var errNotVerified = errors.New("not verified")

// run is the whole program, and returns its exit status.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	var cli commands
	status := -1
	parser, err := kong.New(&cli,
		kong.Name("pinpost"),
		kong.Description("A 2FA PIN service of your own: the Infobip 2FA PIN API, version 1, as an open contract. Independent of Infobip."),
		kong.Configuration(settingsFile),
		kong.ExplicitGroups([]kong.Group{{Key: "api", Title: "Commands that call the API:"}}),
		kong.Writers(out, errOut),
		kong.Exit(func(code int) { status = code }),
		kong.Bind(&streams{in, out, errOut}),
	)
	if err != nil {
		_, _ = fmt.Fprintln(errOut, "pinpost:", err)
		return exitFault
	}
	parsed, err := parser.Parse(args)
	if status >= 0 { // --help was asked for and shown
		return status
	}
	if err != nil {
		_, _ = fmt.Fprintln(errOut, "pinpost:", err)
		_, _ = fmt.Fprintln(errOut, `Run "pinpost --help" for usage.`)
		return exitUsage
	}
	if err := parsed.Run(); err != nil {
		if !errors.Is(err, errNotVerified) && !errors.Is(err, errCasesFailed) && !errors.Is(err, errViolations) {
			_, _ = fmt.Fprintln(errOut, "pinpost:", err)
		}
		return statusOf(err)
	}
	return exitOK
}
