package pin

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
)

// keyed is the key "a" of a request that says contents.
func keyed(contents string) *Once {
	return &Once{KeyHash: sha256.Sum256([]byte("a")), Fingerprint: sha256.Sum256([]byte(contents))}
}

// heard is what the caller of any of the four requests hears.
type heard struct {
	pinID, to string
	answer    Answer
	repeatOf  string
}

func heardText(r SMSResult, err error) (heard, error) {
	return heard{r.PINID, r.To.Digits(), r.answer(), r.RepeatOf}, err
}

func heardCall(r CallResult, err error) (heard, error) {
	return heard{r.PINID, r.To.Digits(), Answer{CallStatus: r.Status}, r.RepeatOf}, err
}

// asks are the four requests that may have a key; id is a PIN that can be sent again.
var asks = map[string]func(t *testing.T, b *bench, accountID, id string, once *Once) (heard, error){
	"send": func(t *testing.T, b *bench, accountID, _ string, once *Once) (heard, error) {
		in := input()
		in.AccountID, in.Once = accountID, once
		return heardText(b.SendSMS(t.Context(), in))
	},
	"call": func(t *testing.T, b *bench, accountID, _ string, once *Once) (heard, error) {
		in := input()
		in.AccountID, in.Once = accountID, once
		return heardCall(b.SendVoice(t.Context(), in, nil))
	},
	"resend": func(t *testing.T, b *bench, accountID, id string, once *Once) (heard, error) {
		return heardText(b.ResendSMS(t.Context(), ResendInput{AccountID: accountID, PINID: id, Once: once}))
	},
	"call again": func(t *testing.T, b *bench, accountID, id string, once *Once) (heard, error) {
		return heardCall(b.ResendVoice(t.Context(), ResendInput{AccountID: accountID, PINID: id, Once: once}, nil))
	},
}

// went counts the texts and calls that carriers got.
func (b *bench) went() int {
	b.dock.mu.Lock()
	defer b.dock.mu.Unlock()
	return len(b.dock.texts) + len(b.dock.calls)
}

// each runs a test for each of the four requests, with a PIN that was sent before.
func each(t *testing.T, run func(t *testing.T, b *bench, ask func(*Once) (heard, error))) {
	t.Helper()
	for name, ask := range asks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id, _ := b.sent(t)
			run(t, b, func(once *Once) (heard, error) { return ask(t, b, "A", id, once) })
			if len(b.turns.lines) != 0 {
				t.Errorf("%d lines of requests are left, want none", len(b.turns.lines))
			}
		})
	}
}

// wantAgain wants the answer once more, and no message.
func (b *bench) wantAgain(t *testing.T, ask func(*Once) (heard, error), once *Once, first heard) {
	t.Helper()
	before := b.went()
	again, err := ask(once)
	if again.repeatOf == "" {
		t.Errorf("the answer is not marked as repeated")
	}
	again.repeatOf = first.repeatOf
	if err != nil || again != first || b.went() != before {
		t.Errorf("answer %+v, %v with %d messages more, want %+v with none", again, err, b.went()-before, first)
	}
}

func TestOnce_repeats_the_answer_and_sends_nothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bench, ask func(*Once) (heard, error)) {
		b.configure("shop", func(c *application.Configuration) { c.InitiationAttempts = 2 })
		first, err := ask(keyed("x"))
		if err != nil || first.repeatOf != "" || b.went() != 2 {
			t.Fatalf("answer %+v, %v with %d messages, want the first one, and 2 with the PIN before", first, err, b.went())
		}
		b.moves(KeyLifetime - time.Millisecond)
		b.enable("shop", false) // not even what would refuse it now
		b.wantAgain(t, ask, keyed("x"), first)
		if len(b.store.places) != 2 {
			t.Errorf("%d places are taken, want 2", len(b.store.places))
		}
		b.enable("shop", true)
		if _, err := ask(nil); fault.Is(err, fault.Internal) || errors.Is(err, errOtherRequest) {
			t.Errorf("without the key the answer is %v, want it judged by itself", err)
		}
	})
}

func TestOnce_ends_after_a_day(t *testing.T) {
	t.Parallel()
	for name, ask := range asks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.configure("shop", func(c *application.Configuration) { c.PINTimeToLive = 48 * time.Hour })
			id, _ := b.sent(t)
			living := func(once *Once) (heard, error) { return ask(t, b, "A", id, once) }
			first, err := living(keyed("x"))
			if err != nil {
				t.Fatal(err)
			}
			b.moves(KeyLifetime)
			second, err := living(keyed("y"))
			if err != nil || second.repeatOf != "" || b.went() != 3 {
				t.Errorf("answer %+v, %v with %d messages, want a new one after %+v, and 3", second, err, b.went(), first)
			}
			b.wantAgain(t, living, keyed("y"), second)
			if _, err := living(keyed("x")); !fault.Is(err, fault.Conflict) {
				t.Errorf("the request of the day before gives %v, want a conflict", err)
			}
		})
	}
}

func TestOnce_refuses_another_request(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bench, ask func(*Once) (heard, error)) {
		first, err := ask(keyed("x"))
		if err != nil {
			t.Fatal(err)
		}
		before := b.went()
		_, err = ask(keyed("y"))
		b.refused(t, err, fault.Conflict, "The Idempotency-Key was already used for another request; send a new key")
		if b.went() != before {
			t.Errorf("%d messages more, want none", b.went()-before)
		}
		b.wantAgain(t, ask, keyed("x"), first)
	})
}

func TestOnce_keeps_no_refusal(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bench, ask func(*Once) (heard, error)) {
		b.enable("shop", false)
		if _, err := ask(keyed("x")); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a disabled application gives %v, want a refusal", err)
		}
		b.enable("shop", true)
		b.configure("shop", func(c *application.Configuration) { c.InitiationAttempts = 1 })
		if _, err := ask(keyed("y")); !fault.Is(err, fault.TooMany) {
			t.Fatalf("a full limit gives %v, want a refusal", err)
		}
		b.configure("shop", func(c *application.Configuration) { c.InitiationAttempts = 2 })
		for _, method := range []string{"First", "CreatePIN", "AddDelivery"} {
			b.store.breaks(method, errDown)
		}
		if _, err := ask(keyed("z")); !fault.Is(err, fault.Unavailable) || b.went() != 1 {
			t.Fatalf("a store that is down gives %v and %d messages, want Unavailable and 1", err, b.went())
		}
		for _, method := range []string{"First", "CreatePIN", "AddDelivery"} {
			b.store.breaks(method, nil)
		}
		first, err := ask(keyed("x"))
		if err != nil || first.repeatOf != "" {
			t.Fatalf("answer %+v, %v, want the first one", first, err)
		}
		b.wantAgain(t, ask, keyed("x"), first)
	})
}

func TestOnce_is_the_account_s_own(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twin()
	for _, accountID := range []string{"A", "B"} {
		first, err := asks["send"](t, b, accountID, "", keyed(accountID))
		if err != nil || first.repeatOf != "" {
			t.Errorf("account %s hears %+v, %v, want a first answer", accountID, first, err)
		}
	}
	if b.went() != 2 {
		t.Errorf("%d messages, want 2", b.went())
	}
}

func TestOnce_loses_to_another_process(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bench, ask func(*Once) (heard, error)) {
		first, err := ask(keyed("x"))
		if err != nil {
			t.Fatal(err)
		}
		b.store.breaks("First", fault.NotFoundf("No such request")) // which looked before the other wrote
		b.wantAgain(t, ask, keyed("x"), first)
		if _, err := ask(keyed("y")); !fault.Is(err, fault.Conflict) {
			t.Errorf("another request gives %v, want a conflict", err)
		}
	})
}

// TestOnce_with_a_failing_outcome: what the store has not heard yet is said from memory.
func TestOnce_with_a_failing_outcome(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.dock.sendErr, b.dock.configured = nil, true
	in := input()
	in.Once, in.LookupNeeded = keyed("x"), true
	b.dock.info = delivery.NumberInfo{Reach: delivery.Reachable}
	b.store.breaks("FinishDelivery", errDown)
	first, err := b.SendSMS(t.Context(), in)
	if err != nil || first.SMSStatus != SMSSent || first.NCStatus != NCReachable {
		t.Fatalf("SendSMS = %+v, %v, want it sent", first, err)
	}
	again, err := b.SendSMS(t.Context(), in)
	if first.RepeatOf = again.RepeatOf; err != nil || again != first || again.RepeatOf == "" || b.went() != 1 {
		t.Errorf("again %+v, %v with %d messages, want %+v with one", again, err, b.went(), first)
	}
}
