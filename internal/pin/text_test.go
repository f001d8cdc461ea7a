package pin

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

func TestSendSMS_lookup(t *testing.T) {
	t.Parallel()
	reach := func(r delivery.Reach) delivery.NumberInfo { return delivery.NumberInfo{Reach: r, Source: "hlr"} }
	tests := map[string]struct {
		needed, configured bool
		info               delivery.NumberInfo
		err                error
		nc                 NCStatus
		sms                SMSStatus
		asked              bool
	}{
		"not asked for, and none set up":     {nc: NCUnknown, sms: SMSSent},
		"not asked for, though one is there": {configured: true, info: reach(delivery.NotReachable), nc: NCUnknown, sms: SMSSent},
		"asked for, and none set up":         {needed: true, nc: NCNotConfigured, sms: SMSSent, asked: true},
		"the phone is reachable":             {needed: true, configured: true, info: reach(delivery.Reachable), nc: NCReachable, sms: SMSSent, asked: true},
		"the phone is not reachable":         {needed: true, configured: true, info: reach(delivery.NotReachable), nc: NCNotReachable, sms: SMSNotSent, asked: true},
		"nobody can tell":                    {needed: true, configured: true, nc: NCUnknown, sms: SMSSent, asked: true},
		"the lookup fails":                   {needed: true, configured: true, err: io.ErrUnexpectedEOF, nc: NCUnknown, sms: SMSSent, asked: true},
		"a failed lookup that names a state": {needed: true, configured: true, info: reach(delivery.NotReachable), err: io.EOF, nc: NCUnknown, sms: SMSSent, asked: true},
		"a state that nobody knows":          {needed: true, configured: true, info: reach(77), nc: NCUnknown, sms: SMSSent, asked: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.dock.configured, b.dock.info, b.dock.lookupErr = tt.configured, tt.info, tt.err
			in := input()
			in.LookupNeeded = tt.needed
			result, err := b.SendSMS(t.Context(), in)
			if want := (SMSResult{PINID: result.PINID, To: number, NCStatus: tt.nc, SMSStatus: tt.sms}); err != nil || result != want || result.PINID == "" {
				t.Fatalf("SendSMS = %+v, %v, want %+v", result, err, want)
			}
			if sent := len(b.dock.texts) == 1; sent != (tt.sms == SMSSent) {
				t.Errorf("%d texts went out, want one = %t", len(b.dock.texts), tt.sms == SMSSent)
			}
			for _, m := range b.dock.texts {
				if heard := map[bool]NCStatus{true: tt.nc}[tt.asked]; m.NCStatus != string(heard) {
					t.Errorf("the carrier hears of lookup %q, want %q", m.NCStatus, heard)
				}
			}
			if asked := slices.Equal(b.dock.lookups, []phone.Number{number}); asked != tt.asked {
				t.Errorf("%d lookups, want one = %t", len(b.dock.lookups), tt.asked)
			}
			state := map[SMSStatus]delivery.State{SMSSent: delivery.StateAccepted, SMSNotSent: delivery.StateNotSent}[tt.sms]
			if got := b.delivery(t, result.PINID).State; got != state {
				t.Errorf("state = %s, want %s", got, state)
			}
			if took := len(b.store.places) == 1; took != (tt.sms == SMSSent) {
				t.Errorf("%d places are taken, want one = %t", len(b.store.places), tt.sms == SMSSent)
			}
			if sent := !b.store.row(result.PINID).SentAt.IsZero(); sent != (tt.sms == SMSSent) {
				t.Errorf("sent = %t, want %t", sent, tt.sms == SMSSent)
			}
		})
	}
}

func TestSendSMS_stopped_by_the_lookup_makes_a_PIN_that_can_be_resent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.dock.configured, b.dock.info.Reach = true, delivery.NotReachable
	in := input()
	in.LookupNeeded = true
	stopped, err := b.SendSMS(t.Context(), in)
	if err != nil || stopped.SMSStatus != SMSNotSent {
		t.Fatalf("SendSMS = %+v, %v, want it stopped", stopped, err)
	}
	b.dock.info.Reach = delivery.Reachable
	again, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: stopped.PINID})
	if want := (SMSResult{PINID: stopped.PINID, To: number, NCStatus: NCReachable, SMSStatus: SMSSent}); err != nil || again != want {
		t.Fatalf("ResendSMS = %+v, %v, want %+v", again, err, want)
	}
	if got := b.verify(t, stopped.PINID, b.dock.code()); !got.Verified {
		t.Errorf("Verify = %+v, want it verified", got)
	}
}

func TestSendSMS_carrier(t *testing.T) {
	t.Parallel()
	refusal := func(c delivery.Class) error {
		return &delivery.Error{Class: c, Carrier: "smsc", Code: "x", Err: io.EOF}
	}
	tests := map[string]struct {
		accepted delivery.Accepted
		err      error
		status   SMSStatus
		state    delivery.State
		place    bool
	}{
		"takes it for good":      {delivery.Accepted{Carrier: "smsc", RemoteID: "r"}, nil, SMSSent, delivery.StateAccepted, true},
		"takes it and reports":   {delivery.Accepted{Carrier: "smsc", RemoteID: "r", State: delivery.StateWaiting}, nil, SMSSent, delivery.StateWaiting, true},
		"has temporary trouble":  {err: refusal(delivery.Temporary), status: SMSNotSent, state: delivery.StateNetworkNotAvailable},
		"is throttled":           {err: refusal(delivery.Throttled), status: SMSNotSent, state: delivery.StateNetworkNotAvailable},
		"is down":                {err: refusal(delivery.LinkDown), status: SMSNotSent, state: delivery.StateNetworkNotAvailable},
		"may have taken it":      {err: refusal(delivery.Ambiguous), status: SMSNotSent, state: delivery.StateUnknown, place: true},
		"did not answer in time": {err: context.DeadlineExceeded, status: SMSNotSent, state: delivery.StateUnknown, place: true},
		"knows no such phone":    {err: refusal(delivery.BadDestination), status: SMSNotSent, state: delivery.StateInvalidDestination},
		"will not take it":       {err: refusal(delivery.Rejected), status: SMSNotSent, state: delivery.StateRejected},
		"refuses us":             {err: refusal(delivery.Unauthorised), status: SMSNotSent, state: delivery.StateNetworkNotAllowed},
		"wants money":            {err: refusal(delivery.NoCredit), status: SMSNotSent, state: delivery.StateNoCredit},
		"breaks":                 {err: io.ErrUnexpectedEOF, status: SMSNotSent, state: delivery.StateNetworkNotAvailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.dock.accepted, b.dock.sendErr = tt.accepted, tt.err
			result, err := b.SendSMS(t.Context(), input())
			if want := (SMSResult{PINID: result.PINID, To: number, NCStatus: NCUnknown, SMSStatus: tt.status}); err != nil || result != want || result.PINID == "" {
				t.Fatalf("SendSMS = %+v, %v, want %+v", result, err, want)
			}
			if d := b.delivery(t, result.PINID); d.State != tt.state || d.Carrier != tt.accepted.Carrier || d.RemoteID != tt.accepted.RemoteID || d.Channel != ChannelSMS {
				t.Errorf("delivery = %+v, want %s by %+v", d, tt.state, tt.accepted)
			}
			if kept := len(b.store.places) == 1; kept != tt.place {
				t.Errorf("%d places are taken, want one = %t", len(b.store.places), tt.place)
			}
			if sent := !b.store.row(result.PINID).SentAt.IsZero(); sent != tt.place {
				t.Errorf("sent = %t, want %t", sent, tt.place)
			}
			// The PIN exists whatever the carrier said: it verifies, and it can be sent again.
			b.dock.accepted, b.dock.sendErr = delivery.Accepted{}, nil
			if again, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: result.PINID}); err != nil || again.SMSStatus != SMSSent {
				t.Errorf("ResendSMS = %+v, %v, want it sent", again, err)
			}
			if got := b.verify(t, result.PINID, b.dock.code()); !got.Verified {
				t.Errorf("Verify = %+v, want it verified", got)
			}
		})
	}
}

func TestSendSMS_logs_whom_no_carrier_reached(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.dock.sendErr = &delivery.Error{Class: delivery.Rejected, Carrier: "smsc", Code: "0x0b"}
	result, err := b.SendSMS(t.Context(), input())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{result.PINID, `"to":"41*******27"`, "carrier smsc refused (0x0b)"} {
		if !strings.Contains(b.log.String(), want) {
			t.Errorf("log = %s, want %s in it", b.log.String(), want)
		}
	}
}

func TestSend_sender(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ from, want string }{
		"the template's":                      {"", "Infobip 2FA"},
		"that of the request":                 {"Bank", "Bank"},
		"that of the request as a number":     {"+41790000000", "+41790000000"},
		"that of the request, one it has too": {"Infobip 2FA", "Infobip 2FA"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			in := input()
			in.From = tt.from
			sent, err := b.SendSMS(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			called, err := b.SendVoice(t.Context(), in, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range []string{sent.PINID, called.PINID} {
				if _, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: id}); err != nil {
					t.Fatal(err)
				}
				if _, err := b.ResendVoice(t.Context(), ResendInput{AccountID: "A", PINID: id}, nil); err != nil {
					t.Fatal(err)
				}
			}
			for _, m := range b.dock.texts {
				if m.From != tt.want {
					t.Errorf("a text came from %q, want %q", m.From, tt.want)
				}
			}
			for _, c := range b.dock.calls {
				if c.From != tt.want {
					t.Errorf("a call came from %q, want %q", c.From, tt.want)
				}
			}
			if len(b.dock.texts) != 3 || len(b.dock.calls) != 3 {
				t.Errorf("%d texts and %d calls went out, want 3 each", len(b.dock.texts), len(b.dock.calls))
			}
		})
	}
}
