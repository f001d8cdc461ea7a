package pin

import (
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
)

// channels are the two ways to send a PIN for the first time, or again.
var channels = map[Channel]struct {
	send  func(*bench, *testing.T) (string, error)
	again func(*bench, *testing.T, string) (string, error)
}{
	ChannelSMS: {
		func(b *bench, t *testing.T) (string, error) {
			result, err := b.SendSMS(t.Context(), input())
			return result.PINID, err
		},
		func(b *bench, t *testing.T, id string) (string, error) {
			result, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: id})
			return result.PINID, err
		},
	},
	ChannelVoice: {
		func(b *bench, t *testing.T) (string, error) {
			result, err := b.SendVoice(t.Context(), input(), nil)
			return result.PINID, err
		},
		func(b *bench, t *testing.T, id string) (string, error) {
			result, err := b.ResendVoice(t.Context(), ResendInput{AccountID: "A", PINID: id}, nil)
			return result.PINID, err
		},
	},
}

// codes are the PINs that went out, in no order that matters.
func (d *fakeDock) codes() []string {
	var codes []string
	for _, m := range d.texts {
		codes = append(codes, m.PIN.Reveal())
	}
	for _, c := range d.calls {
		codes = append(codes, c.Prompt.PIN.Reveal())
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func TestResend_repeats_the_PIN_over_any_channel(t *testing.T) {
	t.Parallel()
	for first, by := range channels {
		for second, then := range channels {
			t.Run(string(first)+" then "+string(second), func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				id, err := by.send(b, t)
				if err != nil {
					t.Fatal(err)
				}
				b.moves(time.Minute)
				if again, err := then.again(b, t, id); err != nil || again != id {
					t.Fatalf("resend = %q, %v, want %q", again, err, id)
				}
				if codes := b.dock.codes(); len(codes) != 1 {
					t.Errorf("%d PINs went out, want the same one twice", len(codes))
				}
				list, err := b.Status(t.Context(), "A", id)
				if err != nil || len(list) != 2 || list[0].Channel != first || list[1].Channel != second || list[0].ID == list[1].ID {
					t.Errorf("Status = %+v, %v, want one by %s, then another by %s", list, err, first, second)
				}
				if !list[0].At.Equal(noon) || !list[1].At.Equal(noon.Add(time.Minute)) {
					t.Errorf("sent at %v and %v, want a minute between", list[0].At, list[1].At)
				}
				if got := b.verify(t, id, b.dock.code()); !got.Verified {
					t.Errorf("Verify = %+v, want it verified", got)
				}
			})
		}
	}
}

func TestResend_gives_no_new_lifetime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, code := b.sent(t)
	b.at(14 * time.Minute)
	if _, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: id}); err != nil {
		t.Fatal(err)
	}
	if got := b.dock.texts[1].Validity; got != time.Minute {
		t.Errorf("the text is valid for %v, want what is left of the PIN: %v", got, time.Minute)
	}
	if got := b.store.row(id).ExpiresAt; !got.Equal(noon.Add(15 * time.Minute)) {
		t.Errorf("the PIN expires at %v, want %v", got, noon.Add(15*time.Minute))
	}
	b.at(15 * time.Minute)
	if got := b.verify(t, id, code); got.Verified || got.Mistake != MistakeExpired {
		t.Errorf("Verify = %+v, want %s", got, MistakeExpired)
	}
}

func TestResend_keeps_attempts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) { c.PINAttempts = 3 })
	id, code := b.sent(t)
	b.verify(t, id, "wrong")
	b.verify(t, id, "wrong")
	if _, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: id}); err != nil {
		t.Fatal(err)
	}
	if got := b.verify(t, id, "wrong"); got.Mistake != MistakeWrongPIN || got.AttemptsRemaining != 0 {
		t.Errorf("third Verify = %+v, want %s with none left", got, MistakeWrongPIN)
	}
	if got := b.verify(t, id, code); got.Verified || got.Mistake != MistakeNoAttempts {
		t.Errorf("fourth Verify = %+v, want %s", got, MistakeNoAttempts)
	}
}

func TestResend_says_which_end_the_PIN_came_to(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end  func(*bench, *testing.T, string, string)
		want string // empty while it can be resent
	}{
		"a moment before it expires": {func(b *bench, _ *testing.T, _, _ string) { b.at(15*time.Minute - 1) }, ""},
		"expired":                    {func(b *bench, _ *testing.T, _, _ string) { b.at(15 * time.Minute) }, "The PIN has expired; send a new one"},
		"expired and wiped": {func(b *bench, t *testing.T, id, _ string) {
			b.at(time.Hour)
			b.verify(t, id, "wrong")
		}, "The PIN has expired; send a new one"},
		"one attempt left": {func(b *bench, t *testing.T, id, _ string) { b.verify(t, id, "wrong") }, ""},
		"out of attempts": {func(b *bench, t *testing.T, id, _ string) {
			b.verify(t, id, "wrong")
			b.verify(t, id, "wrong")
		}, "The PIN has no verification attempts left; send a new one"},
		"out of attempts, and more are allowed later": {func(b *bench, t *testing.T, id, _ string) {
			b.verify(t, id, "wrong")
			b.verify(t, id, "wrong")
			b.configure("shop", func(c *application.Configuration) { c.PINAttempts = 10 })
		}, "The PIN has no verification attempts left; send a new one"},
		"fewer attempts are allowed later": {func(b *bench, t *testing.T, id, _ string) {
			b.verify(t, id, "wrong")
			b.configure("shop", func(c *application.Configuration) { c.PINAttempts = 1 })
		}, "The PIN has no verification attempts left; send a new one"},
		"verified, and that once": {func(b *bench, t *testing.T, id, code string) {
			b.configure("shop", func(c *application.Configuration) { c.AllowMultiplePINVerifications = false })
			b.verify(t, id, code)
		}, "The PIN was already used; send a new one"},
		"verified, and it may again": {func(b *bench, t *testing.T, id, code string) { b.verify(t, id, code) }, ""},
		"verified on the last attempt": {func(b *bench, t *testing.T, id, code string) {
			b.verify(t, id, "wrong")
			b.verify(t, id, code)
		}, "The PIN has no verification attempts left; send a new one"},
		"verified once, and expired since": {func(b *bench, t *testing.T, id, code string) {
			b.configure("shop", func(c *application.Configuration) { c.AllowMultiplePINVerifications = false })
			b.verify(t, id, code)
			b.at(15 * time.Minute)
		}, "The PIN has expired; send a new one"},
	}
	for name, tt := range tests {
		for channel, by := range channels {
			t.Run(name+", "+string(channel), func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				b.configure("shop", func(c *application.Configuration) { c.PINAttempts = 2 })
				id, code := b.sent(t)
				tt.end(b, t, id, code)
				_, err := by.again(b, t, id)
				if sent := len(b.dock.texts)+len(b.dock.calls) == 2; sent != (tt.want == "") {
					t.Errorf("sent again = %t, want %t", sent, tt.want == "")
				}
				if tt.want != "" {
					b.refused(t, err, fault.Invalid, tt.want)
				} else if err != nil {
					t.Errorf("resend = %v, want it sent", err)
				}
			})
		}
	}
}

func TestResend_of_an_unknown_PIN(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, _ := b.sent(t)
	for name, who := range map[string]struct{ account, id string }{
		"an id nobody has": {"A", "0"}, "no id": {"A", ""}, "an id of another account": {"B", id},
	} {
		if _, err := b.ResendSMS(t.Context(), ResendInput{AccountID: who.account, PINID: who.id}); !fault.Is(err, fault.NotFound) {
			t.Errorf("ResendSMS of %s = %v, want NotFound", name, err)
		}
		if _, err := b.ResendVoice(t.Context(), ResendInput{AccountID: who.account, PINID: who.id}, nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("ResendVoice of %s = %v, want NotFound", name, err)
		}
	}
	if len(b.dock.texts) != 1 || len(b.dock.calls) != 0 {
		t.Errorf("%d texts and %d calls went out, want the first text alone", len(b.dock.texts), len(b.dock.calls))
	}
}

func TestResendSMS_asks_the_lookup_as_the_send_did(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		send func(*bench, *testing.T) (string, error)
		want NCStatus
	}{
		"a text that wanted a lookup": {func(b *bench, t *testing.T) (string, error) {
			in := input()
			in.LookupNeeded = true
			result, err := b.SendSMS(t.Context(), in)
			return result.PINID, err
		}, NCReachable},
		"a text that wanted none":            {channels[ChannelSMS].send, NCUnknown},
		"a call, which could not say either": {channels[ChannelVoice].send, NCReachable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.dock.configured, b.dock.info.Reach = true, delivery.Reachable
			id, err := tt.send(b, t)
			if err != nil {
				t.Fatal(err)
			}
			b.dock.lookups = nil
			result, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: id})
			if err != nil || result.NCStatus != tt.want || (len(b.dock.lookups) == 1) != (tt.want == NCReachable) {
				t.Errorf("ResendSMS = %+v, %v after %d lookups, want %s", result, err, len(b.dock.lookups), tt.want)
			}
		})
	}
}

func TestResendVoice_asks_no_lookup(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.dock.configured, b.dock.info.Reach = true, delivery.NotReachable
	in := input()
	in.LookupNeeded = true
	stopped, err := b.SendSMS(t.Context(), in)
	if err != nil || stopped.SMSStatus != SMSNotSent {
		t.Fatalf("SendSMS = %+v, %v, want it stopped", stopped, err)
	}
	called, err := b.ResendVoice(t.Context(), ResendInput{AccountID: "A", PINID: stopped.PINID}, nil)
	if want := (CallResult{PINID: stopped.PINID, To: number, Status: delivery.CallProcessed}); err != nil || called != want || len(b.dock.lookups) != 1 {
		t.Errorf("ResendVoice = %+v, %v after %d lookups, want %+v after the one of the text", called, err, len(b.dock.lookups), want)
	}
}

func TestResend_uses_the_template_as_it_is_now(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, code := b.sent(t)
	b.template("shop-sms", func(m *message.Message) { m.Text, m.Sender, m.PINLength = "<pin> again", "Bank", 4 })
	if _, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: id}); err != nil {
		t.Fatal(err)
	}
	if got := b.dock.texts[1]; got.Text.Reveal() != code+" again" || got.From != "Bank" {
		t.Errorf("text = %q from %q, want the same PIN in the new wording", got.Text.Reveal(), got.From)
	}
}

func TestResend_without_the_key(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, _ := b.sent(t)
	other, err := NewSealer(b.deps.Rand, make([]byte, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	b.deps.Sealer = other
	if _, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: id}); err == nil || fault.KindOf(err) != fault.Internal || len(b.dock.texts) != 1 {
		t.Errorf("ResendSMS = %v after %d texts, want our own fault and nothing sent", err, len(b.dock.texts))
	} else {
		b.hides(t, "the failure", err.Error())
	}
}

func TestResend_passes_on_a_store_that_is_down(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"PIN", "AddDelivery"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id, _ := b.sent(t)
			b.store.breaks(method, errDown)
			if _, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: id}); !fault.Is(err, fault.Unavailable) || len(b.dock.texts) != 1 {
				t.Errorf("ResendSMS = %v after %d texts, want Unavailable and none more", err, len(b.dock.texts))
			}
		})
	}
}
