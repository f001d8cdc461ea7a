package sandbox

import (
	"context"
	"net/http"
	"time"

	wire "github.com/pinpost/pinpost/api/sandbox"
)

// Clock is the time of a world.
type Clock struct {
	Now   time.Time     // to the millisecond
	Ahead time.Duration // how far it is ahead of real time
}

// Clock reads the clock of this world.
func (c *Client) Clock(ctx context.Context) (Clock, error) {
	return clock(ctx, "get clock", func(ctx context.Context) (*http.Response, error) {
		return c.calls.GetClock(ctx, nil)
	})
}

// MoveClock moves the time of this world forward by d, in milliseconds, rounded up, ten years at most, so that expiry and
// limits are tested without waiting. Time never goes back but by Reset. The clock as it is then is given back.
//
// Errors: client.IsInvalidArgument for a d that is not above zero, or too long.
func (c *Client) MoveClock(ctx context.Context, d time.Duration) (Clock, error) {
	return clock(ctx, "move clock", func(ctx context.Context) (*http.Response, error) {
		return c.calls.MoveClock(ctx, nil, wire.ClockMove{AdvanceMs: whole(d, time.Millisecond)})
	})
}

func clock(ctx context.Context, doing string, send func(context.Context) (*http.Response, error)) (Clock, error) {
	now, err := ask(ctx, doing, send, func(c *wire.Clock) bool { return c.Now != 0 })
	if err != nil {
		return Clock{}, err
	}
	return Clock{Now: time.UnixMilli(now.Now), Ahead: time.Duration(now.AheadMs) * time.Millisecond}, nil
}
