package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/pinpost/pinpost/client"
)

// A program that waits less, and sees each failure.
func ExampleWithRetries() {
	c, err := client.New("127.0.0.1:1", // nothing listens there
		client.WithAPIKey("003026bb-8f4b3d9a"),
		client.WithRetries(0),
		client.WithTimeout(10*time.Second),
	)
	if err != nil {
		log.Fatal(err)
	}

	_, err = c.ResendPIN(context.Background(), "9C81")
	var unheard *client.SendError
	if errors.As(err, &unheard) {
		fmt.Println("no answer; may have arrived:", unheard.Sent)
	}
	// Output: no answer; may have arrived: false
}

// A job that may run twice sends once.
func ExampleWithIdempotencyKey() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	sent, err := c.ResendPIN(context.Background(), "9C81", client.WithIdempotencyKey("job 4711, reminder 1"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sent.PinID, sent.SmsStatus)
	// Output: 9C81 MESSAGE_SENT
}

// Counting answers for metrics.
func ExampleWithHook() {
	var mu sync.Mutex
	counts := map[string]int{}
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"), client.WithHook(client.Hook{
		Response: func(_ context.Context, info client.ResponseInfo) {
			mu.Lock()
			defer mu.Unlock()
			counts[fmt.Sprint(info.Request.Operation, " ", info.Status)]++
		},
	}))
	if err != nil {
		log.Fatal(err)
	}

	for _, typed := range []string{"1234", "1598"} {
		if _, err := c.VerifyPIN(context.Background(), "9C81", typed); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(counts)
	// Output: map[verifyPin 200:2]
}

func ExampleWithLogger() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug, // warnings alone tell of what is tried again
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "took" { // differ from run to run
				return slog.Attr{}
			}
			return a
		},
	}))
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"), client.WithLogger(logger))
	if err != nil {
		log.Fatal(err)
	}

	if _, err := c.PINStatus(context.Background(), "9C81"); err != nil {
		log.Fatal(err)
	}
	// Output: level=DEBUG msg="called pinpost" operation=getPinStatus method=GET path=/2fa/1/pin/{pinId}/status try=1 status=200 request_id="" failure=""
}
