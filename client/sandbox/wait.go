package sandbox

import (
	"context"
	"math"
	"net/http"
	"time"

	wire "github.com/pinpost/pinpost/api/sandbox"
)

const (
	// defaultWait is how long the server waits when it is not told.
	defaultWait = 30 * time.Second
	// grace is what a wait may take beyond that until it counts as one that is never answered.
	grace = 20 * time.Second
)

// WaitFilter chooses the message to wait for; an empty member means any. At least one of To, PINID, ApplicationID and
// After is needed, so that a test does not read another's message.
type WaitFilter struct {
	To            string // phone number, digits with or without +
	PINID         string
	ApplicationID string
	Channel       Channel
	After         string // a cursor: the oldest message behind it, whatever else came since
}

// Wait gives the next message that fits f, and waits for it if it has not come yet. With After the next one is the oldest
// behind that cursor; without it, the newest there is, or else the first to come.
//
// It waits up to timeout of real time, in whole seconds, rounded up: 60 seconds at most, 30 for 0. The time that the
// client's calls have otherwise (client.WithTimeout) does not cut it short; ctx does.
//
// Errors: IsTimeout when no message came in time, client.IsInvalidArgument for a filter or a timeout that cannot be,
// client.IsUnavailable when the server stops meanwhile.
func (c *Client) Wait(ctx context.Context, f WaitFilter, timeout time.Duration) (*Message, error) {
	params := &wire.WaitForCapturedMessageParams{
		To: given(f.To), PinID: given(f.PINID), ApplicationID: given(f.ApplicationID), Channel: given(f.Channel),
		After: given(f.After),
	}
	bound := defaultWait
	if timeout != 0 {
		params.Timeout = new(narrow(whole(timeout, time.Second)))
		bound = max(timeout, 0)
	}
	ctx, cancel := context.WithTimeout(ctx, min(bound, math.MaxInt64-grace)+grace)
	defer cancel()
	return ask(ctx, "wait for captured message", func(ctx context.Context) (*http.Response, error) {
		return c.waits.WaitForCapturedMessage(ctx, params)
	}, completeMessage)
}
