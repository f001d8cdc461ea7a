package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/wire"
)

// losing loses the outcomes that it is handed, and says so when somebody waits for them.
type losing struct {
	wire.Store
	lost []func(error)
}

func (l *losing) FinishDelivery(ctx context.Context, o pin.Outcome) error {
	if o.Lost == nil {
		return l.Store.FinishDelivery(ctx, o)
	}
	l.lost = append(l.lost, o.Lost)
	return nil
}

func (l *losing) Flush(ctx context.Context) error {
	for _, lost := range l.lost {
		lost(errors.New("disk full"))
	}
	return l.Store.Flush(ctx)
}

// TestClose_stores_what_was_lost stops a house whose store has lost the outcome of a text that it was handed: the rules store it once
// more before the store is closed.
func TestClose_stores_what_was_lost(t *testing.T) {
	t.Parallel()
	settings := config.Default()
	settings.Data = t.TempDir()
	store, err := wire.OpenStore(t.Context(), settings)
	must(t, err)
	around := outside()
	around.Store = &losing{Store: store}
	house, err := wire.Build(t.Context(), settings, around)
	must(t, err)
	key, send := furnish(t, house)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/2fa/1/pin", strings.NewReader(send))
	r.Header.Set("Authorization", "App "+key)
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	house.Handler().ServeHTTP(answer, r)
	var sent struct{ PINID string }
	must(t, json.Unmarshal(answer.Body.Bytes(), &sent))
	owner, err := house.Accounts.ByKey(t.Context(), key)
	must(t, err)
	must(t, house.Close(context.Background()))

	store, err = wire.OpenStore(t.Context(), settings)
	must(t, err)
	deliveries, err := store.Deliveries(t.Context(), owner.AccountID, sent.PINID)
	must(t, errors.Join(err, store.Close()))
	if len(deliveries) != 1 || deliveries[0].State == delivery.StateNotSent {
		t.Errorf("got %+v for %s, want one that was sent", deliveries, answer.Body)
	}
}
