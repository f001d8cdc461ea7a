package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/wire"
)

// The main job against a real service, the sandbox that "pinpost serve" runs: send a PIN over SMS, send it again over SMS,
// have it spoken in a call, read it, verify it.
func Example_mainJob() {
	ctx := context.Background()
	address, key, stop := sandbox()
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

	messages := inbox(address, key, sent.PinID)
	fmt.Println("captured:", len(messages), "with one PIN:", messages[0].PIN == messages[1].PIN && messages[1].PIN == messages[2].PIN)

	answer, err := c.VerifyPIN(ctx, sent.PinID, messages[0].PIN)
	check(err)
	fmt.Println("verified:", answer.Verified)
	// Output:
	// send: MESSAGE_SENT to 41793026727
	// resend: MESSAGE_SENT same PIN: true
	// call: PROCESSED
	// captured: 3 with one PIN: true
	// verified: true
}

// captured is what the sandbox's inbox says of a message.
type captured struct{ Channel, Text, PIN string }

func inbox(address, key, pinID string) []captured {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address+"/sandbox/inbox?pinId="+pinID, nil)
	check(err)
	req.Header.Set("Authorization", "App "+key)
	resp, err := http.DefaultClient.Do(req)
	check(err)
	defer func() { _ = resp.Body.Close() }()
	var answer struct{ Messages []captured }
	check(json.NewDecoder(resp.Body).Decode(&answer))
	canary.Watch("41793026727", answer.Messages[0].PIN)
	return answer.Messages
}

// sandbox runs the service in this process.
func sandbox() (address, key string, stop func()) {
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
