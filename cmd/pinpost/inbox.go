package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/pinpost/pinpost/client"
)

type inboxCommand struct {
	apiFlags `embed:""`
	To       string `help:"Only messages to this phone number."`
	PINID    string `name:"pin-id" help:"Only messages with this PIN."`
	PIN      bool   `name:"pin" help:"Print the PIN of the newest message and nothing else."`
}

// Run reads what a sandbox captured. The inbox is no part of the API, so the client does not know it.
func (c *inboxCommand) Run(s *streams) error {
	answer, err := c.read()
	if err != nil {
		return err
	}
	if !c.PIN {
		return printJSON(s.out, answer)
	}
	if len(answer.Messages) == 0 {
		return errors.New("no message is captured")
	}
	var newest struct{ PIN string }
	if json.Unmarshal(answer.Messages[0], &newest) != nil {
		return errNotInbox
	}
	_, err = fmt.Fprintln(s.out, newest.PIN)
	return err
}

var errNotInbox = errors.New("read inbox: the answer is not an inbox; does the address lead to Pinpost?")

type inboxAnswer struct {
	Messages []json.RawMessage `json:"messages"`
}

func (c *inboxCommand) read() (inboxAnswer, error) {
	to := &detour{path: "sandbox/inbox", query: url.Values{}}
	if c.To != "" {
		to.query.Set("to", c.To)
	}
	if c.PINID != "" {
		to.query.Set("pinId", c.PINID)
	}
	service, err := c.client(client.WithHTTPClient(&http.Client{Transport: to}))
	if err != nil {
		return inboxAnswer{}, err
	}
	_, err = service.ListApplications(context.Background())
	if client.IsNotFound(err) {
		return inboxAnswer{}, fmt.Errorf("read inbox: there is none, it exists in a sandbox only: %w", errors.Unwrap(err))
	}
	if err != nil {
		return inboxAnswer{}, fmt.Errorf("read inbox: %w", errors.Unwrap(err)) // the outer error says "list applications"
	}
	var answer inboxAnswer
	if json.Unmarshal(to.body, &answer) != nil || answer.Messages == nil {
		return inboxAnswer{}, errNotInbox // the errors of encoding/json can quote the text
	}
	return answer, nil
}
