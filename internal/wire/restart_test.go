package wire_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/wire"
)

// TestBuild_again_on_a_world_that_is_ahead wants the times that the world stored to be behind it after a restart too, and
// its clock to go back with a reset for good.
func TestBuild_again_on_a_world_that_is_ahead(t *testing.T) {
	t.Parallel()
	settings := config.Default()
	settings.Data = t.TempDir()
	const ahead = `"aheadMs":2592000000`
	var key, send string
	for round, want := range []string{`"aheadMs":0`, ahead, `"aheadMs":0`} {
		house, err := wire.Build(t.Context(), settings, outside())
		must(t, err)
		call := func(method, path, body string, status int) string {
			t.Helper()
			r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
			r.Header.Set("Authorization", "App "+key)
			r.Header.Set("Content-Type", "application/json")
			answer := httptest.NewRecorder()
			house.Handler().ServeHTTP(answer, r)
			if answer.Code != status {
				t.Fatalf("round %d: %s %s answers %d %s, want %d", round, method, path, answer.Code, answer.Body, status)
			}
			return answer.Body.String()
		}
		if round == 0 {
			key, send = furnish(t, house)
		}
		if clock := call(http.MethodGet, "/sandbox/clock", "", 200); !strings.Contains(clock, want) {
			t.Errorf("round %d: the clock is %s, want %s", round, clock, want)
		}
		switch round {
		case 0: // the application has one place a day
			call(http.MethodPost, "/2fa/1/pin", send, 200)
			call(http.MethodPost, "/sandbox/clock", `{"advanceMs":2592000000}`, 200)
			call(http.MethodPost, "/2fa/1/pin", send, 200)
		case 1:
			call(http.MethodPost, "/2fa/1/pin", send, 429)
			call(http.MethodPost, "/sandbox/clock", `{"advanceMs":90000000}`, 200)
			call(http.MethodPost, "/2fa/1/pin", send, 200)
			call(http.MethodPost, "/sandbox/reset", `{"keepApplications":true}`, 200)
			call(http.MethodPost, "/2fa/1/pin", send, 200)
		}
		must(t, house.Close(context.Background()))
	}
}

// furnish makes an account with an application that may send once a day, and gives its key and what to send.
func furnish(t *testing.T, house *wire.House) (key, send string) {
	t.Helper()
	ctx := t.Context()
	owner, err := house.Accounts.Create(ctx, "owner", "a long password")
	must(t, err)
	_, key, err = house.Accounts.CreateKey(ctx, owner.ID, "")
	must(t, err)
	app, err := house.Applications.Create(ctx, application.Input{
		AccountID: owner.ID, Name: new("app"), Configuration: application.ConfigurationInput{InitiationAttempts: new(1)},
	})
	must(t, err)
	m, err := house.Messages.Create(ctx, message.Input{
		AccountID: owner.ID, ApplicationID: app.ID, Text: new("<pin>"), Placeholder: new("<pin>"),
		PINType: new(message.PINTypeHex), PINLength: new(8), Sender: new("Pinpost"),
	})
	must(t, err)
	return key, `{"to":"41793026727","applicationId":"` + app.ID + `","messageId":"` + m.ID + `"}`
}
