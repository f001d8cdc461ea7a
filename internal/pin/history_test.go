package pin

import (
	"context"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

func TestHistory(t *testing.T) {
	t.Parallel()
	text := func(b *bench) (string, error) {
		in := input()
		in.LookupNeeded = true
		result, err := b.SendSMS(t.Context(), in)
		return result.PINID, err
	}
	call := func(b *bench) (string, error) {
		result, err := b.SendVoice(t.Context(), input(), nil)
		return result.PINID, err
	}
	tests := map[string]struct {
		script func(*fakeDock)
		send   func(*bench) (string, error)
		want   []delivery.State
	}{
		"a text that is taken":   {func(*fakeDock) {}, text, []delivery.State{delivery.StateNotSent, delivery.StateAccepted}},
		"a text that nobody has": {func(d *fakeDock) { d.sendErr = io.EOF }, text, []delivery.State{delivery.StateNotSent, delivery.StateNetworkNotAvailable}},
		"a text that the lookup stops": {
			func(d *fakeDock) { d.configured, d.info.Reach = true, delivery.NotReachable }, text, []delivery.State{delivery.StateNotSent},
		},
		"a call that is taken": {func(*fakeDock) {}, call, []delivery.State{delivery.StateWaiting, delivery.StateDelivered}},
		"a call that never ends": {
			ends(delivery.CallProcessing, nil), call, []delivery.State{delivery.StateWaiting},
		},
		"a call that nobody has": {func(d *fakeDock) { d.dialErr = io.EOF }, call, []delivery.State{delivery.StateWaiting, delivery.StateSystemError}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			tt.script(b.dock)
			id, err := tt.send(b)
			if err != nil {
				t.Fatal(err)
			}
			b.wantHistory(t, id, tt.want, slices.Repeat([]time.Time{noon}, len(tt.want)))
		})
	}
}

// wantHistory checks the states and times of the one delivery of a PIN.
func (b *bench) wantHistory(t *testing.T, id string, states []delivery.State, times []time.Time) {
	t.Helper()
	want := make([]delivery.Change, len(states))
	for i := range states {
		want[i] = delivery.Change{State: states[i], At: times[i]}
	}
	d := b.delivery(t, id)
	if !slices.Equal(d.History, want) || d.State != states[len(states)-1] || !d.At.Equal(times[0]) {
		t.Errorf("history = %v in state %s since %v, want %v", d.History, d.State, d.At, want)
	}
}

func TestHistory_has_the_times_of_the_account(t *testing.T) {
	t.Parallel()
	b := setup(t, func(d *Deps) { d.Sandbox = ahead{d.Now, Special{}} })
	b.dock.sending = func(context.Context) { b.moves(time.Minute) } // while the text is with the carrier
	id, _ := b.sent(t)
	b.wantHistory(t, id, []delivery.State{delivery.StateNotSent, delivery.StateAccepted},
		[]time.Time{noon.Add(time.Hour), noon.Add(time.Hour + time.Minute)})
}

func TestHistory_of_what_comes_late(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.dock.accepted.State = delivery.StateWaiting
		b.store.breaks("FinishDelivery", errDown)
		id, _ := b.sent(t)
		b.wantHistory(t, id, []delivery.State{delivery.StateNotSent}, []time.Time{noon})
		b.at(AbandonedAfter + time.Second)
		b.purgeOnce(t.Context(), 24*time.Hour)
		b.store.breaks("FinishDelivery", nil)
		time.Sleep(recordPause) // of the bubble, and then the outcome is stored after all
		synctest.Wait()
		receipts, _, _ := b.reading(t)
		receipts <- receipt(b.delivery(t, id).ID, delivery.StateDelivered).ReceiptDelivery
		synctest.Wait()
		b.wantHistory(t, id,
			[]delivery.State{delivery.StateNotSent, delivery.StateUnknown, delivery.StateWaiting, delivery.StateDelivered},
			[]time.Time{noon, noon.Add(AbandonedAfter + time.Second), noon, noon}) // of the outcome and the receipt themselves
	})
}
