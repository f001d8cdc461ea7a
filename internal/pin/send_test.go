package pin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
)

func TestSendSMS_hands_the_carrier_a_whole_text(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := input()
	in.To = "+" + number
	result, err := b.SendSMS(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[0-9A-F]{32}$`).MatchString(result.PINID) {
		t.Errorf("pinId = %q, want 32 upper-case hex digits", result.PINID)
	}
	if want := (SMSResult{PINID: result.PINID, To: number, NCStatus: NCUnknown, SMSStatus: SMSSent}); result != want {
		t.Errorf("SendSMS = %+v, want %+v", result, want)
	}
	if len(b.dock.texts) != 1 {
		t.Fatalf("%d texts went out, want 1", len(b.dock.texts))
	}
	got := b.dock.texts[0]
	if !regexp.MustCompile(`^[0-9A-Z]{8}$`).MatchString(got.PIN.Reveal()) {
		t.Errorf("PIN = %q, want 8 of the alphabet", got.PIN.Reveal())
	}
	want := delivery.SMS{
		Origin:    delivery.Origin{AccountID: "A", ApplicationID: "shop", MessageID: "shop-sms", PINID: result.PINID},
		AttemptID: b.delivery(t, result.PINID).ID, To: number, From: "Infobip 2FA",
		Text: delivery.Text("Your PIN is " + got.PIN.Reveal() + "."), PIN: got.PIN, Validity: 15 * time.Minute,
	}
	if got.Origin != want.Origin || got.AttemptID != want.AttemptID || got.To != want.To || got.From != want.From ||
		got.Text != want.Text || got.Validity != want.Validity || got.Params != nil {
		t.Errorf("text = %+v: %s, want %+v: %s", got, got.Text.Reveal(), want, want.Text.Reveal())
	}
}

func TestSendSMS_keeps_the_PIN_sealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) { c.PINTimeToLive = time.Minute })
	in := input()
	in.From, in.LookupNeeded = "Bank", true
	result, err := b.SendSMS(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	got, code := b.store.row(result.PINID), b.dock.code()
	if bytes.Contains(got.Sealed, []byte(code)) || len(got.Sealed) == 0 {
		t.Errorf("the store holds %x, want the PIN sealed", got.Sealed)
	}
	want := PIN{
		ID: result.PINID, AccountID: "A", ApplicationID: "shop", MessageID: "shop-sms", To: number, From: "Bank",
		LookupNeeded: true, CreatedAt: noon, ExpiresAt: noon.Add(time.Minute), SentAt: noon,
	}
	got.Sealed = nil
	if got.Attempts != 0 || !got.VerifiedAt.IsZero() || got.ID != want.ID || got.AccountID != want.AccountID ||
		got.ApplicationID != want.ApplicationID || got.MessageID != want.MessageID || got.To != want.To || got.From != want.From ||
		!got.LookupNeeded || !got.CreatedAt.Equal(want.CreatedAt) || !got.ExpiresAt.Equal(want.ExpiresAt) || !got.SentAt.Equal(want.SentAt) {
		t.Errorf("stored %+v, want %+v", got, want)
	}
}

func TestSendSMS_makes_another_PIN_each_time(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ids, codes, attempts := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for range 50 {
		id, code := b.sent(t)
		ids[id], codes[code] = true, true
	}
	for _, m := range b.dock.texts {
		attempts[m.AttemptID] = true
	}
	if len(ids) != 50 || len(codes) != 50 || len(attempts) != 50 {
		t.Errorf("50 sends made %d ids, %d PINs and %d attempt ids, want 50 of each", len(ids), len(codes), len(attempts))
	}
}

func TestSendSMS_draws_what_the_template_says(t *testing.T) {
	t.Parallel()
	tests := map[message.PINType]string{
		message.PINTypeNumeric: `^[0-9]{6}$`, message.PINTypeAlpha: `^[A-Z]{6}$`,
		message.PINTypeHex: `^[0-9A-F]{6}$`, message.PINTypeAlphanumeric: `^[0-9A-Z]{6}$`,
	}
	for pinType, form := range tests {
		t.Run(string(pinType), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.template("shop-sms", func(m *message.Message) { m.PINType, m.PINLength = pinType, 6 })
			for range 20 {
				if _, code := b.sent(t); !regexp.MustCompile(form).MatchString(code) {
					t.Errorf("PIN = %q, want %s", code, form)
				}
			}
		})
	}
}

func TestSend_refuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*SendInput)
		kind   fault.Kind
		text   string
	}{
		"no number":                     {func(in *SendInput) { in.To = "" }, fault.Invalid, "to: must be digits in international format, with or without a leading +"},
		"a number in a national form":   {func(in *SendInput) { in.To = "0793026727" }, fault.Invalid, "to: must start with a country calling code"},
		"a number no country has":       {func(in *SendInput) { in.To = "4179302" }, fault.Invalid, "to: is too short or too long for a number of its country"},
		"a number with spaces":          {func(in *SendInput) { in.To = "41 793026727" }, fault.Invalid, "to: must be digits in international format, with or without a leading +"},
		"a long sender":                 {func(in *SendInput) { in.From = "A very long sender" }, fault.Invalid, "from: must be at most 11 characters when alphanumeric"},
		"a blank sender":                {func(in *SendInput) { in.From = " " }, fault.Invalid, "from: must not be empty"},
		"wrong members, all at once":    {func(in *SendInput) { in.To, in.From = "x", "😀" }, fault.Invalid, "Wrong members: from, to (from: must use characters of the GSM 03.38 alphabet)"},
		"an application nobody has":     {func(in *SendInput) { in.ApplicationID = "none" }, fault.NotFound, "No such application"},
		"an application of another":     {func(in *SendInput) { in.ApplicationID, in.MessageID = "stall", "stall-sms" }, fault.NotFound, "No such application"},
		"a message nobody has":          {func(in *SendInput) { in.MessageID = "none" }, fault.NotFound, "No such message"},
		"a message of another one":      {func(in *SendInput) { in.MessageID = "bank-sms" }, fault.NotFound, "No such message"},
		"an account that has not those": {func(in *SendInput) { in.AccountID = "B" }, fault.NotFound, "No such application"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			in := input()
			tt.change(&in)
			_, err := b.SendSMS(t.Context(), in)
			b.refused(t, err, tt.kind, tt.text)
			_, err = b.SendVoice(t.Context(), in, nil)
			b.refused(t, err, tt.kind, tt.text)
			if len(b.dock.texts)+len(b.dock.calls)+len(b.store.pins)+len(b.store.places) != 0 {
				t.Errorf("%d texts, %d calls, %d PINs and %d places, want none", len(b.dock.texts), len(b.dock.calls), len(b.store.pins), len(b.store.places))
			}
		})
	}
}

func TestSendInput_check_names_members(t *testing.T) {
	t.Parallel()
	_, err := SendInput{To: "1", From: "A very long sender"}.check()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("check gives %v, want a *fault.Error", err)
	}
	if got, want := slices.Sorted(maps.Keys(f.Members)), []string{"from", "to"}; !slices.Equal(got, want) {
		t.Errorf("members = %q, want %q", got, want)
	}
	if to, err := input().check(); err != nil || to.Digits() != strings.TrimPrefix(input().To, "+") {
		t.Errorf("check = %s, %v, want the number", to, err)
	}
}

func TestSend_of_a_disabled_application(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, code := b.sent(t)
	b.enable("shop", false)

	_, sendErr := b.SendSMS(t.Context(), input())
	_, voiceErr := b.SendVoice(t.Context(), input(), nil)
	_, resendErr := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: id})
	_, recallErr := b.ResendVoice(t.Context(), ResendInput{AccountID: "A", PINID: id}, nil)
	for _, err := range []error{sendErr, voiceErr, resendErr, recallErr} {
		b.refused(t, err, fault.Invalid, "The application is disabled")
	}
	if len(b.dock.texts) != 1 || len(b.dock.calls) != 0 || len(b.store.places) != 1 {
		t.Errorf("%d texts, %d calls and %d places, want the first text alone", len(b.dock.texts), len(b.dock.calls), len(b.store.places))
	}
	if got := b.verify(t, id, code); !got.Verified {
		t.Errorf("Verify = %+v, want a living PIN to verify still", got)
	}
	b.enable("shop", true)
	if _, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: id}); err != nil {
		t.Errorf("ResendSMS = %v, want it sent again once the application is back", err)
	}
}

func TestSend_goes_on_when_the_caller_hangs_up(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, hangUp := context.WithCancel(t.Context())
	b.dock.sending = func(carrier context.Context) {
		hangUp()
		if err := carrier.Err(); err != nil {
			t.Errorf("the carrier's context ended with %v, want it to go on", err)
		}
	}
	result, err := b.SendSMS(ctx, input())
	if err != nil || result.SMSStatus != SMSSent {
		t.Errorf("SendSMS = %+v, %v, want it sent", result, err)
	}
	if got := b.delivery(t, result.PINID).State; got != delivery.StateAccepted {
		t.Errorf("state = %s, want the outcome stored", got)
	}
}

func TestSend_fails_with_its_neighbours(t *testing.T) {
	t.Parallel()
	t.Run("a store that does not keep the PIN", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.store.breaks("CreatePIN", errDown)
		if _, err := b.SendSMS(t.Context(), input()); !fault.Is(err, fault.Unavailable) || len(b.dock.texts) != 0 {
			t.Errorf("SendSMS = %v after %d texts, want Unavailable and none", err, len(b.dock.texts))
		}
	})
	t.Run("a store that does not note the outcome", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.store.breaks("FinishDelivery", errDown)
		result, err := b.SendSMS(t.Context(), input())
		if err != nil || result.SMSStatus != SMSSent {
			t.Errorf("SendSMS = %+v, %v, want what the carrier said", result, err)
		}
		if !strings.Contains(b.log.String(), "outcome of a delivery was not stored") {
			t.Errorf("log = %s, want the failure in it", b.log.String())
		}
	})
	for _, method := range []string{"NewPINID", "NewDeliveryID"} {
		t.Run("a store that gives no id by "+method, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.store.breaks(method, errDown)
			if _, err := b.SendSMS(t.Context(), input()); !fault.Is(err, fault.Unavailable) || len(b.store.pins)+len(b.dock.texts) != 0 {
				t.Errorf("SendSMS = %v with %d PINs and %d texts, want Unavailable and none", err, len(b.store.pins), len(b.dock.texts))
			}
		})
	}
	for name, given := range map[string]int{
		"no bytes for the PIN": 0, "no bytes for the nonce": 24,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := io.MultiReader(bytes.NewReader(make([]byte, given)), iotest.ErrReader(io.ErrClosedPipe))
			sealer, err := NewSealer(source, make([]byte, KeySize))
			if err != nil {
				t.Fatal(err)
			}
			b := setup(t, func(d *Deps) { d.Rand, d.Sealer = source, sealer })
			if _, err := b.SendSMS(t.Context(), input()); !errors.Is(err, io.ErrClosedPipe) || fault.KindOf(err) != fault.Internal {
				t.Errorf("SendSMS = %v, want the source's failure", err)
			}
			if len(b.store.pins)+len(b.dock.texts) != 0 {
				t.Errorf("%d PINs and %d texts, want none", len(b.store.pins), len(b.dock.texts))
			}
		})
	}
}

func TestSend_treats_two_spellings_as_one_number(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) { c.InitiationAttempts = 4 })
	for _, to := range []string{number, "+" + number, "+410793026727", "410793026727"} {
		in := input()
		in.To = to
		if result, err := b.SendSMS(t.Context(), in); err != nil || result.To != number {
			t.Fatalf("SendSMS to %q = %v, %v, want it sent to one number", to, result.To, err)
		}
	}
	_, err := b.SendSMS(t.Context(), input())
	if !fault.Is(err, fault.TooMany) {
		t.Errorf("SendSMS = %v, want the limit reached by all spellings together", err)
	}
}

// TestSend_refuses_other_countries_before_any_cost covers all four ways to send.
func TestSend_refuses_other_countries_before_any_cost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	known, err := b.SendSMS(t.Context(), input())
	if err != nil {
		t.Fatal(err)
	}
	b.dock.texts, b.dock.refusal = nil, "is a number of GG"
	rows := len(b.store.pins)
	in := input()
	in.LookupNeeded = true
	again := ResendInput{AccountID: "A", PINID: known.PINID}
	for name, send := range map[string]func() error{
		"SendSMS":     func() error { _, err := b.SendSMS(t.Context(), in); return err },
		"SendVoice":   func() error { _, err := b.SendVoice(t.Context(), in, nil); return err },
		"ResendSMS":   func() error { _, err := b.ResendSMS(t.Context(), again); return err },
		"ResendVoice": func() error { _, err := b.ResendVoice(t.Context(), again, nil); return err },
	} {
		var f *fault.Error
		if err := send(); !errors.As(err, &f) || f.Kind != fault.Invalid || !slices.Equal(f.Members["to"], []string{"is a number of GG"}) {
			t.Errorf("%s = %v, want Invalid with to at fault", name, err)
		}
	}
	if len(b.dock.texts)+len(b.dock.calls)+len(b.dock.lookups) != 0 || len(b.store.pins) != rows {
		t.Errorf("%d texts, %d calls, %d lookups, %d PINs; want nothing asked and nothing kept",
			len(b.dock.texts), len(b.dock.calls), len(b.dock.lookups), len(b.store.pins)-rows)
	}
	b.dock.refusal = ""
	if _, err := b.ResendSMS(t.Context(), again); err != nil {
		t.Errorf("ResendSMS = %v after that, want it sent: no place was taken", err)
	}
}
