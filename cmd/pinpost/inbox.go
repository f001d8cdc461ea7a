package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
)

type inboxCommand struct {
	apiFlags `embed:""`
	To       string         `help:"Only messages to this phone number."`
	PINID    string         `name:"pin-id" help:"Only messages with this PIN."`
	PIN      bool           `name:"pin" help:"Print the PIN of the newest message and nothing else."`
	Wait     *time.Duration `help:"How long to wait for a message that is not there yet, up to 60s; with --to or --pin-id." placeholder:"DURATION"`
}

// maxWait is as long as a sandbox lets one wait.
const maxWait = time.Minute

// Validate refuses a wait that is none, or that any message would end.
func (c *inboxCommand) Validate() error {
	switch {
	case c.Wait == nil:
		return nil
	case *c.Wait <= 0 || *c.Wait > maxWait:
		return errors.New("--wait must be more than 0s, and 60s at most")
	case c.To == "" && c.PINID == "":
		return errors.New("--wait is for one person's message: add --to or --pin-id")
	}
	return nil
}

// inboxAnswer is what the command prints.
type inboxAnswer struct {
	Messages []sandbox.Message `json:"messages"`
}

// Run reads what a sandbox captured.
func (c *inboxCommand) Run(s *streams) error {
	service, err := c.client()
	if err != nil {
		return err
	}
	messages, err := c.messages(context.Background(), sandbox.New(service))
	if err != nil {
		return inboxError(err)
	}
	if !c.PIN {
		return printJSON(s.out, inboxAnswer{messages})
	}
	if len(messages) == 0 {
		return errors.New("no message is captured")
	}
	_, err = fmt.Fprintln(s.out, messages[0].Pin)
	return err
}

// messages gives what the inbox has, newest first, after the wait if there is one.
func (c *inboxCommand) messages(ctx context.Context, box *sandbox.Client) ([]sandbox.Message, error) {
	if c.Wait != nil {
		if _, err := box.Wait(ctx, sandbox.WaitFilter{To: c.To, PINID: c.PINID}, *c.Wait); err != nil {
			return nil, err
		}
	}
	page, err := box.List(ctx, sandbox.ListFilter{To: c.To, PINID: c.PINID})
	if err != nil {
		return nil, err
	}
	return page.Messages, nil
}

// inboxError says what a failure means for one who reads an inbox. The outer error names the call, which is of no use
// here.
func inboxError(err error) error {
	if _, ok := errors.AsType[*client.ResponseError](err); ok {
		return errors.New("read inbox: the answer is not an inbox; does the address lead to Pinpost?")
	}
	if client.IsNotFound(err) {
		return fmt.Errorf("read inbox: there is none, it exists in a sandbox only: %w", errors.Unwrap(err))
	}
	return fmt.Errorf("read inbox: %w", errors.Unwrap(err))
}
