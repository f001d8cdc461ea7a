package smshttp_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/smshttptest"
)

func TestSend_nobody_there(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{address: closed.URL, noReceipts: true})
		for i := range 3 {
			if up := w.Health().Up; !up {
				t.Errorf("down after %d requests, want up", i)
			}
			_, err := w.Send(t.Context(), text("00"))
			refused, _ := errors.AsType[*delivery.Error](err)
			if refused == nil || refused.Class != delivery.LinkDown || refused.Code != "connection refused" {
				t.Fatalf("got %v, want link down for connection refused", err)
			}
		}
		if h := w.Health(); h.Up || !strings.Contains(h.Detail, "connection refused") {
			t.Errorf("got %+v, want down and why", h)
		}
	})
}

func TestSend_wrong_password(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{key: "another-secret", noReceipts: true})
		for range 3 {
			if _, err := w.Send(t.Context(), text("00")); delivery.ClassOf(err) != delivery.Unauthorised {
				t.Errorf("got %v, want unauthorised", err)
			}
		}
		if w.Health().Up {
			t.Error("got up, want down after three refusals of our credentials")
		}
	})
}

func TestHealth_comes_back(t *testing.T) {
	t.Parallel()
	w := setup(t, kinds[0], options{noReceipts: true})
	for range 3 {
		_, _ = w.Send(t.Context(), text(smshttptest.SuffixDown))
	}
	before := w.Health()
	_, _ = w.Send(t.Context(), text(smshttptest.SuffixBadNumber))
	after := w.Health()
	if before.Up || !after.Up || !after.Since.After(before.Since) {
		t.Errorf("got %+v and %+v, want down, and up again since a refusal that shows the link", before, after)
	}
}
