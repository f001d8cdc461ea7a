package wire_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/wire"
)

// fakeSender is a carrier of texts that delivers at once.
type fakeSender struct {
	receipts chan delivery.ReceiptDelivery
	mu       sync.Mutex
	sent     []delivery.SMS
	closed   int
}

func newFakeSender() *fakeSender {
	return &fakeSender{receipts: make(chan delivery.ReceiptDelivery)}
}

// Name is "fake".
func (*fakeSender) Name() string { return "fake" }

// Send keeps the text.
func (f *fakeSender) Send(_ context.Context, m delivery.SMS) (delivery.Accepted, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, m)
	return delivery.Accepted{Carrier: "fake", RemoteID: m.AttemptID, State: delivery.StateDelivered}, nil
}

// Receipts has none.
func (f *fakeSender) Receipts() <-chan delivery.ReceiptDelivery { return f.receipts }

// Health is up.
func (*fakeSender) Health() delivery.Health { return delivery.Health{Up: true} }

// Close ends the receipts.
func (f *fakeSender) Close(context.Context) error {
	f.closed++
	close(f.receipts)
	return nil
}

// fakeCaller is a carrier of calls that takes none.
type fakeCaller struct{}

// Name is "fake".
func (fakeCaller) Name() string { return "fake" }

// Dial refuses.
func (fakeCaller) Dial(context.Context, delivery.Call) (delivery.Ongoing, error) {
	return nil, errors.New("takes no calls")
}

// Health is up.
func (fakeCaller) Health() delivery.Health { return delivery.Health{Up: true} }

// Close does nothing.
func (fakeCaller) Close(context.Context) error { return nil }

func production(t *testing.T) config.Settings {
	t.Helper()
	settings := config.Default()
	settings.Mode, settings.Data = config.ModeProduction, t.TempDir()
	return settings
}

// TestBuild_refuses_carriers_in_a_sandbox wants it refused before anything is made.
func TestBuild_refuses_carriers_in_a_sandbox(t *testing.T) {
	t.Parallel()
	for name, bring := range map[string]func(*wire.Outside){
		"texts": func(o *wire.Outside) { o.SMS = newFakeSender() },
		"calls": func(o *wire.Outside) { o.Voice = fakeCaller{} },
	} {
		settings := config.Default()
		settings.Data = filepath.Join(t.TempDir(), "data")
		o := outside()
		bring(&o)
		house, err := wire.Build(t.Context(), settings, o)
		if !errors.Is(err, config.ErrSandboxCarriers) || house != nil {
			t.Errorf("Build of a sandbox with a carrier of %s gives %v, want it refused", name, err)
		}
		if _, err := os.Stat(settings.Data); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the data folder was made (%v), want nothing done", err)
		}
	}
}

// TestBuild_says_which_carriers_are_missing wants the log and /readyz to agree on what a production house can reach.
func TestBuild_says_which_carriers_are_missing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bring  func(*wire.Outside)
		warns  string
		status int
		ready  string
	}{
		"none": {func(*wire.Outside) {}, "no carrier is set up: every text answers MESSAGE_NOT_SENT, every call ERROR_ROUTE_NOT_AVAILABLE",
			http.StatusServiceUnavailable, "The sms carrier is down"},
		// Somebody may want one channel alone.
		"texts": {func(o *wire.Outside) { o.SMS = newFakeSender() }, "no carrier is set up for calls", http.StatusOK, "ok"},
		"calls": {func(o *wire.Outside) { o.Voice = fakeCaller{} }, "no carrier is set up for texts", http.StatusOK, "ok"},
		"both":  {func(o *wire.Outside) { o.SMS, o.Voice = newFakeSender(), fakeCaller{} }, "", http.StatusOK, "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			o := wire.Outside{Log: observe.NewLogger(&log, slog.LevelWarn, true)}
			c.bring(&o)
			house, err := wire.Build(t.Context(), production(t), o)
			must(t, err)
			warned := strings.Count(log.String(), "no carrier is set up")
			if !strings.Contains(log.String(), c.warns) || warned > 1 || (c.warns == "") != (warned == 0) {
				t.Errorf("the log says %q, want one warning %q", log.String(), c.warns)
			}
			recorder := httptest.NewRecorder()
			house.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/readyz", nil))
			if recorder.Code != c.status || !strings.Contains(recorder.Body.String(), c.ready) {
				t.Errorf("/readyz answers %d %s, want %d and %q", recorder.Code, recorder.Body, c.status, c.ready)
			}
			must(t, house.Close(context.Background()))
		})
	}
}

// TestProduction_sends_over_a_carrier sends one PIN and verifies what the carrier got.
func TestProduction_sends_over_a_carrier(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	carrier := newFakeSender()
	o := outside()
	o.SMS, o.Voice = carrier, fakeCaller{}
	house, err := wire.Build(ctx, production(t), o)
	must(t, err)
	owner, err := house.Accounts.Create(ctx, "owner", "a long password")
	must(t, err)
	_, key, err := house.Accounts.CreateKey(ctx, owner.ID, "")
	must(t, err)
	app, err := house.Applications.Create(ctx, application.Input{AccountID: owner.ID, Name: new("app")})
	must(t, err)
	m, err := house.Messages.Create(ctx, message.Input{
		AccountID: owner.ID, ApplicationID: app.ID, Text: new("PIN <pin>"), Placeholder: new("<pin>"),
		PINType: new(message.PINTypeNumeric), PINLength: new(8), Sender: new("Pinpost"),
	})
	must(t, err)
	post := func(path, body, want string) {
		t.Helper()
		req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		req.Header.Set("Authorization", "App "+key)
		req.Header.Set("Content-Type", "application/json")
		recorder := httptest.NewRecorder()
		house.Handler().ServeHTTP(recorder, req)
		if recorder.Code != http.StatusOK || !strings.Contains(recorder.Body.String(), want) {
			t.Errorf("POST %s answers %d %s, want %s", path, recorder.Code, recorder.Body, want)
		}
	}
	const number = "33639980400" // a scenario number of sandboxes, which refuse it; here it is like any other
	send := `{"to":"` + number + `","applicationId":"` + app.ID + `","messageId":"` + m.ID + `"}`
	post("/2fa/1/pin", send, `"smsStatus":"MESSAGE_SENT"`)
	if len(carrier.sent) != 1 {
		t.Fatalf("the carrier got %d texts, want 1", len(carrier.sent))
	}
	got := carrier.sent[0]
	code := got.PIN.Reveal()
	canary.Watch(key, code, number)
	if got.To.Digits() != number || got.From != "Pinpost" || got.Text.Reveal() != "PIN "+code || len(code) != 8 {
		t.Errorf("the carrier got %v from %s, want the message", got, got.From)
	}
	post("/2fa/1/pin/"+got.PINID+"/verify", `{"pin":"`+code+`"}`, `"verified":true`)
	post("/2fa/1/pin/voice", send, `"callStatus":"ERROR"`)
	must(t, house.Close(ctx))
	if carrier.closed != 1 {
		t.Errorf("the carrier was closed %d times, want once", carrier.closed)
	}
}
