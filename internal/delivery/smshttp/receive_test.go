package smshttp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/smshttptest"
)

func TestReceipts_come_back(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		suffix string
		state  delivery.State
	}{
		"delivered":     {"00", delivery.StateDelivered},
		"not delivered": {smshttptest.SuffixFailed, delivery.StateNotDelivered},
		"expired":       {smshttptest.SuffixExpired, delivery.StateExpired},
	}
	each(t, func(t *testing.T, k kind) {
		for _, auth := range []string{"", smshttp.AuthPath} {
			if auth != "" && k.name == "twilio" {
				continue
			}
			w := setup(t, k, options{auth: auth})
			receipts := w.take(t)
			for name, tt := range tests {
				accepted, err := w.Send(t.Context(), text(tt.suffix))
				if err != nil || accepted.State != delivery.StateWaiting {
					t.Fatalf("%s: got %+v, %v, want waiting", name, accepted, err)
				}
				r := await(t, receipts)
				if r.State != tt.state || r.Carrier != k.name || r.RemoteID != accepted.RemoteID || r.AttemptID != "att-"+tt.suffix {
					t.Errorf("%s: got %+v, want %s of %s and att-%s", name, r, tt.state, accepted.RemoteID, tt.suffix)
				}
				if r.Code == "" || r.At.IsZero() || strings.Contains(r.Code, pin) {
					t.Errorf("%s: got code %q at %v, want the gateway's word without the text", name, r.Code, r.At)
				}
			}
			if err := w.gateway.AwaitCallbacks(t.Context(), len(tests)); err != nil {
				t.Fatal(err)
			}
			for _, status := range w.gateway.Callbacks() {
				if status != http.StatusOK {
					t.Errorf("a callback was answered %d, want 200", status)
				}
			}
		}
	})
}

func TestReceipts_gateway_comes_again_until_they_are_stored(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{ack: 50 * time.Millisecond})
		if _, err := w.Send(t.Context(), text("00")); err != nil {
			t.Fatal(err)
		}
		first := await(t, w.Receipts()) // is not acknowledged
		if err := w.gateway.AwaitCallbacks(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if got := w.gateway.Callbacks()[0]; got != http.StatusServiceUnavailable {
			t.Errorf("a receipt that was not stored: answered %d, want 503", got)
		}
		receipts := w.take(t)
		if again := await(t, receipts); again.RemoteID != first.RemoteID || again.State != first.State {
			t.Errorf("got %+v, want %+v again", again, first.Receipt)
		}
		first.Ack() // too late, and harmless
	})
}

func TestReceipts_strangers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		ways := map[string]int{"": 403, smshttp.AuthPath: 403, smshttp.AuthBasic: 401, smshttp.AuthBearer: 401}
		for auth, want := range ways {
			if k.name == "twilio" && auth != "" || k.name == "kannel" && auth == smshttp.AuthBearer {
				continue // it cannot be told to
			}
			w := setup(t, k, options{auth: auth})
			address := w.door.URL + "/carriers/x/receipts"
			for _, path := range []string{"", "/", "/" + token[1:], "?token=", "?token=" + token[1:], "?token=wrong&attempt=1&type=1"} {
				if got := call(t, http.MethodPost, address+path, "application/json", `{"results":[]}`); got != want {
					t.Errorf("%s %q: got %d, want %d", auth, path, got, want)
				}
			}
		}
	})
}

func TestReceipts_not_understood(t *testing.T) {
	t.Parallel()
	w := setup(t, kinds[1], options{})
	address := w.door.URL + "/carriers/x/receipts?token=" + token
	tests := map[string]struct {
		method, body string
		want         int
	}{
		"no JSON":       {http.MethodPost, "{", 400},
		"no results":    {http.MethodPost, "{}", 400},
		"no id":         {http.MethodPost, `{"results":[{"status":{"groupId":3}}]}`, 400},
		"no status":     {http.MethodPost, `{"results":[{"messageId":"1"}]}`, 400},
		"on its way":    {http.MethodPost, `{"results":[{"messageId":"1","status":{"groupId":1}}]}`, 200},
		"unknown state": {http.MethodPost, `{"results":[{"messageId":"1","status":{"groupName":"ODD"}}]}`, 200},
		"too long":      {http.MethodPost, strings.Repeat(" ", 300<<10), 413},
		"method":        {http.MethodDelete, "", 405},
	}
	for name, tt := range tests {
		if got := call(t, tt.method, address, "application/json", tt.body); got != tt.want {
			t.Errorf("%s: got %d, want %d", name, got, tt.want)
		}
	}
}

func TestReceipts_several_in_one_push(t *testing.T) {
	t.Parallel()
	w := setup(t, kinds[1], options{})
	receipts := w.take(t)
	var results []string
	for i := range 100 {
		results = append(results, fmt.Sprintf(`{"messageId":"m%d","status":{"groupName":"DELIVERED","name":"DELIVERED_TO_HANDSET"}}`, i))
	}
	body := `{"results":[` + strings.Join(results, ",") + `]}`
	if got := call(t, http.MethodPost, w.door.URL+"/?token="+token, "application/json", body); got != http.StatusOK {
		t.Fatalf("got %d, want 200", got)
	}
	for i := range 100 {
		if r := await(t, receipts); r.RemoteID != fmt.Sprintf("m%d", i) || r.State != delivery.StateDelivered {
			t.Fatalf("receipt %d: got %+v", i, r)
		}
	}
}

func TestReceipts_closing_carrier_sends_the_gateway_away(t *testing.T) {
	t.Parallel()
	w := setup(t, kinds[1], options{})
	waiting := make(chan int, 1)
	body := `{"results":[{"messageId":"1","status":{"groupId":3}}]}`
	go func() { waiting <- call(t, http.MethodPost, w.door.URL+"/?token="+token, "application/json", body) }()
	<-w.Receipts() // and nobody acknowledges it
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := await(t, waiting); got != http.StatusServiceUnavailable {
		t.Errorf("a callback that waited: got %d, want 503", got)
	}
	if got := call(t, http.MethodPost, w.door.URL+"/?token="+token, "application/json", body); got != http.StatusServiceUnavailable {
		t.Errorf("after close: got %d, want 503", got)
	}
}

func TestCarrier_tells_no_secrets(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{timeout: 200 * time.Millisecond})
		w.take(t)
		var told []string
		for _, suffix := range []string{"00", "11", "12", "13", "50", "52", "53", "58", "66", "77", "88", "99"} {
			_, err := w.Send(t.Context(), text(suffix))
			told = append(told, fmt.Sprintf("%v %+v %#v", err, err, err))
		}
		away := setup(t, k, options{address: "http://127.0.0.1:1"})
		_, err := away.Send(t.Context(), text("00"))
		refused, _ := errors.AsType[*delivery.Error](err)
		call(t, http.MethodPost, w.door.URL+"/?token=wrong-"+pin, "text/plain", pin)
		told = append(told, fmt.Sprintf("%v %#v", err, refused.Err), w.log.String(), away.log.String(),
			fmt.Sprintf("%v %+v %#v %s", w.Carrier, w.Carrier, w.Carrier, w.Carrier), fmt.Sprint(w.Health(), away.Health()))
		slog.New(slog.NewJSONHandler(w.log, nil)).InfoContext(context.Background(), "carrier", slog.Any("carrier", w.Carrier))
		asJSON, _ := json.Marshal(refused)
		all := strings.Join(told, "\n") + w.log.String() + string(asJSON)
		for _, hidden := range []string{pin, number, token, secret, password, "Vb7", "Your PIN"} {
			if strings.Contains(all, hidden) {
				t.Errorf("%q is told in:\n%s", hidden, all)
			}
		}
	})
}
