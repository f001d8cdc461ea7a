package sandbox_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/sandbox"
)

var errFull = errors.New("disk is full")

// box is a sandbox.Box in memory.
type box struct {
	mu    sync.Mutex
	texts []string
	calls []delivery.CallStatus
	err   error
}

func (b *box) Capture(_ context.Context, m delivery.SMS) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.texts = append(b.texts, m.AttemptID)
	}
	return "box-" + m.AttemptID, b.err
}

func (b *box) CaptureCall(_ context.Context, c delivery.Call, status delivery.CallStatus) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.calls = append(b.calls, status)
	}
	return "box-" + c.AttemptID, b.err
}

func (b *box) captured() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.texts) + len(b.calls)
}

// noonIn is noon, but an hour later for the account "late".
func noonIn(accountID string) time.Time {
	if accountID == "late" {
		return noon.Add(time.Hour)
	}
	return noon
}

func setup(t *testing.T) (*sandbox.Carrier, *box) {
	t.Helper()
	b := &box{}
	c, err := sandbox.NewCarrier(b, noonIn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c, b
}

func text(to phone.Number) delivery.SMS { return delivery.SMS{AttemptID: "a1", To: to} }

func TestNewCarrier_refuses_missing_dependencies(t *testing.T) {
	t.Parallel()
	if c, err := sandbox.NewCarrier(nil, noonIn); c != nil || err == nil {
		t.Errorf("NewCarrier without a box = %v, %v, want an error", c, err)
	}
	if c, err := sandbox.NewCarrier(&box{}, nil); c != nil || err == nil {
		t.Errorf("NewCarrier without a clock = %v, %v, want an error", c, err)
	}
}

func TestSend_ends_as_the_scenario_says(t *testing.T) {
	t.Parallel()
	for _, s := range append(sandbox.Scenarios(), sandbox.Scenario{Name: "none", State: delivery.StateDelivered}) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, b := setup(t)
				to := phone.Number("41793026727")
				if s.Name != "none" {
					to = number(t, s.Name)
				}
				started := time.Now()
				reports := make(chan delivery.Receipt, 1)
				go func() {
					for r := range c.Receipts() {
						reports <- r.Receipt
						r.Ack()
					}
				}()
				accepted, err := c.Send(t.Context(), text(to))
				if took := time.Since(started); took != s.Delay {
					t.Errorf("Send took %s, want %s", took, s.Delay)
				}
				if s.SMSRefused {
					if _, ok := errors.AsType[*delivery.Error](err); !ok || delivery.StateOf(err) != s.State || b.captured() != 0 {
						t.Errorf("Send = %v with %d captured, want a refusal that counts as %s and none", err, b.captured(), s.State)
					}
					return
				}
				if err != nil || accepted.RemoteID != "box-a1" || accepted.Carrier != c.Name() || b.captured() != 1 {
					t.Fatalf("Send = %+v, %v with %d captured, want one taken", accepted, err, b.captured())
				}
				time.Sleep(time.Second) // of the bubble
				synctest.Wait()
				got := accepted.State
				select {
				case r := <-reports:
					want := delivery.Receipt{
						Carrier: c.Name(), RemoteID: "box-a1", AttemptID: "a1", State: r.State, Code: s.Name, At: noon,
					}
					if accepted.State != delivery.StateWaiting || r != want {
						t.Errorf("accepted %s and then %+v, want waiting and then %+v", accepted.State, r, want)
					}
					got = r.State
				default:
				}
				want := s.State
				if want == delivery.StateNotSent { // only a lookup stops the text
					want = delivery.StateNotDelivered
				}
				if got != want {
					t.Errorf("the text ends with %s, want %s", got, want)
				}
			})
		})
	}
}

func TestCarrier_a_delay_ends_with_its_context(t *testing.T) {
	t.Parallel()
	tests := map[string]func(context.Context, *sandbox.Carrier, phone.Number) error{
		"Send": func(ctx context.Context, c *sandbox.Carrier, to phone.Number) error {
			_, err := c.Send(ctx, text(to))
			return err
		},
		"Dial": func(ctx context.Context, c *sandbox.Carrier, to phone.Number) error {
			_, err := c.Dial(ctx, delivery.Call{To: to})
			return err
		},
	}
	for name, use := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, b := setup(t)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				started := time.Now()
				err := use(ctx, c, number(t, "slow"))
				if !errors.Is(err, context.DeadlineExceeded) || delivery.ClassOf(err) != delivery.Ambiguous || b.captured() != 0 {
					t.Errorf("got %v with %d captured, want the deadline and none", err, b.captured())
				}
				if took := time.Since(started); took != time.Second {
					t.Errorf("took %s, want a second", took)
				}
			})
		})
	}
}

func TestCarrier_refuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		class   delivery.Class
		cause   error
		prepare func(context.Context, *sandbox.Carrier, *box) context.Context
	}{
		"for a fault": {delivery.Rejected, nil, func(ctx context.Context, _ *sandbox.Carrier, _ *box) context.Context {
			return sandbox.WithRefusal(ctx)
		}},
		"for a fault through a context that outlives its caller": {delivery.Rejected, nil, func(ctx context.Context, _ *sandbox.Carrier, _ *box) context.Context {
			return context.WithoutCancel(sandbox.WithRefusal(ctx))
		}},
		"when the box keeps nothing": {delivery.Temporary, errFull, func(ctx context.Context, _ *sandbox.Carrier, b *box) context.Context {
			b.err = errFull
			return ctx
		}},
		"when it is closed": {delivery.Temporary, nil, func(ctx context.Context, c *sandbox.Carrier, _ *box) context.Context {
			c.Close(ctx)
			return ctx
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, b := setup(t)
			ctx := tt.prepare(t.Context(), c, b)
			_, sent := c.Send(ctx, text(number(t, "ok")))
			_, dialled := c.Dial(ctx, delivery.Call{To: number(t, "waiting")})
			for what, err := range map[string]error{"Send": sent, "Dial": dialled} {
				refusal, ok := errors.AsType[*delivery.Error](err)
				if !ok || refusal.Class != tt.class || tt.cause != nil && !errors.Is(err, tt.cause) {
					t.Errorf("%s = %v, want a refusal of class %d for %v", what, err, tt.class, tt.cause)
				}
			}
			if b.captured() != 0 {
				t.Errorf("captured %d, want none", b.captured())
			}
		})
	}
}

func TestClose_cuts_a_delay_short_and_captures_the_text(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, b := setup(t)
		started := time.Now()
		sent := make(chan error, 1)
		go func() {
			_, err := c.Send(t.Context(), text(number(t, "slow")))
			sent <- err
		}()
		synctest.Wait()
		if err := c.Close(t.Context()); err != nil || b.captured() != 1 || time.Since(started) != 0 {
			t.Errorf("Close = %v with %d captured after %s, want one at once", err, b.captured(), time.Since(started))
		}
		if err := <-sent; err != nil {
			t.Errorf("Send = %v, want the text taken", err)
		}
	})
}

func TestCarrier_is_up(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	if health := c.Health(); !health.Up || health.Detail == "" || c.Name() != "sandbox" {
		t.Errorf("%s: %+v, want sandbox to be up", c.Name(), health)
	}
}
