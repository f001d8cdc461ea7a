//go:build !race

package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/wire"
)

// BenchmarkHouse makes requests of a whole service with a store that does next to nothing, so that what it measures is
// everything from the door to the carrier but the store. Allocations hold the request's own.
func BenchmarkHouse(b *testing.B) {
	kept := &memory{}
	house, key, app, text := carried(b, func(s wire.Store) wire.Store { kept.Store = s; return kept })
	handler := house.Handler()
	send := fmt.Sprintf(`{"to":"4915112345678","applicationId":%q,"messageId":%q}`, app, text)
	kept.keep(b, handler, key, send)
	for _, each := range []struct{ name, method, path, body string }{
		{"getApplication", http.MethodGet, "/2fa/1/applications/" + app, ""},
		{"sendPinOverSms", http.MethodPost, "/2fa/1/pin", send},
		{"resendPinOverSms", http.MethodPost, "/2fa/1/pin/" + kept.pin.ID + "/resend", "{}"},
		{"verifyPin", http.MethodPost, "/2fa/1/pin/" + kept.pin.ID + "/verify", `{"pin":"12345678"}`},
	} {
		b.Run(each.name, func(b *testing.B) {
			b.ReportAllocs()
			answer := &unread{header: http.Header{}}
			for b.Loop() {
				clear(answer.header)
				handler.ServeHTTP(answer, newRequest(b, each.method, each.path, each.body, key))
			}
			if answer.status != http.StatusOK {
				b.Errorf("%s answers %d", each.name, answer.status)
			}
		})
	}
}

// newRequest is a request as a server reads it.
func newRequest(t testing.TB, method, path, body, key string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	must(t, err)
	r.Header.Set("Authorization", "App "+key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
	return r
}

// memory is a store that keeps the one PIN that was made last, and lets everything pass.
type memory struct {
	wire.Store
	mu  sync.Mutex
	pin pin.PIN
}

func (m *memory) keep(b *testing.B, handler http.Handler, key, body string) {
	b.Helper()
	answer := &unread{header: http.Header{}}
	handler.ServeHTTP(answer, newRequest(b, http.MethodPost, "/2fa/1/pin", body, key))
	if answer.status != http.StatusOK {
		b.Fatalf("a send answers %d", answer.status)
	}
}

func (m *memory) Generation(context.Context) (int64, error) { return 1, nil }

func (m *memory) CreatePIN(_ context.Context, p pin.PIN, _ pin.Delivery, _ []pin.Limit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pin.ID == "" {
		m.pin = p
	}
	return nil
}

func (m *memory) PIN(_ context.Context, _, id string) (pin.PIN, error) {
	if id != m.pin.ID {
		return pin.PIN{}, fault.NotFoundf("no such PIN")
	}
	return m.pin, nil
}

func (m *memory) KnownPIN(ctx context.Context, accountID, id string) (pin.PIN, error) {
	return m.PIN(ctx, accountID, id)
}

func (m *memory) AddDelivery(context.Context, pin.Delivery, pin.Rules, []pin.Limit) (pin.PIN, error) {
	return m.pin, nil
}

func (m *memory) FinishDelivery(context.Context, pin.Outcome) error { return nil }

func (m *memory) Attempt(
	_ context.Context, _ string, _ time.Time, _ pin.Rules, _ pin.Limit, right func(pin.PIN) (bool, error),
) (pin.Attempted, error) {
	verified, err := right(m.pin)
	return pin.Attempted{PIN: m.pin, State: pin.Live, Verified: verified}, err
}
