package pin

import (
	"io"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
)

func TestStatus_lists_every_message_of_a_PIN(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.dock.accepted = delivery.Accepted{Carrier: "smsc", RemoteID: "r1", State: delivery.StateWaiting}
	id, _ := b.sent(t)
	b.sent(t)
	b.moves(time.Second)
	b.dock.sendErr = &delivery.Error{Class: delivery.Rejected, Carrier: "smsc"}
	if _, err := b.ResendSMS(t.Context(), ResendInput{AccountID: "A", PINID: id}); err != nil {
		t.Fatal(err)
	}
	b.moves(time.Second)
	if _, err := b.ResendVoice(t.Context(), ResendInput{AccountID: "A", PINID: id}, nil); err != nil {
		t.Fatal(err)
	}
	list, err := b.Status(t.Context(), "A", id)
	if err != nil {
		t.Fatal(err)
	}
	want := []Delivery{
		{PINID: id, Channel: ChannelSMS, State: delivery.StateWaiting, Carrier: "smsc", RemoteID: "r1", At: noon},
		{PINID: id, Channel: ChannelSMS, State: delivery.StateRejected, At: noon.Add(time.Second)},
		{PINID: id, Channel: ChannelVoice, State: delivery.StateDelivered, At: noon.Add(2 * time.Second)},
	}
	for i := range list {
		list[i].ID, list[i].History = "", nil
	}
	if !reflect.DeepEqual(list, want) {
		t.Errorf("Status = %+v, want %+v", list, want)
	}
}

func TestStatus_is_for_the_account_alone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, _ := b.sent(t)
	for name, who := range map[string][2]string{"an id nobody has": {"A", "none"}, "an id of another account": {"B", id}} {
		if list, err := b.Status(t.Context(), who[0], who[1]); !fault.Is(err, fault.NotFound) || list != nil {
			t.Errorf("Status of %s = %+v, %v, want NotFound", name, list, err)
		}
	}
}

func TestVerifications(t *testing.T) {
	t.Parallel()
	const other = "41793026746"
	b := setup(t)
	// Newest last: one verified, one sent, one that no carrier took, one to another number.
	id, code := b.sent(t)
	b.at(time.Second)
	b.verify(t, id, code)
	b.at(2 * time.Second)
	b.sent(t)
	b.dock.sendErr = io.ErrUnexpectedEOF
	b.at(3 * time.Second)
	b.sent(t)
	b.dock.sendErr = nil
	b.at(4 * time.Second)
	in := input()
	in.To = other
	if _, err := b.SendSMS(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	rows := []Verification{
		{To: other, SentAt: noon.Add(4 * time.Second)},
		{To: number},
		{To: number, SentAt: noon.Add(2 * time.Second)},
		{To: number, Verified: true, VerifiedAt: noon.Add(time.Second), SentAt: noon},
	}
	tests := map[string]struct {
		in   ListInput
		want []Verification
	}{
		"all, newest first":             {ListInput{}, rows},
		"one number":                    {ListInput{To: new(number)}, rows[1:]},
		"one number with a plus":        {ListInput{To: new("+" + number)}, rows[1:]},
		"one number with a trunk zero":  {ListInput{To: new("+410793026727")}, rows[1:]},
		"a number that got nothing":     {ListInput{To: new("41793026755")}, nil},
		"verified ones":                 {ListInput{Verified: new(true)}, rows[3:]},
		"unverified ones":               {ListInput{Verified: new(false)}, rows[:3]},
		"ones that went out":            {ListInput{Sent: new(true)}, []Verification{rows[0], rows[2], rows[3]}},
		"ones that did not":             {ListInput{Sent: new(false)}, rows[1:2]},
		"unverified ones that went out": {ListInput{To: new(number), Verified: new(false), Sent: new(true)}, rows[2:3]},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.in.AccountID, tt.in.ApplicationID = "A", "shop"
			got, err := b.Verifications(t.Context(), tt.in)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("Verifications = %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestVerifications_refuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.Verifications(t.Context(), ListInput{AccountID: "A", ApplicationID: "shop", To: new(`"41793026727"`)})
	b.refused(t, err, fault.Invalid, "msisdn: must be digits in international format, with or without a leading +")
	_, err = b.Verifications(t.Context(), ListInput{AccountID: "A", ApplicationID: "shop", To: new("")})
	b.refused(t, err, fault.Invalid, "msisdn: must be digits in international format, with or without a leading +")
	_, err = b.Verifications(t.Context(), ListInput{AccountID: "A", ApplicationID: "none"})
	b.refused(t, err, fault.NotFound, "No such application")
	_, err = b.Verifications(t.Context(), ListInput{AccountID: "A", ApplicationID: "stall"})
	b.refused(t, err, fault.NotFound, "No such application")
}

func TestVerifications_are_bounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) { c.InitiationAttempts = 10000 })
	for range MaxVerifications + 1 {
		b.sent(t)
	}
	got, err := b.Verifications(t.Context(), ListInput{AccountID: "A", ApplicationID: "shop"})
	if err != nil || len(got) != MaxVerifications {
		t.Errorf("Verifications = %d rows, %v, want %d", len(got), err, MaxVerifications)
	}
}

func TestPIN_State(t *testing.T) {
	t.Parallel()
	live := PIN{Sealed: []byte{1}, ExpiresAt: noon.Add(time.Minute), Attempts: 2}
	tests := map[string]struct {
		change func(*PIN)
		now    time.Time
		rules  Rules
		want   State
	}{
		"with an attempt left":              {func(*PIN) {}, noon, Rules{3, true}, Live},
		"with no attempt left":              {func(p *PIN) { p.Attempts = 3 }, noon, Rules{3, true}, Exhausted},
		"with more attempts than allowed":   {func(p *PIN) { p.Attempts = 9 }, noon, Rules{3, true}, Exhausted},
		"a moment before it expires":        {func(*PIN) {}, noon.Add(time.Minute - 1), Rules{3, true}, Live},
		"when it expires":                   {func(*PIN) {}, noon.Add(time.Minute), Rules{3, true}, Expired},
		"verified, and it may again":        {func(p *PIN) { p.VerifiedAt = noon }, noon, Rules{3, true}, Live},
		"verified, and that once":           {func(p *PIN) { p.VerifiedAt = noon }, noon, Rules{3, false}, Used},
		"unverified, where once is allowed": {func(*PIN) {}, noon, Rules{3, false}, Live},
		"wiped, though more is allowed now": {func(p *PIN) { p.Sealed = nil }, noon, Rules{9, true}, Exhausted},
		"verified and wiped":                {func(p *PIN) { p.VerifiedAt, p.Sealed = noon, nil }, noon, Rules{3, false}, Used},
		"all ends at once":                  {func(p *PIN) { p.VerifiedAt, p.Sealed, p.Attempts = noon, nil, 9 }, noon.Add(time.Hour), Rules{3, false}, Expired},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := live
			tt.change(&p)
			if got := p.State(tt.now, tt.rules); got != tt.want {
				t.Errorf("State = %d, want %d", got, tt.want)
			}
		})
	}
}
