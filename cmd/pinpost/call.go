package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pinpost/pinpost/api"
)

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

// Validate refuses flags that would have no effect.
func (c *sendCommand) Validate() error {
	switch {
	case c.Voice && c.NoLookup:
		return errors.New("--no-lookup is for texts: leave out --voice or --no-lookup")
	case !c.Voice && (c.Async || c.Wait != nil):
		return errors.New("--wait and --async are for calls: add --voice or leave them out")
	}
	return c.waitFlags.Validate()
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
		return errors.Join(c.print(s.out, answer.PinID, answer), callFault(answer))
	}
	req := api.SendPinOverSmsRequest{To: c.To, ApplicationID: c.Application, MessageID: c.Message, From: optional(c.From)}
	if c.NoLookup {
		req.NcNeeded = new(false)
	}
	answer, err := api2fa.SendPIN(ctx, req)
	if err != nil {
		return err
	}
	return errors.Join(c.print(s.out, answer.PinID, answer), textFault(answer))
}

// textFault is why a text that a service answered for did not go out, or nil.
func textFault(answer *api.SmsPinResponse) error {
	if answer.SmsStatus != api.SmsStatusNotSent {
		return nil
	}
	return fmt.Errorf("no carrier took the text: %s, lookup %s", answer.SmsStatus, answer.NcStatus)
}

// callFault is why a call ended without anybody to hear it, or nil. Of one that is not over, or whose end nobody knows, it is nil.
func callFault(answer *api.VoicePinResponse) error {
	if answer.CallStatus != api.CallStatusBadRequest && !strings.HasPrefix(string(answer.CallStatus), string(api.CallStatusError)) {
		return nil
	}
	return fmt.Errorf("nobody heard the call: %s", answer.CallStatus)
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
	return errors.Join(printJSON(s.out, answer), textFault(answer))
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
	return errors.Join(printJSON(s.out, answer), callFault(answer))
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
