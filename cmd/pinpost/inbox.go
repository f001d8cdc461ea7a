package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

type inboxCommand struct {
	apiFlags `embed:""`
	To       string `help:"Only messages to this phone number."`
	PINID    string `name:"pin-id" help:"Only messages with this PIN."`
	PIN      bool   `name:"pin" help:"Print the PIN of the newest message and nothing else."`
}

// inboxTimeout bounds one reading of the inbox.
const inboxTimeout = 30 * time.Second

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
	if err := json.Unmarshal(answer.Messages[0], &newest); err != nil {
		return fmt.Errorf("read inbox: %w", err)
	}
	_, err = fmt.Fprintln(s.out, newest.PIN)
	return err
}

type inboxAnswer struct {
	Messages []json.RawMessage `json:"messages"`
}

func (c *inboxCommand) read() (inboxAnswer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), inboxTimeout)
	defer cancel()
	query := url.Values{}
	if c.To != "" {
		query.Set("to", c.To)
	}
	if c.PINID != "" {
		query.Set("pinId", c.PINID)
	}
	address := strings.TrimRight(c.URL, "/") + "/sandbox/inbox"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+query.Encode(), nil)
	if err != nil {
		return inboxAnswer{}, err
	}
	if c.Key != "" {
		req.Header.Set("Authorization", "App "+c.Key)
	} else {
		req.SetBasicAuth(c.User, c.Password)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return inboxAnswer{}, fmt.Errorf("read inbox: %w", errors.Unwrap(err)) // the outer error shows the query
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return inboxAnswer{}, fmt.Errorf("read inbox: %s answers %s", address, resp.Status)
	}
	var answer inboxAnswer
	if err := json.NewDecoder(io.LimitReader(resp.Body, 16<<20)).Decode(&answer); err != nil {
		return inboxAnswer{}, fmt.Errorf("read inbox: %w", err)
	}
	return answer, nil
}
