package pin

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
)

func TestLimit_of_sends_to_a_number(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) {
		c.InitiationAttempts, c.InitiationInterval = 3, time.Minute
	})
	// Places taken at 0, 10 and 20 seconds come free a minute after each.
	for i, at := range []time.Duration{0, 10 * time.Second, 20 * time.Second} {
		b.at(at)
		if _, err := b.SendSMS(t.Context(), input()); err != nil {
			t.Fatalf("send %d = %v, want it sent", i+1, err)
		}
	}
	const text = "Limit initiationAttempts of 3 in 60000 milliseconds for this phone number is reached; try again in %d seconds"
	tests := []struct {
		at   time.Duration
		wait time.Duration // zero when the send goes out
		says int
	}{
		{20 * time.Second, 40 * time.Second, 40},
		{20*time.Second + 1, 40*time.Second - 1, 40},
		{58500 * time.Millisecond, 1500 * time.Millisecond, 2},
		{time.Minute - 1, time.Second, 1},
		{time.Minute, 0, 0},
		{time.Minute, 10 * time.Second, 10},
		{70*time.Second - 1, time.Second, 1},
		{70 * time.Second, 0, 0},
		{70 * time.Second, 10 * time.Second, 10},
	}
	for _, tt := range tests {
		b.at(tt.at)
		before := len(b.dock.texts)
		_, err := b.SendSMS(t.Context(), input())
		if sent := len(b.dock.texts) > before; sent != (tt.wait == 0) {
			t.Fatalf("at %v: sent = %t, want %t", tt.at, sent, tt.wait == 0)
		}
		if tt.wait == 0 {
			continue
		}
		if f := b.refused(t, err, fault.TooMany, fmt.Sprintf(text, tt.says)); f.RetryAfter != tt.wait {
			t.Errorf("at %v: retry after %v, want %v", tt.at, f.RetryAfter, tt.wait)
		}
	}
}

func TestLimit_of_sends_counts_every_way_to_send(t *testing.T) {
	t.Parallel()
	for first, by := range channels {
		for second, then := range channels {
			t.Run(string(first)+" then "+string(second), func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				b.configure("shop", func(c *application.Configuration) { c.InitiationAttempts = 2 })
				id, err := by.send(b, t)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := then.again(b, t, id); err != nil {
					t.Fatalf("resend = %v, want it to be the second of 2", err)
				}
				for _, channel := range channels {
					if _, err := channel.send(b, t); !fault.Is(err, fault.TooMany) {
						t.Errorf("send = %v, want TooMany", err)
					}
					if _, err := channel.again(b, t, id); !fault.Is(err, fault.TooMany) {
						t.Errorf("resend = %v, want TooMany", err)
					}
				}
				if sent := len(b.dock.texts) + len(b.dock.calls); sent != 2 {
					t.Errorf("%d messages went out, want 2", sent)
				}
				if n := len(b.store.pins); n != 1 {
					t.Errorf("%d PINs are kept, want 1: a refused send makes none", n)
				}
			})
		}
	}
}

func TestLimit_of_sends_is_for_one_number_of_one_application(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, id := range []string{"shop", "bank"} {
		b.configure(id, func(c *application.Configuration) { c.InitiationAttempts = 1 })
	}
	b.twin()
	full := input()
	twin := full
	twin.AccountID = "B"
	other := full
	other.To = "41793026746"
	bank := full
	bank.ApplicationID, bank.MessageID = "bank", "bank-sms"
	template := full
	template.MessageID = "shop-other"
	for name, tt := range map[string]struct {
		in   SendInput
		good bool
	}{
		"the same number": {full, false}, "another number": {other, true},
		"another application": {bank, true}, "another template": {template, false},
		"an application of another account with the same id": {twin, true},
	} {
		b.store.places, b.store.pins = nil, map[string]*PIN{}
		if _, err := b.SendSMS(t.Context(), full); err != nil {
			t.Fatal(err)
		}
		if _, err := b.SendSMS(t.Context(), tt.in); (err == nil) != tt.good || (err != nil && !fault.Is(err, fault.TooMany)) {
			t.Errorf("%s: %v, want sent = %t", name, err, tt.good)
		}
	}
}

func TestLimit_of_sends_of_an_application(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) {
		c.OverallInitiationAttempts, c.OverallInitiationInterval = 2, time.Hour
	})
	for i, to := range []string{"41793026727", "41793026746"} {
		in := input()
		in.To = to
		b.at(time.Duration(i) * time.Minute)
		if _, err := b.SendSMS(t.Context(), in); err != nil {
			t.Fatalf("send to %s = %v, want it sent", to, err)
		}
	}
	in := input()
	in.To = "41793026755"
	_, err := b.SendSMS(t.Context(), in)
	f := b.refused(t, err, fault.TooMany,
		"Limit overallInitiationAttempts of 2 in 3600000 milliseconds for the whole application is reached; try again in 3540 seconds")
	if f.RetryAfter != 59*time.Minute {
		t.Errorf("retry after %v, want %v", f.RetryAfter, 59*time.Minute)
	}
	bank, twin := in, in
	bank.ApplicationID, bank.MessageID = "bank", "bank-sms"
	b.twin()
	twin.AccountID = "B"
	for _, in := range []SendInput{bank, twin} {
		if _, err := b.SendSMS(t.Context(), in); err != nil {
			t.Errorf("send by %s of account %s = %v, want it sent", in.ApplicationID, in.AccountID, err)
		}
	}
	b.at(time.Hour - 1)
	if _, err := b.SendSMS(t.Context(), in); !fault.Is(err, fault.TooMany) {
		t.Errorf("a moment early: %v, want TooMany", err)
	}
	b.at(time.Hour)
	if _, err := b.SendSMS(t.Context(), in); err != nil {
		t.Errorf("an hour after the first: %v, want it sent", err)
	}
}

func TestLimit_refused_by_one_takes_no_place_in_the_other(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) {
		c.InitiationAttempts, c.OverallInitiationAttempts = 1, 2
	})
	b.sent(t)
	for range 5 {
		if _, err := b.SendSMS(t.Context(), input()); !fault.Is(err, fault.TooMany) {
			t.Fatalf("SendSMS = %v, want TooMany", err)
		}
	}
	other := input()
	other.To = "41793026746"
	if _, err := b.SendSMS(t.Context(), other); err != nil {
		t.Errorf("SendSMS to another number = %v, want the application's second place still free", err)
	}
}

func TestLimit_gives_the_place_back(t *testing.T) {
	t.Parallel()
	refused := &delivery.Error{Class: delivery.Rejected, Carrier: "c"}
	ambiguous := &delivery.Error{Class: delivery.Ambiguous, Carrier: "c"}
	tests := map[string]struct {
		script func(*fakeDock)
		by     Channel
		back   bool
	}{
		"a text that was taken":           {func(*fakeDock) {}, ChannelSMS, false},
		"a text that no carrier took":     {func(d *fakeDock) { d.sendErr = refused }, ChannelSMS, true},
		"a text that may have gone out":   {func(d *fakeDock) { d.sendErr = ambiguous }, ChannelSMS, false},
		"a text that the lookup stopped":  {func(d *fakeDock) { d.configured, d.info.Reach = true, delivery.NotReachable }, ChannelSMS, true},
		"a call that a person took":       {func(*fakeDock) {}, ChannelVoice, false},
		"a call that nobody answered":     {func(d *fakeDock) { d.ongoing = endedCall(delivery.CallNoAnswer) }, ChannelVoice, false},
		"a call to a phone that was busy": {func(d *fakeDock) { d.ongoing = endedCall(delivery.CallUserBusy) }, ChannelVoice, false},
		"a call that found no network":    {func(d *fakeDock) { d.ongoing = endedCall(delivery.CallNetworkNotAvailable) }, ChannelVoice, true},
		"a call that no carrier took":     {func(d *fakeDock) { d.dialErr = refused }, ChannelVoice, true},
		"a call that may have rung":       {func(d *fakeDock) { d.dialErr = ambiguous }, ChannelVoice, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.configure("shop", func(c *application.Configuration) { c.InitiationAttempts, c.OverallInitiationAttempts = 2, 2 })
			b.sent(t)
			tt.script(b.dock)
			in := input()
			in.LookupNeeded = true
			var err error
			if tt.by == ChannelSMS {
				_, err = b.SendSMS(t.Context(), in)
			} else {
				_, err = b.SendVoice(t.Context(), in, nil)
			}
			if err != nil {
				t.Fatalf("the second send = %v, want a result", err)
			}
			*b.dock = fakeDock{}
			if _, err := b.SendSMS(t.Context(), input()); (err == nil) != tt.back || (err != nil && !fault.Is(err, fault.TooMany)) {
				t.Errorf("the third send = %v, want it sent = %t", err, tt.back)
			}
		})
	}
}

func TestLimit_holds_for_sends_at_the_same_time(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) { c.InitiationAttempts = 3 })
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if _, err := b.SendSMS(t.Context(), input()); err != nil && !fault.Is(err, fault.TooMany) {
				t.Errorf("SendSMS = %v, want it sent or TooMany", err)
			}
		})
	}
	all.Wait()
	if len(b.dock.texts) != 3 || len(b.store.pins) != 3 {
		t.Errorf("%d texts and %d PINs, want 3 of each", len(b.dock.texts), len(b.store.pins))
	}
}

func TestLimit_defaults(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) { *c = application.DefaultConfiguration() })
	var id string
	for range 3 {
		id, _ = b.sent(t)
	}
	_, err := b.SendSMS(t.Context(), input())
	b.refused(t, err, fault.TooMany,
		"Limit initiationAttempts of 3 in 86400000 milliseconds for this phone number is reached; try again in 86400 seconds")
	b.verify(t, id, "wrong")
	_, err = b.Verify(t.Context(), VerifyInput{AccountID: "A", PINID: id, Code: "wrong"})
	b.refused(t, err, fault.TooMany,
		"Limit verificationAttempts of 1 in 3000 milliseconds for this phone number is reached; try again in 3 seconds")
}

func TestTooMany_waits_a_second_at_least(t *testing.T) {
	t.Parallel()
	for _, freeAt := range []time.Time{noon.Add(-time.Hour), noon, noon.Add(time.Millisecond), noon.Add(time.Second)} {
		f, ok := errors.AsType[*fault.Error](tooMany(&LimitError{Limit{Name: "x", To: number}, freeAt}, noon))
		if !ok || f.RetryAfter != time.Second || !strings.HasSuffix(f.Text, "try again in 1 seconds") {
			t.Errorf("free at %v: %+v, want a wait of %v", freeAt, f, time.Second)
		}
	}
}

func TestLimitError_keeps_its_number_to_itself(t *testing.T) {
	t.Parallel()
	err := tooMany(&LimitError{Limit{Name: "initiationAttempts", To: number, Max: 3, Interval: time.Minute}, noon}, noon)
	limit, ok := errors.AsType[*LimitError](err)
	if !ok || limit.Error() != "limit initiationAttempts is reached" {
		t.Fatalf("cause = %v, want the limit named", limit)
	}
	for _, value := range []any{err, limit, *limit, limit.Limit, &limit.Limit} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, number) {
				t.Errorf("Sprintf(%q, %T) = %s, want the number masked", verb, value, got)
			}
		}
	}
}
