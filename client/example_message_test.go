package client_test

import (
	"context"
	"fmt"
	"log"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

func ExampleClient_CreateMessage() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	created, err := c.CreateMessage(context.Background(), "8F07", api.CreateMessageRequest{
		PinType:        api.PinTypeNumeric,
		PinLength:      6,
		PinPlaceholder: "<pin>",
		MessageText:    "Your PIN is <pin>",
		Sender:         "Shop",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(created.MessageID, created.MessageText)
	// Output: F66D Your PIN is <pin>
}

func ExampleClient_ListMessages() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	messages, err := c.ListMessages(context.Background(), "8F07")
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range messages {
		fmt.Println(m.MessageID, m.MessageText)
	}
	// Output: F66D Your PIN is <pin>
}

func ExampleClient_GetMessage() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	found, err := c.GetMessage(context.Background(), "8F07", "F66D")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.PinType, found.PinLength)
	// Output: NUMERIC 6
}

func ExampleClient_UpdateMessage() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	updated, err := c.UpdateMessage(context.Background(), "8F07", "F66D", api.UpdateMessageRequest{
		PinLength: new(int32(6)), // the rest stays
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(updated.PinType, updated.PinLength)
	// Output: NUMERIC 6
}
