package client_test

import (
	"context"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

const (
	appID = "8F0792F86035A9F4290821F1EE6BC06A"
	msgID = "F66D67327326FCCB027BEAA916B94542"
	pinID = "9C817C6F8AF3D48F9FE553282AFA2B67"
)

// operation is a call of one method, and what the contract says of it.
type operation struct {
	name         string
	call         func(context.Context, *client.Client) (any, error)
	method, path string
	prefer       string
	body         string // "" for an empty one
	statuses     []int  // other than 200
	answer       string
	want         any
}

func boxed[T any](value T, err error) (any, error) { return value, err }

var (
	withBody    = []int{400, 401, 404, 413, 415, 429, 500, 503}
	withoutBody = []int{400, 401, 404, 500, 503}
	withKey     = append([]int{409}, withBody...)
)

var randomKey = regexp.MustCompile(`^[0-9a-f]{32}$`)

func without(statuses []int, dropped ...int) []int {
	return slices.DeleteFunc(slices.Clone(statuses), func(s int) bool { return slices.Contains(dropped, s) })
}

const (
	smsAnswer = `{"to":"41793026727","ncStatus":"NC_DESTINATION_REACHABLE","smsStatus":"MESSAGE_SENT",` +
		`"pinId":"9C817C6F8AF3D48F9FE553282AFA2B67"}`
	voiceAnswer       = `{"to":"41793026727","pinId":"9C817C6F8AF3D48F9FE553282AFA2B67","callStatus":"PROCESSED"}`
	applicationAnswer = `{"applicationId":"8F0792F86035A9F4290821F1EE6BC06A","name":"2fa application name","enabled":true,` +
		`"processId":"5E3A1C9D7B2F4860A1B2C3D4E5F60718","configuration":{"pinAttempts":10,` +
		`"allowMultiplePinVerifications":true,"pinTimeToLive":900000,"verificationAttempts":1,` +
		`"verificationIntervalLength":3000,"initiationAttempts":3,"initiationIntervalLength":86400000,` +
		`"overallInitiationAttempts":10000,"overallInitiationIntervalLength":86400000,` +
		`"initiationThrottlingProlongationFactor":1,"initiationThrottlingWaitPeriod":0}}`
	messageAnswer = `{"messageId":"F66D67327326FCCB027BEAA916B94542","applicationId":"8F0792F86035A9F4290821F1EE6BC06A",` +
		`"pinType":"NUMERIC","pinPlaceholder":"<pin>","messageText":"Your pin is <pin>","pinLength":4,"sender":"Infobip 2FA"}`
)

var (
	sentSMS   = &api.SmsPinResponse{To: phone, NcStatus: api.NcStatusReachable, SmsStatus: api.SmsStatusSent, PinID: pinID}
	sentVoice = &api.VoicePinResponse{To: phone, PinID: pinID, CallStatus: api.CallStatusProcessed}
	anApp     = api.Application{
		ApplicationID: appID, Name: "2fa application name", Enabled: true, ProcessID: "5E3A1C9D7B2F4860A1B2C3D4E5F60718",
		Configuration: api.Configuration{
			PinAttempts: 10, AllowMultiplePinVerifications: true, PinTimeToLive: 900000,
			VerificationAttempts: 1, VerificationIntervalLength: 3000,
			InitiationAttempts: 3, InitiationIntervalLength: 86400000,
			OverallInitiationAttempts: 10000, OverallInitiationIntervalLength: 86400000,
			InitiationThrottlingProlongationFactor: 1,
		},
	}
	aMessage = api.Message{
		MessageID: msgID, ApplicationID: appID, PinType: api.PinTypeNumeric, PinPlaceholder: "<pin>",
		MessageText: "Your pin is <pin>", PinLength: 4, Sender: "Infobip 2FA",
	}
)

var operations = []operation{
	{
		name: "SendPIN", method: "POST", path: "/2fa/1/pin",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.SendPIN(ctx, api.SendPinOverSmsRequest{
				To: phone, ApplicationID: appID, MessageID: msgID, From: new("InfoSMS"), NcNeeded: new(true),
			}))
		},
		body: `{"applicationId":"` + appID + `","from":"InfoSMS","messageId":"` + msgID + `","ncNeeded":true,"to":"41793026727"}`,
		// In the order of the generated types, as for all bodies here.
		statuses: withKey, answer: smsAnswer, want: sentSMS,
	},
	{
		name: "SendPINByVoice", method: "POST", path: "/2fa/1/pin/voice", prefer: "wait=10",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.SendPINByVoice(ctx, api.SendPinOverVoiceRequest{
				To: "+" + phone, ApplicationID: appID, MessageID: msgID, From: new("41793026700"),
			}, client.WaitFor(10*time.Second)))
		},
		body:     `{"applicationId":"` + appID + `","from":"41793026700","messageId":"` + msgID + `","to":"+41793026727"}`,
		statuses: withKey, answer: voiceAnswer, want: sentVoice,
	},
	{
		name: "ResendPIN", method: "POST", path: "/2fa/1/pin/" + pinID + "/resend",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.ResendPIN(ctx, pinID))
		},
		statuses: withKey, answer: smsAnswer, want: sentSMS,
	},
	{
		name: "ResendPINByVoice", method: "POST", path: "/2fa/1/pin/" + pinID + "/resend/voice", prefer: "respond-async",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.ResendPINByVoice(ctx, pinID, client.RespondAsync()))
		},
		statuses: withKey, answer: voiceAnswer, want: sentVoice,
	},
	{
		name: "VerifyPIN", method: "POST", path: "/2fa/1/pin/" + pinID + "/verify",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.VerifyPIN(ctx, pinID, pin))
		},
		body: `{"pin":"73915"}`, statuses: withBody,
		answer: `{"pinId":"` + pinID + `","msisdn":"41793026727","verified":false,"attemptsRemaining":2,"pinError":"WRONG_PIN"}`,
		want: &api.VerifyPinResponse{
			PinID: pinID, Msisdn: phone, AttemptsRemaining: 2, PinError: new(api.PinErrorWrongPin),
		},
	},
	{
		name: "PINStatus", method: "GET", path: "/2fa/1/pin/" + pinID + "/status",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.PINStatus(ctx, pinID))
		},
		statuses: withoutBody,
		answer:   `[{"status":"MESSAGE_DELIVERED","description":"Message sent and delivered","finalStatus":true}]`,
		want: []api.PinStatus{
			{Status: api.MessageStatusDelivered, Description: "Message sent and delivered", FinalStatus: true},
		},
	},
	{
		name: "CreateApplication", method: "POST", path: "/2fa/1/applications",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.CreateApplication(ctx, api.CreateApplicationRequest{
				Name: "2fa application name", Enabled: new(false),
				Configuration: &api.ConfigurationInput{PinTimeToLive: new(int64(600000)), PinAttempts: new(int32(5))},
			}))
		},
		body:     `{"configuration":{"pinAttempts":5,"pinTimeToLive":600000},"enabled":false,"name":"2fa application name"}`,
		statuses: without(withBody, 404, 429), answer: applicationAnswer, want: &anApp,
	},
	{
		name: "ListApplications", method: "GET", path: "/2fa/1/applications",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.ListApplications(ctx))
		},
		statuses: without(withoutBody, 404), answer: "[" + applicationAnswer + "]", want: []api.Application{anApp},
	},
	{
		name: "GetApplication", method: "GET", path: "/2fa/1/applications/" + appID,
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.GetApplication(ctx, appID))
		},
		statuses: withoutBody, answer: applicationAnswer, want: &anApp,
	},
	{
		name: "UpdateApplication", method: "PUT", path: "/2fa/1/applications/" + appID,
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.UpdateApplication(ctx, appID, api.UpdateApplicationRequest{
				Configuration: &api.ConfigurationInput{InitiationAttempts: new(int32(5))},
			}))
		},
		body:     `{"configuration":{"initiationAttempts":5}}`,
		statuses: without(withBody, 429), answer: applicationAnswer, want: &anApp,
	},
	{
		name: "CreateMessage", method: "POST", path: "/2fa/1/applications/" + appID + "/messages",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.CreateMessage(ctx, appID, api.CreateMessageRequest{
				PinType: api.PinTypeNumeric, PinPlaceholder: "<pin>", MessageText: "Your pin is <pin>", PinLength: 4,
				Sender: "Infobip 2FA",
			}))
		},
		body: `{"messageText":"Your pin is \u003cpin\u003e","pinLength":4,"pinPlaceholder":"\u003cpin\u003e",` +
			`"pinType":"NUMERIC","sender":"Infobip 2FA"}`,
		statuses: without(withBody, 429), answer: messageAnswer, want: &aMessage,
	},
	{
		name: "ListMessages", method: "GET", path: "/2fa/1/applications/" + appID + "/messages",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.ListMessages(ctx, appID))
		},
		statuses: withoutBody, answer: "[" + messageAnswer + "]", want: []api.Message{aMessage},
	},
	{
		name: "GetMessage", method: "GET", path: "/2fa/1/applications/" + appID + "/messages/" + msgID,
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.GetMessage(ctx, appID, msgID))
		},
		statuses: withoutBody, answer: messageAnswer, want: &aMessage,
	},
	{
		name: "UpdateMessage", method: "PUT", path: "/2fa/1/applications/" + appID + "/messages/" + msgID,
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.UpdateMessage(ctx, appID, msgID, api.UpdateMessageRequest{
				PinType: new(api.PinTypeAlphanumeric), PinLength: new(int32(6)),
			}))
		},
		body:     `{"pinLength":6,"pinType":"ALPHANUMERIC"}`,
		statuses: without(withBody, 429), answer: messageAnswer, want: &aMessage,
	},
	{
		name: "ListVerifications", method: "GET",
		path: "/2fa/1/applications/" + appID + "/verifications?msisdn=%2B41793026727&verified=true&sent=false",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.ListVerifications(ctx, appID, client.VerificationFilter{
				Msisdn: new("+" + phone), Verified: new(true), Sent: new(false),
			}))
		},
		statuses: withoutBody,
		answer:   `[{"msisdn":"41793026727","verified":true,"verifiedAt":1418364366000,"sentAt":1418364246000}]`,
		want: []api.Verification{
			{Msisdn: phone, Verified: true, VerifiedAt: 1418364366000, SentAt: 1418364246000},
		},
	},
	{
		name: "CreateAPIKey", method: "POST", path: "/2fa/1/api-key",
		call: func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.CreateAPIKey(ctx))
		},
		statuses: without(withBody, 404, 429), answer: `"` + key + `"`, want: key,
	},
}

func TestOperations(t *testing.T) {
	t.Parallel()
	for method := range reflect.TypeFor[*client.Client]().Methods() {
		listed := slices.ContainsFunc(operations, func(op operation) bool { return op.name == method.Name })
		if other := method.Name == "Do" || method.Name == "WithoutTimeout"; listed == other {
			t.Errorf("method %s is in the table: %t, want %t", method.Name, listed, !other)
		}
	}
	credentials := map[string]struct {
		option client.Option
		want   string
	}{
		"key":      {client.WithAPIKey(key), "App " + key},
		"password": {client.WithBasic("alice", password), "Basic YWxpY2U6Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5"},
	}
	for _, op := range operations {
		for name, credential := range credentials {
			t.Run(op.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				f := newFake(t, says(http.StatusOK, op.answer))
				c, err := client.New(f.URL, credential.option, unshared(t))
				if err != nil {
					t.Fatal(err)
				}
				got, err := op.call(t.Context(), c)
				if err != nil {
					t.Fatalf("error %v", err)
				}
				if !reflect.DeepEqual(got, op.want) {
					t.Errorf("value %+v, want %+v", got, op.want)
				}
				checkRequest(t, f.only(t), op, credential.want)
			})
		}
	}
}

func checkRequest(t *testing.T, got seen, op operation, authorization string) {
	t.Helper()
	if got.method != op.method || got.uri != op.path {
		t.Errorf("request %s %s, want %s %s", got.method, got.uri, op.method, op.path)
	}
	if got.body != op.body || got.length != int64(len(op.body)) || got.encoding != nil {
		t.Errorf("body %q of length %d encoded %v, want %q", got.body, got.length, got.encoding, op.body)
	}
	want := http.Header{
		"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}, "Authorization": {authorization},
		"User-Agent": {"pinpost-go"},
	}
	if op.method != http.MethodGet {
		want.Set("Content-Type", "application/json")
		want.Set("Content-Length", got.header.Get("Content-Length"))
		if got.header.Get("Content-Length") == "" {
			t.Errorf("no Content-Length, want %d", len(op.body))
		}
	}
	if op.prefer != "" {
		want.Set("Prefer", op.prefer)
	}
	if _, sends := sends[op.name]; sends {
		want["Idempotency-Key"] = got.header.Values("Idempotency-Key")
		if !randomKey.MatchString(got.header.Get("Idempotency-Key")) {
			t.Errorf("Idempotency-Key %q, want 128 bits in hex", want["Idempotency-Key"])
		}
	}
	if !reflect.DeepEqual(got.header, want) {
		t.Errorf("headers %v, want %v", got.header, want)
	}
}
