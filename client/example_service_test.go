package client_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/wire"
)

// The main job against a real service, the sandbox that "pinpost serve" runs: send a PIN over SMS, send it again over SMS,
// have it spoken in a call, read it, verify it.
func Example_mainJob() {
	ctx := context.Background()
	address, key, stop := service()
	defer stop()
	c, err := client.New(address, client.WithAPIKey(key))
	check(err)
	app, err := c.CreateApplication(ctx, api.CreateApplicationRequest{Name: "Shop"})
	check(err)
	message, err := c.CreateMessage(ctx, app.ApplicationID, api.CreateMessageRequest{
		PinType: api.PinTypeNumeric, PinLength: 6, PinPlaceholder: "<pin>", MessageText: "<pin> is your PIN.", Sender: "Shop",
	})
	check(err)

	sent, err := c.SendPIN(ctx, api.SendPinOverSmsRequest{
		To: "+41793026727", ApplicationID: app.ApplicationID, MessageID: message.MessageID,
	})
	check(err)
	fmt.Println("send:", sent.SmsStatus, "to", sent.To)

	again, err := c.ResendPIN(ctx, sent.PinID)
	check(err)
	fmt.Println("resend:", again.SmsStatus, "same PIN:", again.PinID == sent.PinID)

	called, err := c.ResendPINByVoice(ctx, sent.PinID)
	check(err)
	fmt.Println("call:", called.CallStatus)

	page, err := sandbox.New(c).List(ctx, sandbox.ListFilter{PINID: sent.PinID})
	check(err)
	pins := map[string]bool{}
	for _, m := range page.Messages {
		pins[m.Pin] = true
	}
	fmt.Println("captured:", len(page.Messages), "with one PIN:", len(pins) == 1)

	answer, err := c.VerifyPIN(ctx, sent.PinID, page.Messages[0].Pin)
	check(err)
	fmt.Println("verified:", answer.Verified)
	// Output:
	// send: MESSAGE_SENT to 41793026727
	// resend: MESSAGE_SENT same PIN: true
	// call: PROCESSED
	// captured: 3 with one PIN: true
	// verified: true
}

// service runs a sandbox in this process.
func service() (address, key string, stop func()) {
	settings := config.Default()
	data, err := os.MkdirTemp("", "pinpost")
	check(err)
	settings.Data = data
	house, err := wire.Build(context.Background(), settings, wire.Outside{
		Log: observe.NewLogger(canary.Log(), slog.LevelDebug, true),
	})
	check(err)
	account, err := house.Accounts.Create(context.Background(), "example", "a long password")
	check(err)
	_, key, err = house.Accounts.CreateKey(context.Background(), account.ID, "")
	check(err)
	canary.Watch("41793026727", key)
	httpServer := httptest.NewServer(house.Handler())
	return httpServer.URL, key, func() {
		httpServer.Close()
		check(house.Close(context.Background()))
		check(os.RemoveAll(data))
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
