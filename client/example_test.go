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
