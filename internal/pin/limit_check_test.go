package pin

import (
	"fmt"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
)

func TestLimit_of_checks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) {
		c.VerificationAttempts, c.VerificationInterval = 2, 3*time.Second
	})
	first, code := b.sent(t)
	second, _ := b.sent(t)
	b.verify(t, first, "wrong")
	b.at(time.Second)
	b.verify(t, second, "wrong")

	const text = "Limit verificationAttempts of 2 in 3000 milliseconds for this phone number is reached; try again in %d seconds"
	for _, tt := range []struct {
		at, wait time.Duration
		says     int
	}{{time.Second, 2 * time.Second, 2}, {3*time.Second - 1, time.Second, 1}} {
		b.at(tt.at)
		_, err := b.Verify(t.Context(), VerifyInput{AccountID: "A", PINID: first, Code: delivery.Code(code)})
		if f := b.refused(t, err, fault.TooMany, fmt.Sprintf(text, tt.says)); f.RetryAfter != tt.wait {
			t.Errorf("at %v: retry after %v, want %v", tt.at, f.RetryAfter, tt.wait)
		}
	}
	if got := b.store.row(first).Attempts; got != 1 {
		t.Errorf("%d attempts are counted, want 1: a refused request counts none", got)
	}
	b.at(3 * time.Second)
	if got := b.verify(t, first, code); !got.Verified {
		t.Errorf("Verify = %+v, want it verified once a place is free", got)
	}
}

func TestLimit_of_checks_is_an_account_s_own(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) { c.VerificationAttempts = 1 })
	b.twin()
	for _, account := range []string{"A", "B"} {
		in := input()
		in.AccountID = account
		sent, err := b.SendSMS(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, full := range []bool{false, true} {
			_, err := b.Verify(t.Context(), VerifyInput{AccountID: account, PINID: sent.PINID, Code: "wrong"})
			if fault.Is(err, fault.TooMany) != full {
				t.Errorf("account %s verifies the PIN of its shop with %v, want its limit full = %t", account, err, full)
			}
		}
	}
}

func TestLimit_of_checks_counts_requests_for_any_PIN_of_the_number(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		guess func(*bench, *testing.T, string, string)
	}{
		"a wrong one": {func(b *bench, t *testing.T, id, _ string) { b.verify(t, id, "wrong") }},
		"a right one": {func(b *bench, t *testing.T, id, code string) { b.verify(t, id, code) }},
		"a closed one": {func(b *bench, t *testing.T, id, _ string) {
			b.configure("shop", func(c *application.Configuration) { c.PINAttempts = 0 })
			b.verify(t, id, "wrong")
		}},
		"an expired one": {func(b *bench, t *testing.T, id, _ string) { b.at(time.Hour); b.verify(t, id, "wrong") }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.configure("shop", func(c *application.Configuration) { c.VerificationAttempts = 1 })
			first, firstCode := b.sent(t)
			second, secondCode := b.sent(t)
			tt.guess(b, t, first, firstCode)
			if _, err := b.Verify(t.Context(), VerifyInput{AccountID: "A", PINID: second, Code: delivery.Code(secondCode)}); !fault.Is(err, fault.TooMany) {
				t.Errorf("Verify of another PIN = %v, want TooMany", err)
			}
			if _, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: second}); fault.Is(err, fault.TooMany) {
				t.Errorf("ResendSMS = %v, want the limits of sends apart", err)
			}
			in := input()
			in.To = "41793026746"
			other, err := b.SendSMS(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.Verify(t.Context(), VerifyInput{AccountID: "A", PINID: other.PINID, Code: "wrong"}); err != nil {
				t.Errorf("Verify for another number = %v, want a result", err)
			}
		})
	}
}
