package client_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

func ExampleClient_CreateApplication() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	created, err := c.CreateApplication(context.Background(), api.CreateApplicationRequest{
		Name: "Shop",
		Configuration: &api.ConfigurationInput{ // what is left out takes its default
			PinAttempts:   new(int32(5)),
			PinTimeToLive: new((10 * time.Minute).Milliseconds()),
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(created.ApplicationID, created.Configuration.PinAttempts, created.Configuration.PinTimeToLive)
	// Output: 8F07 5 600000
}

func ExampleClient_ListApplications() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	applications, err := c.ListApplications(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range applications {
		fmt.Println(a.ApplicationID, a.Name)
	}
	// Output: 8F07 Shop
}

func ExampleClient_GetApplication() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	found, err := c.GetApplication(context.Background(), "8F07")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Name, found.Configuration.InitiationAttempts)
	// Output: Shop 3
}

func ExampleClient_UpdateApplication() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	updated, err := c.UpdateApplication(context.Background(), "8F07", api.UpdateApplicationRequest{
		Configuration: &api.ConfigurationInput{PinAttempts: new(int32(5))}, // the rest stays
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(updated.Name, updated.Configuration.PinAttempts)
	// Output: Shop 5
}

func ExampleClient_ListVerifications() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	rows, err := c.ListVerifications(context.Background(), "8F07", client.VerificationFilter{
		Msisdn:   new("41793026727"),
		Verified: new(true),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range rows {
		fmt.Println(row.Msisdn, time.UnixMilli(row.VerifiedAt).UTC().Format(time.DateTime))
	}
	// Output: 41793026727 2014-12-12 06:06:06
}

// Only user name and password make keys.
func ExampleClient_CreateAPIKey() {
	c, err := client.New(pinpost(), client.WithBasic("alice", "correct-horse-battery"))
	if err != nil {
		log.Fatal(err)
	}

	key, err := c.CreateAPIKey(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(key), "characters")
	// Output: 69 characters
}
