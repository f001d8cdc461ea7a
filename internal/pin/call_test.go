package pin

import (
	"context"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
)

func TestSendVoice_hands_the_carrier_a_whole_call(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.template("shop-sms", func(m *message.Message) {
		m.Text, m.Speech = "PIN <pin>, again <pin>", message.Speech{Language: "fr", Rate: 0.75, RepeatDTMF: "1#"}
	})
	result, err := b.SendVoice(t.Context(), input(), nil)
	if want := (CallResult{PINID: result.PINID, To: number, Status: delivery.CallProcessed}); err != nil || result != want || result.PINID == "" {
		t.Fatalf("SendVoice = %+v, %v, want %+v", result, err, want)
	}
	if len(b.dock.calls) != 1 || len(b.dock.texts)+len(b.dock.lookups) != 0 {
		t.Fatalf("%d calls, %d texts and %d lookups, want one call alone", len(b.dock.calls), len(b.dock.texts), len(b.dock.lookups))
	}
	got, code := b.dock.calls[0], b.dock.code()
	if want := (delivery.Origin{AccountID: "A", ApplicationID: "shop", MessageID: "shop-sms", PINID: result.PINID}); got.Origin != want {
		t.Errorf("origin = %+v, want %+v", got.Origin, want)
	}
	if got.To != number || got.From != "Infobip 2FA" || got.Ring != 30*time.Second || got.Max != 90*time.Second {
		t.Errorf("call = %+v from %q, ring %v, max %v, want the template's sender, 30s and 90s", got, got.From, got.Ring, got.Max)
	}
	if !slices.Equal(got.Prompt.Phrases, []string{"PIN ", ", again ", ""}) || got.Prompt.Text().Reveal() != "PIN "+code+", again "+code {
		t.Errorf("phrases = %q with %q, want the PIN in two places", got.Prompt.Phrases, code)
	}
	if got.Prompt.Language != "fr" || got.Prompt.Rate != 0.75 || got.RepeatKeys != "1#" {
		t.Errorf("spoken in %q at %v, again on %q, want the message's own speech", got.Prompt.Language, got.Prompt.Rate, got.RepeatKeys)
	}
	d := b.delivery(t, result.PINID)
	if d.Channel != ChannelVoice || d.State != delivery.StateDelivered || d.ID != got.AttemptID {
		t.Errorf("delivery = %+v, want %s by voice as %s", d, delivery.StateDelivered, got.AttemptID)
	}
	if row := b.store.row(result.PINID); !row.LookupNeeded || !row.SentAt.Equal(noon) {
		t.Errorf("stored %+v, want a lookup when it is resent as a text, and sent at %v", row, noon)
	}
	if verified := b.verify(t, result.PINID, code); !verified.Verified {
		t.Errorf("Verify = %+v, want it verified", verified)
	}
}

// TestCall_waits rings a phone for some seconds of a bubble's time, with a wait by setting or by request.
func TestCall_waits(t *testing.T) {
	t.Parallel()
	const second = time.Second
	tests := map[string]struct {
		setting time.Duration
		asked   *time.Duration
		lasts   time.Duration
		took    time.Duration
		want    delivery.CallStatus
	}{
		"a call shorter than the setting":          {5 * second, nil, 3 * second, 3 * second, delivery.CallUserBusy},
		"a call longer than the setting":           {5 * second, nil, 8 * second, 5 * second, delivery.CallProcessing},
		"no wait by setting":                       {0, nil, 3 * second, 0, delivery.CallProcessing},
		"no wait by request":                       {5 * second, new(time.Duration(0)), 3 * second, 0, delivery.CallProcessing},
		"a request may wait longer":                {0, new(20 * second), 12 * second, 12 * second, delivery.CallUserBusy},
		"a request may wait less":                  {5 * second, new(second), 3 * second, second, delivery.CallProcessing},
		"no request waits longer than the longest": {0, new(time.Hour), 80 * second, MaxCallWait, delivery.CallProcessing},
		"a wait below zero is none":                {5 * second, new(-second), 3 * second, 0, delivery.CallProcessing},
	}
	for name, tt := range tests {
		for _, again := range []bool{false, true} {
			t.Run(name+map[bool]string{false: ", first", true: ", again"}[again], func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := setup(t, func(d *Deps) { d.CallWait = tt.setting })
					call := newCall()
					time.AfterFunc(tt.lasts, func() { call.hangUp(delivery.CallUserBusy, nil) })
					start := time.Now()
					ask := func() (CallResult, error) { return b.SendVoice(t.Context(), input(), tt.asked) }
					if again {
						id, _ := b.sent(t)
						ask = func() (CallResult, error) {
							return b.ResendVoice(t.Context(), ResendInput{AccountID: "A", PINID: id}, tt.asked)
						}
					}
					b.dock.ongoing = call
					result, err := ask()
					if want := (CallResult{PINID: result.PINID, To: number, Status: tt.want}); err != nil || result != want {
						t.Errorf("got %+v, %v, want %+v", result, err, want)
					}
					if took := time.Since(start); took != tt.took {
						t.Errorf("the answer took %v, want %v", took, tt.took)
					}
					if err := b.Close(t.Context()); err != nil {
						t.Fatal(err)
					}
					list, err := b.Status(t.Context(), "A", result.PINID)
					if err != nil || list[len(list)-1].State != delivery.StateNotDelivered {
						t.Errorf("Status = %+v, %v, want the outcome noted whenever it came", list, err)
					}
				})
			})
		}
	}
}

func TestCall_without_a_wait_is_processing_even_when_it_ended(t *testing.T) {
	t.Parallel()
	for range 100 {
		b := setup(t)
		result, err := b.SendVoice(t.Context(), input(), new(time.Duration(0)))
		if err != nil || result.Status != delivery.CallProcessing {
			t.Fatalf("SendVoice = %+v, %v, want %s", result, err, delivery.CallProcessing)
		}
		if err := b.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := b.delivery(t, result.PINID).State; got != delivery.StateDelivered {
			t.Fatalf("state = %s, want %s all the same", got, delivery.StateDelivered)
		}
	}
}

func TestCall_is_waiting_while_it_is_under_way(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.dock.ongoing = newCall()
		result, err := b.SendVoice(t.Context(), input(), new(time.Duration(0)))
		if err != nil {
			t.Fatal(err)
		}
		if got := b.delivery(t, result.PINID).State; got != delivery.StateWaiting {
			t.Errorf("state = %s, want %s", got, delivery.StateWaiting)
		}
		b.moves(time.Minute)
		b.dock.ongoing.hangUp(delivery.CallAnsweredMachine, nil)
		synctest.Wait()
		if got := b.delivery(t, result.PINID).State; got != delivery.StateDelivered {
			t.Errorf("state = %s, want %s", got, delivery.StateDelivered)
		}
		if got := b.store.row(result.PINID).SentAt; !got.Equal(noon.Add(time.Minute)) {
			t.Errorf("sent at %v, want when the outcome came: %v", got, noon.Add(time.Minute))
		}
	})
}

func TestCall_outcomes(t *testing.T) {
	t.Parallel()
	refused := func(c delivery.Class) error {
		return &delivery.Error{Class: c, Carrier: "sip", Code: "503", Err: io.EOF}
	}
	tests := map[string]struct {
		script func(*fakeDock)
		want   delivery.CallStatus
		state  delivery.State
		place  bool
	}{
		"a person picks up":     {ends(delivery.CallProcessed, nil), delivery.CallProcessed, delivery.StateDelivered, true},
		"a machine picks up":    {ends(delivery.CallAnsweredMachine, nil), delivery.CallAnsweredMachine, delivery.StateDelivered, true},
		"the line is busy":      {ends(delivery.CallUserBusy, nil), delivery.CallUserBusy, delivery.StateNotDelivered, true},
		"nobody picks up":       {ends(delivery.CallNoAnswer, nil), delivery.CallNoAnswer, delivery.StateNotDelivered, true},
		"no such phone":         {ends(delivery.CallBadRequest, nil), delivery.CallBadRequest, delivery.StateInvalidDestination, false},
		"no network":            {ends(delivery.CallNetworkNotAvailable, nil), delivery.CallNetworkNotAvailable, delivery.StateNetworkNotAvailable, false},
		"it breaks off":         {ends("", refused(delivery.Temporary)), delivery.CallError, delivery.StateSystemError, false},
		"it ends in the dark":   {ends("", refused(delivery.Ambiguous)), delivery.CallUndefined, delivery.StateUnknown, true},
		"an error outweighs":    {ends(delivery.CallProcessed, refused(delivery.NoCredit)), delivery.CallNotEnoughCredits, delivery.StateNoCredit, false},
		"no carrier is set up":  {func(d *fakeDock) { d.dialErr = refused(delivery.LinkDown) }, delivery.CallRouteNotAvailable, delivery.StateNetworkNotAllowed, false},
		"no carrier takes it":   {func(d *fakeDock) { d.dialErr = refused(delivery.Rejected) }, delivery.CallRouteNotAvailable, delivery.StateNetworkNotAllowed, false},
		"a carrier wants money": {func(d *fakeDock) { d.dialErr = refused(delivery.NoCredit) }, delivery.CallNotEnoughCredits, delivery.StateNoCredit, false},
		"a carrier breaks":      {func(d *fakeDock) { d.dialErr = io.ErrUnexpectedEOF }, delivery.CallError, delivery.StateSystemError, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			tt.script(b.dock)
			result, err := b.SendVoice(t.Context(), input(), nil)
			if want := (CallResult{PINID: result.PINID, To: number, Status: tt.want}); err != nil || result != want || result.PINID == "" {
				t.Fatalf("SendVoice = %+v, %v, want %+v", result, err, want)
			}
			if got := b.delivery(t, result.PINID).State; got != tt.state {
				t.Errorf("state = %s, want %s", got, tt.state)
			}
			if kept := len(b.store.places) == 1; kept != tt.place {
				t.Errorf("%d places are taken, want one = %t", len(b.store.places), tt.place)
			}
			if _, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: result.PINID}); err != nil {
				t.Errorf("ResendSMS = %v, want the PIN to live on", err)
			}
		})
	}
}

func ends(status delivery.CallStatus, err error) func(*fakeDock) {
	return func(d *fakeDock) {
		d.ongoing = newCall()
		d.ongoing.hangUp(status, err)
	}
}

func TestCall_goes_on_when_the_caller_hangs_up(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		call := newCall()
		b.dock.ongoing = call
		ctx, hangUp := context.WithTimeout(t.Context(), time.Second)
		defer hangUp()
		start := time.Now()
		result, err := b.SendVoice(ctx, input(), nil)
		if err != nil || result.Status != delivery.CallProcessing || time.Since(start) != time.Second {
			t.Errorf("SendVoice = %+v, %v after %v, want %s when the caller is gone", result, err, time.Since(start), delivery.CallProcessing)
		}
		call.hangUp(delivery.CallProcessed, nil)
		synctest.Wait()
		if got := b.delivery(t, result.PINID).State; got != delivery.StateDelivered {
			t.Errorf("state = %s, want %s", got, delivery.StateDelivered)
		}
	})
}

func TestCall_whose_outcome_is_not_stored(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.breaks("FinishDelivery", errDown)
	result, err := b.SendVoice(t.Context(), input(), nil)
	if err != nil || result.Status != delivery.CallProcessed {
		t.Errorf("SendVoice = %+v, %v, want what the carrier said", result, err)
	}
}
