package smshttp_test

import (
	"context"
	"errors"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/smshttptest"
)

func TestClose_waits_for_texts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{noReceipts: true})
		sent := make(chan error, 1)
		go func() {
			_, err := w.Send(context.Background(), text(smshttptest.SuffixSlow))
			sent <- err
		}()
		if err := w.gateway.AwaitRequests(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(t.Context()); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := await(t, sent); err != nil {
			t.Errorf("a text being taken: got %v, want taken", err)
		}
		if _, err := w.Send(t.Context(), text("00")); delivery.ClassOf(err) != delivery.Temporary {
			t.Errorf("after close: got %v, want temporary", err)
		}
		if _, open := <-w.Receipts(); open {
			t.Error("receipts are open after close")
		}
		if err := w.Close(t.Context()); err != nil {
			t.Errorf("second close: %v", err)
		}
	})
}

func TestClose_gives_up_texts_when_its_time_ends(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{noReceipts: true})
		sent := make(chan error, 1)
		go func() {
			_, err := w.Send(context.Background(), text(smshttptest.SuffixSilent))
			sent <- err
		}()
		if err := w.gateway.AwaitRequests(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.Close(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("close: got %v, want that its time ended", err)
		}
		refused, _ := errors.AsType[*delivery.Error](await(t, sent))
		if refused == nil || refused.Class != delivery.Ambiguous || refused.Code != "cancelled" {
			t.Errorf("the text: got %v, want ambiguous, cancelled", refused)
		}
	})
}
