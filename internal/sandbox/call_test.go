package sandbox_test

import (
	"context"
	"reflect"
	"testing"
	"testing/synctest"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/sandbox"
)

func TestDial_ends_as_the_scenario_says(t *testing.T) {
	t.Parallel()
	for _, s := range sandbox.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, b := setup(t)
				origin := delivery.Origin{AccountID: "late"}
				call, err := c.Dial(t.Context(), delivery.Call{Origin: origin, AttemptID: "a1", To: number(t, s.Name)})
				if err != nil || len(b.calls) != 1 || b.calls[0] != s.Call {
					t.Fatalf("Dial = %v with %v captured, want one with %s", err, b.calls, s.Call)
				}
				if s.Call == delivery.CallProcessing {
					return // see below
				}
				<-call.Done()
				end := noonIn("late") // the time of the account
				want := delivery.CallEnd{Status: s.Call, Ended: end}
				if s.Call == delivery.CallProcessed || s.Call == delivery.CallAnsweredMachine {
					want.Answered, want.Plays = end, 1
				}
				call.Hangup() // too late to change anything
				if end, err := call.Result(); err != nil || !reflect.DeepEqual(end, want) {
					t.Errorf("Result = %+v, %v, want %+v", end, err, want)
				}
			})
		})
	}
}

func TestDial_a_call_that_never_ends_is_ended(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T, *sandbox.Carrier, delivery.Ongoing, context.CancelFunc){
		"by hanging up":           func(_ *testing.T, _ *sandbox.Carrier, call delivery.Ongoing, _ context.CancelFunc) { call.Hangup() },
		"by hanging up all calls": func(_ *testing.T, c *sandbox.Carrier, _ delivery.Ongoing, _ context.CancelFunc) { c.Hangup() },
		"with its context":        func(_ *testing.T, _ *sandbox.Carrier, _ delivery.Ongoing, cancel context.CancelFunc) { cancel() },
		"with the carrier": func(t *testing.T, c *sandbox.Carrier, _ delivery.Ongoing, _ context.CancelFunc) {
			if err := c.Close(t.Context()); err != nil {
				t.Errorf("Close = %v, want nil", err)
			}
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := setup(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				call, err := c.Dial(ctx, delivery.Call{To: number(t, "waiting")})
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				select {
				case <-call.Done():
					t.Fatal("the call ended by itself")
				default:
				}
				end(t, c, call, cancel)
				<-call.Done()
				want := delivery.CallEnd{Status: delivery.CallUndefined, Ended: noon}
				if got, err := call.Result(); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("Result = %+v, %v, want %+v", got, err, want)
				}
			})
		})
	}
}

// TestHangup_lasts wants a call that is dialled later to end as it is dialled, and texts to be taken all the same.
func TestHangup_lasts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, b := setup(t)
		for range 2 {
			c.Hangup()
			call, err := c.Dial(t.Context(), delivery.Call{To: number(t, "waiting")})
			if err != nil {
				t.Fatal(err)
			}
			if end, _ := call.Result(); end.Status != delivery.CallUndefined {
				t.Errorf("Result = %+v, want the call ended", end)
			}
		}
		if _, err := c.Send(t.Context(), text(number(t, "accepted"))); err != nil || b.captured() != 3 {
			t.Errorf("Send = %v with %d captured, want the text and two calls", err, b.captured())
		}
	})
}
