//go:build postgres

package postgres

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
)

// TestGeneration changes everything that a cache may hold: the number is another one after each change, on each replica.
func TestGeneration(t *testing.T) {
	t.Parallel()
	stores := replicas(t, 2)
	s, ctx := stores[0], t.Context()
	last, err := stores[1].Generation(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		name    string
		do      func() error
		changes bool
	}{
		{"key", func() error { return s.CreateKey(ctx, account.Key{ID: "new", AccountID: "account"}) }, true},
		{"key revoked", func() error { return s.RevokeKey(ctx, "new", time.UnixMilli(1)) }, true},
		{"application", func() error {
			_, err := s.UpdateApplication(ctx, "account", "application", func(*application.Application) error { return nil })
			return err
		}, true},
		{"message", func() error {
			_, err := s.UpdateMessage(ctx, "account", "application", "message", func(*message.Message) error { return nil })
			return err
		}, true},
		{"PIN", func() error { return keep(s, 1) }, false},
		{"reset", func() error { return s.ResetAccount(ctx, "account", nil) }, true},
		{"account revoked", func() error { return s.RevokeAccount(ctx, "name", time.UnixMilli(1)) }, true},
		{"account deleted", func() error { _, err := s.DeleteAccount(ctx, "account"); return err }, true},
	} {
		if err := one.do(); err != nil {
			t.Fatalf("%s: %v", one.name, err)
		}
		now, err := stores[1].Generation(ctx)
		if err != nil || (now != last) != one.changes {
			t.Errorf("%s: got generation %d after %d, error %v; want another: %t", one.name, now, last, err, one.changes)
		}
		last = now
	}
}
