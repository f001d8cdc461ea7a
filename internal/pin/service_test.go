package pin

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

func TestNew_refuses_missing_dependencies(t *testing.T) {
	t.Parallel()
	sealer, err := NewSealer(rand.Reader, make([]byte, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	whole := Deps{
		Store: newFakeStore(), Applications: fakeApplications{}, Messages: fakeMessages{}, Dock: &fakeDock{},
		Sealer: sealer, Now: time.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler),
	}
	for _, wait := range []time.Duration{0, time.Second, MaxCallWait} {
		deps := whole
		deps.CallWait = wait
		if _, err := New(deps); err != nil {
			t.Errorf("New with a wait of %v = %v, want nil", wait, err)
		}
	}
	tests := map[string]func(*Deps){
		"Store":        func(d *Deps) { d.Store = nil },
		"Applications": func(d *Deps) { d.Applications = nil },
		"Messages":     func(d *Deps) { d.Messages = nil },
		"Dock":         func(d *Deps) { d.Dock = nil },
		"Sealer":       func(d *Deps) { d.Sealer = nil },
		"Now":          func(d *Deps) { d.Now = nil },
		"Rand":         func(d *Deps) { d.Rand = nil },
		"Log":          func(d *Deps) { d.Log = nil },
		"CallWait":     func(d *Deps) { d.CallWait = MaxCallWait + 1 },
		"a CallWait":   func(d *Deps) { d.CallWait = -1 },
	}
	for name, without := range tests {
		deps := whole
		without(&deps)
		if service, err := New(deps); service != nil || err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("New with no good %s = %v, %v, want an error that names it", name, service, err)
		}
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	t.Run("is done at once when no call is under way", func(t *testing.T) {
		t.Parallel()
		if err := setup(t).Close(t.Context()); err != nil {
			t.Errorf("Close = %v, want nil", err)
		}
	})
	t.Run("waits until every outcome is stored", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := setup(t)
			var ids []string
			for i := range 3 {
				call := newCall()
				time.AfterFunc(time.Duration(i+1)*10*time.Second, func() { call.hangUp(delivery.CallNoAnswer, nil) })
				b.dock.ongoing = call
				result, err := b.SendVoice(t.Context(), input(), new(time.Duration(0)))
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, result.PINID)
			}
			start := time.Now()
			if err := b.Close(t.Context()); err != nil || time.Since(start) != 30*time.Second {
				t.Errorf("Close = %v after %v, want nil after the longest call, %v", err, time.Since(start), 30*time.Second)
			}
			for _, id := range ids {
				if got := b.delivery(t, id).State; got != delivery.StateNotDelivered {
					t.Errorf("state = %s, want %s", got, delivery.StateNotDelivered)
				}
			}
		})
	})
	t.Run("gives up with its context, and the outcome is stored all the same", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := setup(t)
			call := newCall()
			b.dock.ongoing = call
			result, err := b.SendVoice(t.Context(), input(), new(time.Duration(0)))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			start := time.Now()
			if err := b.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 20*time.Second {
				t.Errorf("Close = %v after %v, want its deadline after %v", err, time.Since(start), 20*time.Second)
			}
			call.hangUp(delivery.CallProcessed, nil)
			synctest.Wait()
			if got := b.delivery(t, result.PINID).State; got != delivery.StateDelivered {
				t.Errorf("state = %s, want %s", got, delivery.StateDelivered)
			}
		})
	})
}
