package client_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

func ExampleClient_SendPIN() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	sent, err := c.SendPIN(context.Background(), api.SendPinOverSmsRequest{
		To:            "41793026727",
		ApplicationID: "8F07",
		MessageID:     "F66D",
		From:          new("Shop"), // in place of the message's sender
		NcNeeded:      new(false),  // no number lookup; nil means that one is made
	})
	if err != nil {
		log.Fatal(err)
	}
	if sent.SmsStatus == api.SmsStatusNotSent {
		fmt.Println("not sent; resend it later")
	}
	fmt.Println(sent.PinID, sent.SmsStatus)
	// Output: 9C81 MESSAGE_SENT
}

func ExampleClient_SendPINByVoice() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	called, err := c.SendPINByVoice(context.Background(), api.SendPinOverVoiceRequest{
		To:            "41793026727",
		ApplicationID: "8F07",
		MessageID:     "F66D",
	}, client.WaitFor(45*time.Second))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(called.PinID, called.CallStatus)
	// Output: 9C81 PROCESSED
}

func ExampleClient_ResendPIN() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	sent, err := c.ResendPIN(context.Background(), "9C81")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sent.PinID, sent.SmsStatus) // the same PIN, the same id
	// Output: 9C81 MESSAGE_SENT
}

func ExampleClient_ResendPINByVoice() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	called, err := c.ResendPINByVoice(context.Background(), "9C81", client.WaitFor(30*time.Second))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(called.PinID, called.CallStatus)
	// Output: 9C81 PROCESSED
}

func ExampleClient_VerifyPIN() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	check, err := c.VerifyPIN(context.Background(), "9C81", "1234")
	if err != nil {
		log.Fatal(err) // no error for a wrong PIN
	}
	fmt.Println(check.Verified, client.OutcomeOf(check), check.AttemptsRemaining)
	// Output: false WRONG_PIN 2
}

func ExampleClient_PINStatus() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	messages, err := c.PINStatus(context.Background(), "9C81")
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range messages {
		fmt.Println(m.Status, m.FinalStatus)
	}
	// Output: MESSAGE_DELIVERED true
}

func ExampleRespondAsync() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()

	called, err := c.ResendPINByVoice(ctx, "9C81", client.RespondAsync()) // does not wait for the call to end
	if err != nil {
		log.Fatal(err)
	}
	messages, err := c.PINStatus(ctx, called.PinID) // later
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(messages[len(messages)-1].Status)
	// Output: MESSAGE_DELIVERED
}

func ExampleReadHeader() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	var header http.Header
	if _, err := c.ResendPIN(context.Background(), "9C81", client.ReadHeader(&header)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(header.Get("Content-Type"))
	// Output: text/plain; charset=utf-8
}
