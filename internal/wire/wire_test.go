package wire_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/wire"
)

func TestMain(m *testing.M) { os.Exit(canary.Main(m)) }

func outside() wire.Outside {
	return wire.Outside{Log: observe.NewLogger(canary.Log(), slog.LevelDebug, true)}
}

// TestBuild_takes_every_setting_that_is_valid wants the bounds of config and those of the rules to agree.
func TestBuild_takes_every_setting_that_is_valid(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*config.Settings){
		"the defaults":      func(*config.Settings) {},
		"the longest wait":  func(s *config.Settings) { s.CallWait = pin.MaxCallWait },
		"no wait":           func(s *config.Settings) { s.CallWait = 0 },
		"production":        func(s *config.Settings) { s.Mode = config.ModeProduction },
		"answers unchecked": func(s *config.Settings) { s.ValidateResponses = "off" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := config.Default()
			settings.Data = t.TempDir()
			change(&settings)
			house, err := wire.Build(t.Context(), settings, outside())
			if err != nil {
				t.Fatalf("Build gives %v, want a house", err)
			}
			if err := house.Close(context.Background()); err != nil {
				t.Errorf("Close gives %v", err)
			}
		})
	}
	settings := config.Default()
	settings.CallWait = pin.MaxCallWait + 1
	if settings.Validate() == nil {
		t.Error("config takes a longer wait than the rules do")
	}
}

// TestBuild_refuses_foreign_keys wants a lost key file to be found out at start, and not when people ask for a resend.
func TestBuild_refuses_foreign_keys(t *testing.T) {
	t.Parallel()
	settings := config.Default()
	settings.Data = t.TempDir()
	sendOne(t, settings)
	if err := os.Remove(settings.KeyFile()); err != nil {
		t.Fatal(err)
	}
	house, err := wire.Build(t.Context(), settings, outside())
	if err == nil || !strings.Contains(err.Error(), "do not open the PINs") {
		t.Fatalf("Build with another key gives %v, want it refused", err)
	}
	if house != nil {
		t.Error("Build gives a house beside its error")
	}
}

// sendOne runs the service for one PIN and stops it.
func sendOne(t *testing.T, settings config.Settings) {
	t.Helper()
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	house, err := wire.Build(ctx, settings, outside())
	must(err)
	owner, err := house.Accounts.Create(ctx, "owner", "a long password")
	must(err)
	_, key, err := house.Accounts.CreateKey(ctx, owner.ID, "")
	must(err)
	app, err := house.Applications.Create(ctx, application.Input{AccountID: owner.ID, Name: new("app")})
	must(err)
	m, err := house.Messages.Create(ctx, message.Input{
		AccountID: owner.ID, ApplicationID: app.ID, Text: new("<pin>"), Placeholder: new("<pin>"),
		PINType: new(message.PINTypeHex), PINLength: new(8), Sender: new("Pinpost"),
	})
	must(err)
	body := `{"to":"41793026727","applicationId":"` + app.ID + `","messageId":"` + m.ID + `"}`
	req := httptest.NewRequest(http.MethodPost, "/2fa/1/pin", strings.NewReader(body))
	req.Header.Set("Authorization", "App "+key)
	req.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	house.Handler().ServeHTTP(recorder, req)
	if recorder.Code != http.StatusOK {
		t.Fatalf("send answers %d %s, want 200", recorder.Code, recorder.Body)
	}
	must(house.Close(ctx))
}
