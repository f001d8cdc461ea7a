package sandbox

import (
	"context"
	"iter"
	"net/http"
	"time"

	wire "github.com/pinpost/pinpost/api/sandbox"
)

// ListFilter chooses captured messages; an empty member means any.
type ListFilter struct {
	To            string // phone number, digits with or without +
	PINID         string
	ApplicationID string
	Channel       Channel
	Since         time.Time // captured then or later, by the clock of the world; milliseconds count
	After         string    // a cursor: only messages behind it
	Before        string    // a cursor: only messages in front of it, such as Next of the page before
	Limit         int       // how many messages a page has at most, 1 to 1000; 0 means 100
}

// DrainFilter chooses captured messages; an empty member means any.
type DrainFilter struct {
	To            string // phone number, digits with or without +
	PINID         string
	ApplicationID string
	Channel       Channel
	Since         time.Time // captured then or later, by the clock of the world; milliseconds count
	After         string    // a cursor: only messages behind it
}

// List gives a page of the captured messages that fit f, newest first.
//
// Errors: client.IsInvalidArgument for a member of f that cannot be.
func (c *Client) List(ctx context.Context, f ListFilter) (*Page, error) {
	params := &wire.ListCapturedMessagesParams{
		To: given(f.To), PinID: given(f.PINID), ApplicationID: given(f.ApplicationID), Channel: given(f.Channel),
		Since: since(f.Since), After: given(f.After), Before: given(f.Before), Limit: given(narrow(f.Limit)),
	}
	return ask(ctx, "list captured messages", func(ctx context.Context) (*http.Response, error) {
		return c.calls.ListCapturedMessages(ctx, params)
	}, completePage)
}

// Messages gives all captured messages that fit f, newest first, and asks for a page at a time while it is ranged over.
// After an error, which is one of List, it ends.
func (c *Client) Messages(ctx context.Context, f ListFilter) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		for f := f; ; {
			page, err := c.List(ctx, f)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range page.Messages {
				if !yield(&page.Messages[i], nil) {
					return
				}
			}
			if page.Next == nil {
				return
			}
			f.Before = *page.Next
		}
	}
}

// Message gives one captured message with everything known of it; its History says what became of it.
//
// Errors: client.IsNotFound for an unknown ID. An empty id is an error too, and nothing is sent.
func (c *Client) Message(ctx context.Context, id string) (*Message, error) {
	return askFor(ctx, "get captured message", "id", id, func(ctx context.Context) (*http.Response, error) {
		return c.calls.GetCapturedMessage(ctx, id, nil)
	}, completeMessage)
}

// Delete removes one captured message and gives it.
//
// Errors: client.IsNotFound for an unknown ID. An empty id is an error too, and nothing is sent.
func (c *Client) Delete(ctx context.Context, id string) (*Message, error) {
	return askFor(ctx, "delete captured message", "id", id, func(ctx context.Context) (*http.Response, error) {
		return c.calls.DeleteCapturedMessage(ctx, id, nil)
	}, completeMessage)
}

// Drain removes the captured messages that fit f, all of the world's for an empty one, and gives them, newest first.
// Nothing is lost between reading and removing. At most 1000 are removed at once.
//
// Errors: client.IsInvalidArgument for a member of f that cannot be.
func (c *Client) Drain(ctx context.Context, f DrainFilter) ([]Message, error) {
	params := &wire.DrainCapturedMessagesParams{
		To: given(f.To), PinID: given(f.PINID), ApplicationID: given(f.ApplicationID), Channel: given(f.Channel),
		Since: since(f.Since), After: given(f.After),
	}
	page, err := ask(ctx, "drain captured messages", func(ctx context.Context) (*http.Response, error) {
		return c.calls.DrainCapturedMessages(ctx, params)
	}, completePage)
	if err != nil {
		return nil, err
	}
	return page.Messages, nil
}

func completePage(p *Page) bool { return p.Messages != nil }

func completeMessage(m *Message) bool { return m.ID != "" }

func since(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	return new(t.UnixMilli())
}
