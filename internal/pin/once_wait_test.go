package pin

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
)

func TestOnce_of_many_at_once_one_sends(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bench, ask func(*Once) (heard, error)) {
		b.dock.sending = func(context.Context) { time.Sleep(20 * time.Millisecond) } // so that the others come meanwhile
		answers, firsts := make([]heard, 64), 0
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() {
				var err error
				if answers[i], err = ask(keyed("x")); err != nil {
					t.Errorf("answer %v, want one", err)
				}
			})
		}
		all.Wait()
		for i := range answers {
			if answers[i].repeatOf == "" {
				firsts++
			}
			answers[i].repeatOf = ""
			if answers[i] != answers[0] {
				t.Errorf("answer %+v, want %+v", answers[i], answers[0])
			}
		}
		if firsts != 1 || b.went() != 2 {
			t.Errorf("%d first answers and %d messages, want 1, and 2 with the PIN before", firsts, b.went())
		}
	})
}

func TestOnce_waits_no_longer_than_it_may(t *testing.T) {
	t.Parallel()
	b := setup(t)
	came, leave := make(chan struct{}), make(chan struct{})
	b.dock.sending = func(context.Context) { close(came); <-leave }
	in := input()
	in.Once = keyed("x")
	var first SMSResult
	var working sync.WaitGroup
	working.Go(func() { first, _ = b.SendSMS(t.Context(), in) })
	<-came
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for _, contents := range []string{"x", "y"} {
		other := in
		other.Once = keyed(contents)
		_, err := b.SendSMS(late, other)
		b.refused(t, err, fault.Unavailable, "The first request with this Idempotency-Key is still under way")
	}
	close(leave)
	again, err := b.SendSMS(t.Context(), in)
	working.Wait()
	if first.RepeatOf = again.RepeatOf; err != nil || again != first || b.went() != 1 {
		t.Errorf("again %+v, %v with %d messages, want %+v with one", again, err, b.went(), first)
	}
}

func TestOnce_of_a_call(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		wait  time.Duration
		leave bool // the caller, before the call ends
		late  bool // the end of the call, after the answer
		want  delivery.CallStatus
	}{
		"that ends within the wait":     {wait: time.Minute, want: delivery.CallUserBusy},
		"that ends after it left":       {wait: time.Minute, leave: true, want: delivery.CallUserBusy},
		"that outlives the wait":        {wait: time.Millisecond, late: true, want: delivery.CallProcessing},
		"that nobody waits for":         {late: true, want: delivery.CallProcessing},
		"that nobody waits for at once": {want: delivery.CallProcessing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			call := newCall()
			b.dock.ongoing = call
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			if tt.leave {
				time.AfterFunc(10*time.Millisecond, leave)
			}
			if !tt.late {
				time.AfterFunc(50*time.Millisecond, func() { call.hangUp(delivery.CallUserBusy, nil) })
			}
			in := input()
			in.Once = keyed("x")
			first, err := b.SendVoice(ctx, in, &tt.wait)
			if err != nil || first.Status != tt.want {
				t.Fatalf("SendVoice = %+v, %v, want %s", first, err, tt.want)
			}
			again := func(when string) {
				wait := 30 * time.Second
				repeated, err := b.SendVoice(t.Context(), in, &wait)
				if repeated.PINID != first.PINID || repeated.Status != tt.want || err != nil || b.went() != 1 {
					t.Errorf("%s: %+v, %v with %d calls, want %s and one", when, repeated, err, b.went(), tt.want)
				}
			}
			again("before it ended")
			if tt.late {
				call.hangUp(delivery.CallUserBusy, nil)
			}
			if err := b.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			again("after it ended")
			if d := b.delivery(t, first.PINID); d.State != delivery.CallUserBusy.State() {
				t.Errorf("delivery is %s, want %s", d.State, delivery.CallUserBusy.State())
			}
			kept, _ := b.store.First(t.Context(), "A", keyed("x").KeyHash)
			if kept.Answer == nil || kept.Answer.CallStatus != tt.want {
				t.Errorf("kept is %+v, want %s", kept.Answer, tt.want)
			}
			b.given.Range(func(id, answer any) bool { t.Errorf("%v is still remembered: %v", id, answer); return true })
		})
	}
}

// TestOnce_after_a_crash has a process die between keeping the delivery and hearing of its outcome.
func TestOnce_after_a_crash(t *testing.T) {
	t.Parallel()
	sent := Answer{NCStatus: NCUnknown, SMSStatus: SMSSent}
	not := Answer{NCStatus: NCUnknown, SMSStatus: SMSNotSent}
	for name, tt := range map[string]struct {
		by      Channel
		receipt delivery.State
		purged  bool
		want    Answer
	}{
		"a text of which nothing is known":     {by: ChannelSMS, want: not},
		"a text that a carrier reported":       {by: ChannelSMS, receipt: delivery.StateNotDelivered, want: sent},
		"a text that was given up":             {by: ChannelSMS, purged: true, want: not},
		"a call":                               {by: ChannelVoice, want: Answer{CallStatus: delivery.CallProcessing}},
		"a call that was given up":             {by: ChannelVoice, purged: true, want: Answer{CallStatus: delivery.CallProcessing}},
		"a call that a carrier reported since": {by: ChannelVoice, receipt: delivery.StateDelivered, want: Answer{CallStatus: delivery.CallProcessing}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			in := input()
			in.Once = keyed("x")
			lost, err := b.create(t.Context(), in, tt.by)
			if err != nil {
				t.Fatal(err)
			}
			if tt.receipt != "" {
				_ = b.store.RecordReceipt(t.Context(), delivery.Receipt{AttemptID: lost.delivery.ID, State: tt.receipt, At: noon})
			}
			if tt.purged {
				b.moves(AbandonedAfter + time.Second)
				b.purgeOnce(t.Context(), 0)
			}
			ask := asks["send"]
			if tt.by == ChannelVoice {
				ask = asks["call"]
			}
			want := heard{lost.pin.ID, number, tt.want, lost.delivery.ID}
			for range 2 {
				if got, err := ask(t, b, "A", "", keyed("x")); err != nil || got != want || b.went() != 0 {
					t.Errorf("answer %+v, %v with %d messages, want %+v with none", got, err, b.went(), want)
				}
				// What comes later changes nothing.
				_ = b.store.RecordReceipt(t.Context(), delivery.Receipt{AttemptID: lost.delivery.ID, State: delivery.StateDelivered, At: noon})
			}
			b.store.breaks("KeepAnswer", errDown)
			if got, err := ask(t, b, "A", "", keyed("x")); err != nil || got != want {
				t.Errorf("answer %+v, %v, want the one that was kept: %+v", got, err, want)
			}
		})
	}
}
