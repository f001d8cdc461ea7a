package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/internal/canary"
)

// Bounds of the test below.
const (
	killClients = 64
	killAfter   = 192 // acknowledged sends
)

// acknowledged gathers the PINs whose send answered 200.
type acknowledged struct {
	sync.Mutex
	pinIDs []string
	enough chan struct{} // closed at killAfter
}

func (a *acknowledged) add(pinID string) {
	a.Lock()
	defer a.Unlock()
	if a.pinIDs = append(a.pinIDs, pinID); len(a.pinIDs) == killAfter {
		close(a.enough)
	}
}

// TestKill ends the program with kill -9 while 64 clients send, starts it again, and wants every promise kept: each
// acknowledged PIN is there and can be resent and verified, and neither attempts nor limits are forgotten.
func TestKill(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, data)
	c := p.client(t)
	applicationID, messageID := strictApplication(t, c)

	full := "41790019999"
	for range 3 {
		send(t, c, full, applicationID, messageID)
	}
	guessed := send(t, c, "41790019998", applicationID, messageID)
	for range 2 {
		guess(t, c, guessed, "WRONGPIN")
	}

	acked := &acknowledged{enough: make(chan struct{})}
	var clients sync.WaitGroup
	for i := range killClients {
		clients.Go(func() {
			for j := 0; ; j++ {
				number := fmt.Sprintf("4179%02d%05d", i, j)
				answer, err := c.SendPIN(context.Background(), api.SendPinOverSmsRequest{
					To: number, ApplicationID: applicationID, MessageID: messageID,
				})
				if err != nil {
					return // the program is gone
				}
				acked.add(answer.PinID)
			}
		})
	}
	select {
	case <-acked.enough:
	case <-time.After(time.Minute):
		t.Fatal("the clients send too slowly")
	}
	p.kill(t)
	clients.Wait()

	p = start(t, data)
	c = p.client(t)
	if len(acked.pinIDs) < killAfter {
		t.Fatalf("%d sends were acknowledged, want at least %d", len(acked.pinIDs), killAfter)
	}
	parallel(acked.pinIDs, func(pinID string) { checkKept(t, p, c, pinID) })
	t.Logf("%d acknowledged PINs were there after kill -9", len(acked.pinIDs))

	if _, err := c.SendPIN(t.Context(), api.SendPinOverSmsRequest{
		To: full, ApplicationID: applicationID, MessageID: messageID,
	}); !client.IsTooManyRequests(err) {
		t.Errorf("a fourth send after the restart gives %v, want 429", err)
	}
	if answer := guess(t, c, guessed, "WRONGPIN"); answer.AttemptsRemaining != 2 {
		t.Errorf("after two wrong guesses, a restart and a third, %d attempts remain, want 2", answer.AttemptsRemaining)
	}
}

// checkKept reads a PIN in the inbox, has it resent, and verifies it.
func checkKept(t *testing.T, p *process, c *client.Client, pinID string) {
	messages := p.captured(t, pinID)
	if len(messages) != 1 {
		t.Errorf("acknowledged PIN %s has %d messages, want 1", pinID, len(messages))
		return
	}
	code := messages[0].Pin
	canary.Watch(code, messages[0].To)
	status, err := c.PINStatus(t.Context(), pinID)
	if err != nil || len(status) != 1 {
		t.Errorf("acknowledged PIN %s has status %v (%v), want one message", pinID, status, err)
	} else if got := status[0].Status; got != api.MessageStatusDelivered && got != api.MessageStatusNotSent {
		t.Errorf("acknowledged PIN %s has status %s", pinID, got)
	}
	if answer, err := c.ResendPIN(t.Context(), pinID); err != nil || answer.SmsStatus != api.SmsStatusSent {
		t.Errorf("resend of acknowledged PIN %s: %v", pinID, err)
		return
	}
	if again := p.captured(t, pinID); len(again) != 2 || again[0].Pin != code {
		t.Errorf("resend of acknowledged PIN %s sent another PIN", pinID)
	}
	if answer, err := c.VerifyPIN(t.Context(), pinID, strings.ToLower(code)); err != nil || !answer.Verified {
		t.Errorf("verify of acknowledged PIN %s: %+v, %v", pinID, answer, err)
	}
}

// strictApplication makes an application with small limits and PINs of eight characters.
func strictApplication(t *testing.T, c *client.Client) (applicationID, messageID string) {
	t.Helper()
	app, err := c.CreateApplication(t.Context(), api.CreateApplicationRequest{
		Name: "strict", Configuration: &api.ConfigurationInput{
			PinAttempts: new(int32(5)), VerificationAttempts: new(int32(1000)), InitiationAttempts: new(int32(3)),
			OverallInitiationAttempts: new(int32(1000000)),
		},
	})
	must(t, err)
	m, err := c.CreateMessage(t.Context(), app.ApplicationID, api.CreateMessageRequest{
		PinType: api.PinTypeAlphanumeric, PinLength: 8, PinPlaceholder: "<pin>", MessageText: "<pin>", Sender: "Pinpost",
	})
	must(t, err)
	return app.ApplicationID, m.MessageID
}

func send(t *testing.T, c *client.Client, to, applicationID, messageID string) string {
	t.Helper()
	answer, err := c.SendPIN(t.Context(), api.SendPinOverSmsRequest{To: to, ApplicationID: applicationID, MessageID: messageID})
	must(t, err)
	return answer.PinID
}

func guess(t *testing.T, c *client.Client, pinID, typed string) *api.VerifyPinResponse {
	t.Helper()
	answer, err := c.VerifyPIN(t.Context(), pinID, typed)
	must(t, err)
	return answer
}

// parallel works on all items, eight at a time.
func parallel[T any](items []T, work func(T)) {
	queue := make(chan T)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for item := range queue {
				work(item)
			}
		})
	}
	for _, item := range items {
		queue <- item
	}
	close(queue)
	workers.Wait()
}
