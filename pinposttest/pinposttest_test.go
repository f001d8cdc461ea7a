package pinposttest_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/pinposttest"
)

const somebody = "41793026727"

func TestMain(m *testing.M) { os.Exit(canary.Main(m)) }

// TestNew_many runs a hundred tests at once, each with its own server, and wants nothing of them to stay.
func TestNew_many(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("group", func(t *testing.T) {
		for i := range 100 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				mainJob(t)
			})
		}
	})
	end := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before && time.Now().Before(end) {
		time.Sleep(10 * time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines before and %d after:\n%s", before, after, stacks[:runtime.Stack(stacks, true)])
	}
}

// mainJob sends, reads and verifies, meets a fault and an expiry, and sees its own message alone.
func mainJob(t *testing.T) {
	srv := pinposttest.New(t)
	ctx := t.Context()
	send := api.SendPinOverSmsRequest{To: somebody, ApplicationID: srv.ApplicationID, MessageID: srv.MessageID}
	sent, err := srv.Client.SendPIN(ctx, send)
	must(t, err)
	message, err := srv.Sandbox.Wait(ctx, sandbox.WaitFilter{PINID: sent.PinID}, 0)
	must(t, err)
	answer, err := srv.Client.VerifyPIN(ctx, sent.PinID, message.Pin)
	must(t, err)
	if !answer.Verified {
		t.Errorf("the PIN of the message is not verified: %+v", answer)
	}
	_, err = srv.Sandbox.PlanFault(ctx, sandbox.FaultPlan{Operation: sandbox.OperationPINStatus, Effect: sandbox.EffectGeneralError, Count: 1})
	must(t, err)
	if _, err := srv.Client.PINStatus(ctx, sent.PinID); err == nil {
		t.Error("a planned fault does not strike")
	}
	second, err := srv.Client.SendPIN(ctx, send)
	must(t, err)
	_, err = srv.Sandbox.MoveClock(ctx, time.Hour)
	must(t, err)
	late, err := srv.Client.VerifyPIN(ctx, second.PinID, "000000")
	must(t, err)
	if client.OutcomeOf(late) != client.OutcomeExpired {
		t.Errorf("an hour later the outcome is %v", client.OutcomeOf(late))
	}
	page, err := srv.Sandbox.List(ctx, sandbox.ListFilter{})
	must(t, err)
	if len(page.Messages) != 2 {
		t.Errorf("the inbox has %d messages, want its own two", len(page.Messages))
	}
}

// TestNew_ends_with_calls_under_way wants a test to end at once whatever still rings or waits.
func TestNew_ends_with_calls_under_way(t *testing.T) {
	t.Parallel()
	began := time.Now()
	t.Run("ringing", func(t *testing.T) {
		srv := pinposttest.New(t)
		_, err := srv.Client.SendPINByVoice(t.Context(), api.SendPinOverVoiceRequest{
			To: "33639980900", ApplicationID: srv.ApplicationID, MessageID: srv.MessageID,
		}, client.RespondAsync())
		must(t, err)
		go func() { _, _ = srv.Sandbox.Wait(t.Context(), sandbox.WaitFilter{To: "41790000000"}, time.Minute) }()
	})
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("the test took %s to end", took)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
