package sandbox

import (
	"context"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"strings"

	wire "github.com/pinpost/pinpost/api/sandbox"
	"github.com/pinpost/pinpost/client"
)

const eventStream = "text/event-stream"

// FollowFilter chooses the messages to follow; an empty member means any.
type FollowFilter struct {
	To    string // phone number, digits with or without +
	PINID string
	// After is the cursor to begin behind, such as that of the last message of an earlier stream, so that none is missed.
	// Empty begins with the first message that is captured from now on.
	After string
}

// Follow gives messages as they are captured, oldest first. It returns when the server listens, so that no message of a
// later send is missed; the sequence is for one range, goes on until that is left, and then closes the connection. A
// sequence that is not wanted any more is ended by ctx. No timeout of the client cuts it short.
//
//	messages, err := box.Follow(ctx, sandbox.FollowFilter{To: "41793026727"})
//	…
//	for message, err := range messages {
//
// Errors: client.IsInvalidArgument for a filter that cannot be. Within the sequence, an error is the last pair: a
// *client.ResponseError that holds io.ErrUnexpectedEOF when the server ended the stream, as it does when it stops, or
// ctx's error. Follow again with the Cursor of the last message as After to go on.
func (c *Client) Follow(ctx context.Context, f FollowFilter) (iter.Seq2[*Message, error], error) {
	const doing = "follow captured messages"
	params := &wire.StreamCapturedMessagesParams{To: given(f.To), PinID: given(f.PINID), LastEventID: given(f.After)}
	resp, err := c.waits.StreamCapturedMessages(ctx, params, acceptEvents)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind != eventStream {
		defer func() { _ = resp.Body.Close() }()
		_, err := client.Decode(resp, func(any) bool { return false })
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return func(yield func(*Message, error) bool) {
		defer func() { _ = resp.Body.Close() }() // all that is wanted was read by then
		for events := newEvents(resp.Body); ; {
			m, err := readMessage(resp, events)
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", doing, err))
				return
			}
			if !yield(m, nil) {
				return
			}
		}
	}, nil
}

func acceptEvents(_ context.Context, req *http.Request) error {
	req.Header.Set("Accept", eventStream)
	return nil
}

// readMessage reads the next event of resp as if it were an answer of its own, so that its errors are those of answers.
func readMessage(resp *http.Response, events *events) (*Message, error) {
	answer := *resp
	data, err := events.next()
	if err != nil {
		answer.Body = io.NopCloser(broken{err})
	} else {
		answer.Body = io.NopCloser(strings.NewReader(data))
	}
	return client.Decode(&answer, completeMessage)
}

// broken is a body that cannot be read.
type broken struct{ err error }

// Read fails.
func (b broken) Read([]byte) (int, error) { return 0, b.err }
