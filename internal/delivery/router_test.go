package delivery_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// carrier is a Sender, Caller and Lookup that says what it is told to.
type carrier struct {
	delivery.Ongoing
	hang     bool // answers only when its context ends
	err      error
	info     delivery.NumberInfo
	health   delivery.Health
	closeErr error
	closed   int
	deadline bool // whether the last call had one
	sent     []delivery.SMS
	dialled  []delivery.Call
}

func (c *carrier) answer(ctx context.Context) error {
	_, c.deadline = ctx.Deadline()
	if c.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return c.err
}

func (c *carrier) Name() string { return "fake" }

func (c *carrier) Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error) {
	c.sent = append(c.sent, m)
	return delivery.Accepted{Carrier: "fake", RemoteID: "r1", Parts: 1}, c.answer(ctx)
}

func (c *carrier) Dial(ctx context.Context, call delivery.Call) (delivery.Ongoing, error) {
	c.dialled = append(c.dialled, call)
	return c, c.answer(ctx)
}

func (c *carrier) Lookup(ctx context.Context, _ phone.Number) (delivery.NumberInfo, error) {
	return c.info, c.answer(ctx)
}

func (c *carrier) Receipts() <-chan delivery.ReceiptDelivery { return nil }

func (c *carrier) Health() delivery.Health { return c.health }

func (c *carrier) Close(context.Context) error { c.closed++; return c.closeErr }

func TestRouter_without_carriers(t *testing.T) {
	t.Parallel()
	router := &delivery.Router{}

	_, err := router.Send(t.Context(), delivery.SMS{To: number, PIN: pin, Text: pin})
	if got := delivery.ClassOf(err); got != delivery.LinkDown || delivery.StateOf(err) != delivery.StateNetworkNotAvailable {
		t.Errorf("Send: class %d, state %q, want %d and %q", got, delivery.StateOf(err), delivery.LinkDown, delivery.StateNetworkNotAvailable)
	}
	if err == nil || shows(err.Error()) {
		t.Errorf("Send: error %v, want one without PIN and number", err)
	}

	ongoing, err := router.Dial(t.Context(), delivery.Call{To: number})
	if ongoing != nil || delivery.CallStatusOf(err) != delivery.CallRouteNotAvailable {
		t.Errorf("Dial = %v, %q, want no call and %q", ongoing, delivery.CallStatusOf(err), delivery.CallRouteNotAvailable)
	}

	if info, configured, err := router.Lookup(t.Context(), number); info != (delivery.NumberInfo{}) || configured || err != nil {
		t.Errorf("Lookup = %+v, %t, %v, want nothing configured and no error", info, configured, err)
	}
	for channel, health := range router.Health() {
		if health.Up || health.Detail == "" {
			t.Errorf("Health %s = %+v, want down with a reason", channel, health)
		}
	}
	if got := len(router.Health()); got != 1 {
		t.Errorf("Health has %d channels, want one that is down", got)
	}
	if err := router.Close(t.Context()); err != nil {
		t.Errorf("Close = %v, want nil", err)
	}
}

func TestRouter_hands_on_what_carriers_say(t *testing.T) {
	t.Parallel()
	up := delivery.Health{Up: true, Detail: "bound"}
	info := delivery.NumberInfo{Reach: delivery.NotReachable, Source: "hlr"}
	sms, voice, finder := &carrier{health: up}, &carrier{}, &carrier{info: info}
	router := &delivery.Router{SMS: sms, Voice: voice, Finder: finder}

	accepted, err := router.Send(t.Context(), delivery.SMS{AttemptID: "a1"})
	if err != nil || accepted.RemoteID != "r1" || len(sms.sent) != 1 || sms.sent[0].AttemptID != "a1" {
		t.Errorf("Send = %+v, %v after %d texts, want what the carrier said of a1", accepted, err, len(sms.sent))
	}
	ongoing, err := router.Dial(t.Context(), delivery.Call{AttemptID: "a2"})
	if err != nil || ongoing == nil || len(voice.dialled) != 1 || voice.dialled[0].AttemptID != "a2" {
		t.Errorf("Dial = %v, %v after %d calls, want the carrier's call for a2", ongoing, err, len(voice.dialled))
	}
	got, configured, err := router.Lookup(t.Context(), number)
	if got != info || !configured || err != nil {
		t.Errorf("Lookup = %+v, %t, %v, want %+v, true and no error", got, configured, err, info)
	}
	if health := router.Health(); health["sms"] != up || health["voice"].Up {
		t.Errorf("Health = %+v, want sms up and voice down", health)
	}

	refusal := &delivery.Error{Class: delivery.NoCredit, Carrier: "fake"}
	sms.err, voice.err, finder.err = refusal, refusal, io.EOF
	if _, err := router.Send(t.Context(), delivery.SMS{}); !errors.Is(err, refusal) {
		t.Errorf("Send = %v, want the carrier's refusal", err)
	}
	if _, err := router.Dial(t.Context(), delivery.Call{}); !errors.Is(err, refusal) {
		t.Errorf("Dial = %v, want the carrier's refusal", err)
	}
	if _, configured, err := router.Lookup(t.Context(), number); !configured || !errors.Is(err, io.EOF) {
		t.Errorf("Lookup = %t, %v, want configured and its error", configured, err)
	}
}

func TestRouter_gives_carriers_a_time_to_answer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ask  func(context.Context, *delivery.Router) error
		want time.Duration
	}{
		"a text": {func(ctx context.Context, r *delivery.Router) error {
			_, err := r.Send(ctx, delivery.SMS{})
			return err
		}, delivery.SendTimeout},
		"a lookup": {func(ctx context.Context, r *delivery.Router) error {
			_, _, err := r.Lookup(ctx, number)
			return err
		}, delivery.LookupTimeout},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				silent := &carrier{hang: true}
				start := time.Now()
				err := tt.ask(t.Context(), &delivery.Router{SMS: silent, Finder: silent})
				if took := time.Since(start); took != tt.want {
					t.Errorf("the answer took %v, want %v", took, tt.want)
				}
				if delivery.ClassOf(err) != delivery.Ambiguous {
					t.Errorf("class of %v = %d, want %d: it may have gone out", err, delivery.ClassOf(err), delivery.Ambiguous)
				}
			})
		})
	}
}

func TestRouter_gives_up_earlier_when_the_caller_does(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := (&delivery.Router{SMS: &carrier{hang: true}}).Send(ctx, delivery.SMS{})
		if took := time.Since(start); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Send = %v after %v, want a deadline after %v", err, took, time.Second)
		}
	})
}

func TestRouter_leaves_the_length_of_a_call_to_the_caller(t *testing.T) {
	t.Parallel()
	voice := &carrier{}
	if _, err := (&delivery.Router{Voice: voice}).Dial(t.Context(), delivery.Call{}); err != nil || voice.deadline {
		t.Errorf("Dial = %v with deadline %t, want none of either", err, voice.deadline)
	}
}

func TestRouter_Close(t *testing.T) {
	t.Parallel()
	first, second := errors.New("first"), errors.New("second")
	t.Run("closes both carriers and reports both failures", func(t *testing.T) {
		t.Parallel()
		sms, voice := &carrier{closeErr: first}, &carrier{closeErr: second}
		err := (&delivery.Router{SMS: sms, Voice: voice}).Close(t.Context())
		if sms.closed != 1 || voice.closed != 1 || !errors.Is(err, first) || !errors.Is(err, second) {
			t.Errorf("Close = %v after closing %d and %d times, want both errors and once each", err, sms.closed, voice.closed)
		}
	})
	t.Run("closes a carrier of both channels once", func(t *testing.T) {
		t.Parallel()
		both := &carrier{}
		if err := (&delivery.Router{SMS: both, Voice: both}).Close(t.Context()); err != nil || both.closed != 1 {
			t.Errorf("Close = %v after closing %d times, want nil and once", err, both.closed)
		}
	})
}
