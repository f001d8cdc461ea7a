package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
)

// start runs a sandbox, as "pinpost serve" does, and gives a client for it.
func start() (*client.Client, func()) {
	g, stop, err := newGuest()
	check(err)
	return g.pins, stop
}

// The main job: send a PIN, read the message that would have gone out, verify the PIN.
func Example() {
	c, stop := start()
	defer stop()
	ctx := context.Background()

	box := sandbox.New(c)
	sent, err := c.SendPIN(ctx, api.SendPinOverSmsRequest{To: anyone, ApplicationID: shop, MessageID: plain})
	check(err)
	message, err := box.Wait(ctx, sandbox.WaitFilter{PINID: sent.PinID}, 10*time.Second)
	check(err)
	answer, err := c.VerifyPIN(ctx, sent.PinID, message.Pin)
	check(err)
	fmt.Println(message.To, answer.Verified)
	// Output: 41793026727 true
}

// A resend has the same PIN, so only the cursor tells its message from the first.
func ExampleCursor() {
	c, stop := start()
	defer stop()
	ctx := context.Background()
	sent, err := c.SendPIN(ctx, api.SendPinOverSmsRequest{To: anyone, ApplicationID: shop, MessageID: plain})
	check(err)

	var header http.Header
	_, err = c.ResendPINByVoice(ctx, sent.PinID, client.ReadHeader(&header))
	check(err)
	message, err := sandbox.New(c).Wait(ctx, sandbox.WaitFilter{PINID: sent.PinID, After: sandbox.Cursor(header)}, 0)
	check(err)
	fmt.Println(message.Channel)
	// Output: VOICE
}

func ExampleClient_Wait() {
	c, stop := start()
	defer stop()

	_, err := sandbox.New(c).Wait(context.Background(), sandbox.WaitFilter{To: anyone}, time.Second)
	if sandbox.IsTimeout(err) {
		fmt.Println("nothing came")
	}
	// Output: nothing came
}

func ExampleClient_Follow() {
	c, stop := start()
	defer stop()
	ctx := context.Background()

	messages, err := sandbox.New(c).Follow(ctx, sandbox.FollowFilter{To: anyone})
	check(err)
	_, err = c.SendPIN(ctx, api.SendPinOverSmsRequest{To: anyone, ApplicationID: shop, MessageID: plain})
	check(err)
	for message, err := range messages {
		check(err)
		fmt.Println(message.Channel, "to", message.To)
		break
	}
	// Output: SMS to 41793026727
}

// What a program does when the connection breaks before the answer.
func ExampleClient_PlanFault() {
	c, stop := start()
	defer stop()
	ctx := context.Background()

	_, err := sandbox.New(c).PlanFault(ctx, sandbox.FaultPlan{
		Operation: sandbox.OperationSendPIN, Effect: sandbox.EffectReset, Count: 1,
	})
	check(err)
	_, err = c.SendPIN(ctx, api.SendPinOverSmsRequest{To: anyone, ApplicationID: shop, MessageID: plain})
	var refused *client.APIError
	fmt.Println(err != nil, errors.As(err, &refused))
	// Output: true false
}

func ExampleClient_MoveClock() {
	c, stop := start()
	defer stop()
	ctx := context.Background()
	box := sandbox.New(c)
	sent, err := c.SendPIN(ctx, api.SendPinOverSmsRequest{To: anyone, ApplicationID: shop, MessageID: plain})
	check(err)
	message, err := box.Wait(ctx, sandbox.WaitFilter{PINID: sent.PinID}, 0)
	check(err)

	_, err = box.MoveClock(ctx, 15*time.Minute)
	check(err)
	answer, err := c.VerifyPIN(ctx, sent.PinID, message.Pin)
	check(err)
	fmt.Println(client.OutcomeOf(answer))
	// Output: TTL_EXPIRED
}

// A world of its own for each test.
func ExampleClient_OpenWorld() {
	g, stop, err := newGuest()
	check(err)
	defer stop()
	ctx := context.Background()

	world, err := g.box.OpenWorld(ctx, "checkout")
	check(err)
	defer func() { _, _ = g.box.CloseWorld(ctx, world.WorldID) }()
	inside, err := client.New(g.address, client.WithAPIKey(world.Key))
	check(err)
	applications, err := inside.ListApplications(ctx)
	check(err)
	fmt.Println(len(applications), "applications yet")
	// Output: 0 applications yet
}
