//go:build !race

package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/store/sqlite"
	"github.com/pinpost/pinpost/internal/wire"
)

// mostAllocations is what one request may allocate from the door to the carrier and the store: what was measured, and a
// tenth. The store writes each send by itself here, which costs more than where many are written together. Allocations do
// not depend on the machine, as times do; bench measures those. A change that needs more says why, here.
var mostAllocations = map[string]float64{"sendPinOverSms": 117, "getApplication": 5}

// TestAllocations is the gate of what `make bench` measures: no change makes a request dearer unseen. The race detector
// makes pools forget at random, so it has no part in this.
func TestAllocations(t *testing.T) {
	house, key, app, text := carried(t, func(s wire.Store) wire.Store { return s })
	handler, nobody := house.Handler(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	calls := 0
	for name, request := range map[string]func() (method, path, body string){
		"sendPinOverSms": func() (string, string, string) {
			calls++ // a number has three sends a day
			return http.MethodPost, "/2fa/1/pin", fmt.Sprintf(`{"to":"4915%09d","applicationId":%q,"messageId":%q}`, calls, app, text)
		},
		"getApplication": func() (string, string, string) { return http.MethodGet, "/2fa/1/applications/" + app, "" },
	} {
		of := func(h http.Handler, want int) float64 {
			return testing.AllocsPerRun(300, func() {
				method, path, body := request()
				r, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
				must(t, err)
				r.Header.Set("Authorization", "App "+key)
				r.Header.Set("Content-Type", "application/json")
				if body == "" {
					r.Body, r.ContentLength = http.NoBody, 0
				}
				answer := &unread{header: http.Header{}, status: want}
				if h.ServeHTTP(answer, r); answer.status != http.StatusOK {
					t.Fatalf("%s answers %d", name, answer.status)
				}
			})
		}
		got := of(handler, 0) - of(nobody, http.StatusOK)
		t.Logf("%s: %v allocations", name, got)
		if most := mostAllocations[name]; got > most {
			t.Errorf("%s makes %v allocations, want at most %v", name, got, most)
		}
	}
}

// carried is a service as in production, with a store in memory, which the caller may wrap, and a carrier that takes every text.
func carried(t testing.TB, wrap func(wire.Store) wire.Store) (house *wire.House, key, app, text string) {
	t.Helper()
	ctx := t.Context()
	settings := config.Default()
	settings.Mode, settings.Data = config.ModeProduction, t.TempDir()
	memory, err := sqlite.OpenMemory(ctx)
	must(t, err)
	house, err = wire.Build(ctx, settings, wire.Outside{
		Log: observe.NewLogger(io.Discard, slog.LevelInfo, true), SMS: taker{make(chan delivery.ReceiptDelivery)}, Store: wrap(memory),
	})
	must(t, err)
	t.Cleanup(func() { must(t, house.Close(context.Background())) })
	owner, err := house.Accounts.CreateForKeys(ctx, "test")
	must(t, err)
	_, key, err = house.Accounts.CreateKey(ctx, owner.ID, "test")
	must(t, err)
	a, err := house.Applications.Create(ctx, application.Input{
		AccountID: owner.ID, Name: new("app"), Configuration: application.ConfigurationInput{OverallInitiationAttempts: new(math.MaxInt32)},
	})
	must(t, err)
	m, err := house.Messages.Create(ctx, message.Input{
		AccountID: owner.ID, ApplicationID: a.ID, Text: new("<pin>"), Placeholder: new("<pin>"),
		PINType: new(message.PINTypeNumeric), PINLength: new(8), Sender: new("Pinpost"),
	})
	must(t, err)
	return house, key, a.ID, m.ID
}

// taker is a carrier that takes every text and delivers it nowhere.
type taker struct{ receipts chan delivery.ReceiptDelivery }

func (taker) Name() string { return "taker" }
func (taker) Send(context.Context, delivery.SMS) (delivery.Accepted, error) {
	return delivery.Accepted{Carrier: "taker", RemoteID: "1", State: delivery.StateDelivered}, nil
}
func (c taker) Receipts() <-chan delivery.ReceiptDelivery { return c.receipts }
func (taker) Health() delivery.Health                     { return delivery.Health{Up: true} }
func (c taker) Close(context.Context) error               { close(c.receipts); return nil }

// unread is an answer of which the status alone is kept.
type unread struct {
	header http.Header
	status int
}

func (u *unread) Header() http.Header         { return u.header }
func (u *unread) Write(p []byte) (int, error) { return len(p), nil }
func (u *unread) WriteHeader(status int)      { u.status = status }
