package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

// pinpost gives the base URL of a small stand-in for a server, the same for all examples. It answers as the contract's
// examples do; the right PIN is 1598.
var pinpost = sync.OnceValue(func() string {
	const (
		sms         = `{"to":"41793026727","ncStatus":"NC_NOT_CONFIGURED","smsStatus":"MESSAGE_SENT","pinId":"9C81"}`
		voice       = `{"to":"41793026727","pinId":"9C81","callStatus":"PROCESSED"}`
		application = `{"applicationId":"8F07","name":"Shop","enabled":true,"processId":"5E3A","configuration":` +
			`{"pinAttempts":5,"pinTimeToLive":600000,"initiationAttempts":3}}`
		message = `{"messageId":"F66D","applicationId":"8F07","pinType":"NUMERIC","pinPlaceholder":"<pin>",` +
			`"messageText":"Your PIN is <pin>","pinLength":6,"sender":"Shop"}`
		right   = `{"pinId":"9C81","msisdn":"41793026727","verified":true,"attemptsRemaining":0}`
		wrong   = `{"pinId":"9C81","msisdn":"41793026727","verified":false,"attemptsRemaining":2,"pinError":"WRONG_PIN"}`
		tooMany = `{"requestError":{"serviceException":{"messageId":"THROTTLE_EXCEPTION",` +
			`"text":"Limit initiationAttempts of 3 is reached"}}}`
		delivered = `[{"status":"MESSAGE_DELIVERED","description":"Message sent and delivered","finalStatus":true}]`
		verified  = `[{"msisdn":"41793026727","verified":true,"verifiedAt":1418364366000,"sentAt":1418364246000}]`
		unlisted  = `{"requestError":{"serviceException":{"messageId":"RESOURCE_NOT_FOUND","text":"There is no such path"}}}`
	)
	answers := map[string]string{
		"POST /2fa/1/pin":                            sms,
		"POST /2fa/1/pin/voice":                      voice,
		"POST /2fa/1/pin/9C81/resend":                sms,
		"POST /2fa/1/pin/9C81/resend/voice":          voice,
		"POST /2fa/1/pin/9C81/verify":                wrong,
		"GET /2fa/1/pin/9C81/status":                 delivered,
		"POST /2fa/1/applications":                   application,
		"GET /2fa/1/applications":                    `[` + application + `]`,
		"GET /2fa/1/applications/8F07":               application,
		"PUT /2fa/1/applications/8F07":               application,
		"POST /2fa/1/applications/8F07/messages":     message,
		"GET /2fa/1/applications/8F07/messages":      `[` + message + `]`,
		"GET /2fa/1/applications/8F07/messages/F66D": message,
		"PUT /2fa/1/applications/8F07/messages/F66D": message,
		"GET /2fa/1/applications/8F07/verifications": verified,
		"POST /2fa/1/api-key":                        `"003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9"`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answer, ok := answers[r.Method+" "+r.URL.Path]
		switch {
		case !ok:
			w.WriteHeader(http.StatusNotFound)
			answer = unlisted
		case strings.Contains(string(body), "41790000000"):
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusTooManyRequests)
			answer = tooMany
		case strings.Contains(string(body), "1598"):
			answer = right
		}
		_, _ = io.WriteString(w, answer)
	}))
	return server.URL
})

// The main job: send a PIN, and check what the person typed.
func ExampleClient() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()

	sent, err := c.SendPIN(ctx, api.SendPinOverSmsRequest{
		To:            "41793026727",
		ApplicationID: "8F07", // of CreateApplication, made once
		MessageID:     "F66D", // of CreateMessage, made once
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("sent to", sent.To)

	for _, typed := range []string{"1234", "1598"} {
		check, err := c.VerifyPIN(ctx, sent.PinID, typed)
		if err != nil {
			log.Fatal(err)
		}
		switch client.OutcomeOf(check) {
		case client.OutcomeVerified:
			fmt.Println("welcome")
		case client.OutcomeWrongPIN:
			fmt.Println("try again, attempts left:", check.AttemptsRemaining)
		default:
			fmt.Println("send a new PIN")
		}
	}
	// Output:
	// sent to 41793026727
	// try again, attempts left: 2
	// welcome
}

func ExampleNew() {
	_, err := client.New("pin.example.com", // means https://pin.example.com
		client.WithAPIKey("App 003026bb-8f4b3d9a"), // a pasted "App" does no harm
		client.WithUserAgent("shop/1.2"),
		client.WithTimeout(90*time.Second),
	)
	fmt.Println(err)

	_, err = client.New("pin.example.com")
	fmt.Println(err)
	// Output:
	// <nil>
	// new client: no credential: use WithAPIKey or WithBasic
}

func ExampleAPIError() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	_, err = c.SendPIN(context.Background(), api.SendPinOverSmsRequest{
		To: "41790000000", ApplicationID: "8F07", MessageID: "F66D",
	})
	var failed *client.APIError
	if errors.As(err, &failed) {
		fmt.Println(failed.Status, failed.Kind)
		fmt.Println(failed.Text)
	}
	if client.IsTooManyRequests(err) {
		fmt.Println("try again in", failed.RetryAfter)
	}
	// Output:
	// 429 THROTTLE_EXCEPTION
	// Limit initiationAttempts of 3 is reached
	// try again in 24h0m0s
}

func ExampleOutcomeOf() {
	expired := api.PinErrorTTLExpired
	check := &api.VerifyPinResponse{Verified: false, PinError: &expired}

	switch client.OutcomeOf(check) {
	case client.OutcomeVerified:
		fmt.Println("welcome")
	case client.OutcomeWrongPIN:
		fmt.Println("try again")
	case client.OutcomeExpired, client.OutcomeNoMoreAttempts:
		fmt.Println("send a new PIN")
	default:
		fmt.Println("not verified")
	}
	// Output: send a new PIN
}

// A path that no other method knows, with an answer that may take its time.
func ExampleClient_Do() {
	c, err := client.New(pinpost(), client.WithAPIKey("003026bb-8f4b3d9a"))
	if err != nil {
		log.Fatal(err)
	}

	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "/2fa/1/applications/8F07", nil)
	if err != nil {
		log.Fatal(err)
	}
	resp, err := c.WithoutTimeout().Do(req)
	if err != nil {
		log.Fatal(err) // an APIError for an answer other than 2xx
	}
	defer func() { _ = resp.Body.Close() }()
	found, err := client.Decode(resp, func(a *api.Application) bool { return a.ApplicationID != "" })
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Name)
	// Output: Shop
}
