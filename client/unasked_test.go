package client_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

// Members and filters that are not set are not sent.
func TestNothingUnasked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		call       func(context.Context, *client.Client) (any, error)
		path, body string
		answer     string
	}{
		{"UpdateApplication", func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.UpdateApplication(ctx, appID, api.UpdateApplicationRequest{}))
		}, "/2fa/1/applications/" + appID, `{}`, applicationAnswer},
		{"UpdateApplication with an empty configuration", func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.UpdateApplication(ctx, appID, api.UpdateApplicationRequest{Configuration: &api.ConfigurationInput{}}))
		}, "/2fa/1/applications/" + appID, `{"configuration":{}}`, applicationAnswer},
		{"UpdateMessage", func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.UpdateMessage(ctx, appID, msgID, api.UpdateMessageRequest{}))
		}, "/2fa/1/applications/" + appID + "/messages/" + msgID, `{}`, messageAnswer},
		{"CreateApplication", func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.CreateApplication(ctx, api.CreateApplicationRequest{Name: "n"}))
		}, "/2fa/1/applications", `{"name":"n"}`, applicationAnswer},
		{"SendPIN", func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.SendPIN(ctx, api.SendPinOverSmsRequest{To: phone, ApplicationID: "a", MessageID: "m"}))
		}, "/2fa/1/pin", `{"applicationId":"a","messageId":"m","to":"41793026727"}`, smsAnswer},
		{"SendPINByVoice", func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.SendPINByVoice(ctx, api.SendPinOverVoiceRequest{To: phone, ApplicationID: "a", MessageID: "m"}))
		}, "/2fa/1/pin/voice", `{"applicationId":"a","messageId":"m","to":"41793026727"}`, voiceAnswer},
		{"ResendPINByVoice", func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.ResendPINByVoice(ctx, pinID))
		}, "/2fa/1/pin/" + pinID + "/resend/voice", ``, voiceAnswer},
		{"ListVerifications", func(ctx context.Context, c *client.Client) (any, error) {
			return boxed(c.ListVerifications(ctx, appID, client.VerificationFilter{}))
		}, "/2fa/1/applications/" + appID + "/verifications", ``, `[]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusOK, tt.answer))
			if _, err := tt.call(t.Context(), newClient(t, f.URL)); err != nil {
				t.Fatal(err)
			}
			got := f.only(t)
			if got.uri != tt.path || got.body != tt.body {
				t.Errorf("sent %s %q, want %s %q", got.uri, got.body, tt.path, tt.body)
			}
			if values := got.header.Values("Prefer"); len(values) > 0 {
				t.Errorf("sent Prefer %v unasked", values)
			}
		})
	}
}

// Answers may gain members and values later.
func TestUnknownMembers(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, `{"pinId":"P","smsStatus":"MESSAGE_QUEUED","added":{"later":true}}`))
	got, err := newClient(t, f.URL).ResendPIN(t.Context(), pinID)
	if err != nil {
		t.Fatal(err)
	}
	if got.PinID != "P" || got.SmsStatus != "MESSAGE_QUEUED" {
		t.Errorf("got %+v", got)
	}
}
