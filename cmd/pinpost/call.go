package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

// apiFlags say which service a command calls, and as whom.
type apiFlags struct {
	URL      string `help:"Address of the service." default:"http://127.0.0.1:8080" env:"PINPOST_URL"`
	Key      string `help:"API key." env:"PINPOST_KEY"`
	User     string `help:"User name, instead of a key." env:"PINPOST_USER"`
	Password string `help:"Password of the user." env:"PINPOST_PASSWORD"`
}

func (f apiFlags) client() (*client.Client, error) {
	if f.Key != "" {
		return client.New(f.URL, client.WithAPIKey(f.Key))
	}
	if f.User != "" {
		return client.New(f.URL, client.WithBasic(f.User, f.Password))
	}
	return nil, errors.New("no credentials: give --key or --user and --password, or PINPOST_KEY in the environment")
}

type waitFlags struct {
	Async bool          `help:"Do not wait for the call to end." xor:"wait"`
	Wait  time.Duration `help:"How long to wait for the call to end, up to 60s; the service has a default." xor:"wait"`
}

func (f waitFlags) options() []client.CallOption {
	switch {
	case f.Async:
		return []client.CallOption{client.RespondAsync()}
	case f.Wait > 0:
		return []client.CallOption{client.WaitFor(f.Wait)}
	}
	return nil
}

type sendCommand struct {
	apiFlags    `embed:""`
	waitFlags   `embed:""`
	To          string `required:"" help:"Phone number in international format, such as 41793026727."`
	Application string `required:"" help:"ID of the application." env:"PINPOST_APPLICATION"`
	Message     string `required:"" help:"ID of the message." env:"PINPOST_MESSAGE"`
	From        string `help:"Sender; the message's own when left out."`
	NoLookup    bool   `help:"Send without a number lookup."`
	Voice       bool   `help:"Speak the PIN in a call instead of texting it."`
	Quiet       bool   `short:"q" help:"Print the ID of the PIN and nothing else."`
}

// Run sends a PIN.
func (c *sendCommand) Run(s *streams) error {
	api2fa, err := c.client()
	if err != nil {
		return err
	}
	ctx := context.Background()
	if c.Voice {
		answer, err := api2fa.SendPINByVoice(ctx, api.SendPinOverVoiceRequest{
			To: c.To, ApplicationID: c.Application, MessageID: c.Message, From: optional(c.From),
		}, c.options()...)
		if err != nil {
			return err
		}
		return c.print(s.out, answer.PinID, answer)
	}
	req := api.SendPinOverSmsRequest{To: c.To, ApplicationID: c.Application, MessageID: c.Message, From: optional(c.From)}
	if c.NoLookup {
		req.NcNeeded = new(false)
	}
	answer, err := api2fa.SendPIN(ctx, req)
	if err != nil {
		return err
	}
	return c.print(s.out, answer.PinID, answer)
}

func (c *sendCommand) print(to io.Writer, pinID string, answer any) error {
	if c.Quiet {
		_, err := fmt.Fprintln(to, pinID)
		return err
	}
	return printJSON(to, answer)
}

type resendCommand struct {
	apiFlags `embed:""`
	PINID    string `arg:"" name:"pin-id" help:"ID of the PIN, as send printed it."`
}

// Run sends a PIN again.
func (c *resendCommand) Run(s *streams) error {
	api2fa, err := c.client()
	if err != nil {
		return err
	}
	answer, err := api2fa.ResendPIN(context.Background(), c.PINID)
	if err != nil {
		return err
	}
	return printJSON(s.out, answer)
}

type resendVoiceCommand struct {
	apiFlags  `embed:""`
	waitFlags `embed:""`
	PINID     string `arg:"" name:"pin-id" help:"ID of the PIN, as send printed it."`
}

// Run speaks a PIN again.
func (c *resendVoiceCommand) Run(s *streams) error {
	api2fa, err := c.client()
	if err != nil {
		return err
	}
	answer, err := api2fa.ResendPINByVoice(context.Background(), c.PINID, c.options()...)
	if err != nil {
		return err
	}
	return printJSON(s.out, answer)
}

type verifyCommand struct {
	apiFlags `embed:""`
	PINID    string `arg:"" name:"pin-id" help:"ID of the PIN, as send printed it."`
	PIN      string `arg:"" help:"What the person typed."`
}

// Run verifies a PIN.
func (c *verifyCommand) Run(s *streams) error {
	api2fa, err := c.client()
	if err != nil {
		return err
	}
	answer, err := api2fa.VerifyPIN(context.Background(), c.PINID, c.PIN)
	if err != nil {
		return err
	}
	if err := printJSON(s.out, answer); err != nil {
		return err
	}
	if !answer.Verified {
		return errNotVerified
	}
	return nil
}

func printJSON(to io.Writer, answer any) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(answer)
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
