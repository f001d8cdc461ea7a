package client_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
)

// Against a real service: the answer to a send gets lost, the send is tried again, and one message goes out.
func TestSendOnce(t *testing.T) {
	t.Parallel()
	address, key, stop := service()
	defer stop()
	lose, network := false, &http.Transport{}
	defer network.CloseIdleConnections()
	losing := tripper(func(req *http.Request) (*http.Response, error) {
		resp, err := network.RoundTrip(req)
		if err == nil && lose {
			lose = false
			_ = resp.Body.Close()
			return nil, io.ErrUnexpectedEOF
		}
		return resp, err
	})
	connect := func() *client.Client {
		c, err := client.New(address, client.WithAPIKey(key), client.Hasty(nil), client.WithHTTPClient(&http.Client{Transport: losing}))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := connect()
	app, err := c.CreateApplication(t.Context(), api.CreateApplicationRequest{
		Name: "Shop", Configuration: &api.ConfigurationInput{InitiationAttempts: new(int32(100))},
	})
	if err != nil {
		t.Fatal(err)
	}
	message, err := c.CreateMessage(t.Context(), app.ApplicationID, api.CreateMessageRequest{
		PinType: api.PinTypeNumeric, PinLength: 8, PinPlaceholder: "<pin>", MessageText: "<pin> is your PIN.", Sender: "Shop",
	})
	if err != nil {
		t.Fatal(err)
	}
	captured := func() int {
		page, err := sandbox.New(c).List(t.Context(), sandbox.ListFilter{})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Messages)
	}
	req := api.SendPinOverSmsRequest{To: phone, ApplicationID: app.ApplicationID, MessageID: message.MessageID}
	var sent *api.SmsPinResponse
	for i, send := range []func(...client.CallOption) error{
		func(o ...client.CallOption) (err error) { sent, err = c.SendPIN(t.Context(), req, o...); return err },
		func(o ...client.CallOption) error { _, err := c.ResendPIN(t.Context(), sent.PinID, o...); return err },
		func(o ...client.CallOption) error {
			_, err := c.ResendPINByVoice(t.Context(), sent.PinID, o...)
			return err
		},
		func(o ...client.CallOption) error {
			_, err := c.SendPINByVoice(t.Context(), api.SendPinOverVoiceRequest{
				To: req.To, ApplicationID: req.ApplicationID, MessageID: req.MessageID,
			}, o...)
			return err
		},
	} {
		c = connect() // has learned nothing yet
		before := captured()
		lose = true
		if failed, ok := errors.AsType[*client.SendError](send()); !ok || !failed.Sent {
			t.Errorf("%d, before the server is known: %v, want a SendError", i, failed)
		}
		if got := captured(); got != before+1 {
			t.Errorf("%d, before the server is known: %d messages went out", i, got-before)
		}
		if err := send(); err != nil { // learns
			t.Fatal(err)
		}
		lose = true
		var header http.Header
		if err := send(client.ReadHeader(&header)); err != nil || header.Get("Idempotency-Replayed") != "true" || lose {
			t.Errorf("%d: error %v, header %v; want a repeated answer", i, err, header)
		}
		if got := captured(); got != before+3 {
			t.Errorf("%d: %d messages went out, want 3", i, got-before)
		}
		if i > 0 {
			continue
		}
		own := client.WithIdempotencyKey("mine")
		if err := errors.Join(send(own), send(own)); err != nil || captured() != before+4 {
			t.Errorf("own key: error %v, %d messages went out, want one more", err, captured()-before)
		}
		req.MessageID += "0"
		if err := send(own); !client.IsConflict(err) {
			t.Errorf("own key of another request: error %v, want a conflict", err)
		}
		req.MessageID = message.MessageID
		if err := send(); err != nil {
			t.Fatal(err)
		}
	}
}
