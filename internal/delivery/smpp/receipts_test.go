package smpp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
	"github.com/pinpost/pinpost/internal/delivery/smpp/smpptest"
)

func TestReceipts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		suffix string
		want   delivery.State
		code   string
	}{
		"by text and parameters":       {"00", delivery.StateDelivered, "DELIVRD err 000"},
		"by text alone":                {smpptest.TextReceipt, delivery.StateDelivered, "DELIVRD err 000"},
		"by parameters alone":          {smpptest.TagReceipt, delivery.StateDelivered, "DELIVRD"},
		"before the answer":            {smpptest.EarlyReceipt, delivery.StateDelivered, "DELIVRD err 000"},
		"not delivered":                {smpptest.Undeliverable, delivery.StateNotDelivered, "UNDELIV err 000"},
		"expired":                      {smpptest.Expired, delivery.StateExpired, "EXPIRED err 000"},
		"rejected":                     {smpptest.Rejected, delivery.StateRejected, "REJECTD err 000"},
		"under way does not count":     {smpptest.Enroute, delivery.StateDelivered, "DELIVRD err 000"},
		"twice is handed out but once": {smpptest.TwiceReported, delivery.StateDelivered, "DELIVRD err 000"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, smpptest.Options{}, func(_ *smpp.Config, d *smpp.Deps) { d.Park = time.Hour })
			sent, err := b.send(t, tt.suffix)
			if err != nil {
				t.Fatal(err)
			}
			r := b.receipt(t)
			want := delivery.Receipt{Carrier: "acme", RemoteID: sent.RemoteID, State: tt.want, Code: tt.code, At: r.At}
			if r.Receipt != want || r.At.IsZero() {
				t.Errorf("receipt is %+v, want %+v", r.Receipt, want)
			}
			r.Ack()
			r.Ack() // once more changes nothing
			expected := 1
			if tt.suffix == smpptest.TwiceReported || tt.suffix == smpptest.Enroute {
				expected = 2
			}
			b.wait(t, "acknowledged", func() bool { return len(b.Acks()) == expected })
			for _, status := range b.Acks() {
				if status != pdu.StatusOK {
					t.Errorf("answered with %s", status)
				}
			}
			if err := b.carrier.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if r, open := <-b.carrier.Receipts(); open {
				t.Errorf("one more receipt: %+v", r.Receipt)
			}
		})
	}
}

func TestReceipts_ids(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, func(c *smpp.Config, d *smpp.Deps) { c.IDs, d.Park = smpp.IDsHexToDecimal, time.Hour })
	sent, err := b.send(t, smpptest.HexID)
	if err != nil {
		t.Fatal(err)
	}
	r := b.receipt(t)
	if sent.RemoteID != "161" || r.RemoteID != "161" {
		t.Errorf("ids are %q and %q, want 161 for A1 and 161", sent.RemoteID, r.RemoteID)
	}
	r.Ack()
}

func TestReceipts_answeredAfterAck(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	if _, err := b.send(t, "00"); err != nil {
		t.Fatal(err)
	}
	r := b.receipt(t)
	// What comes after it on the same link is answered, so silence is not slowness.
	b.Send(pdu.PDU{Command: 0x777, Sequence: 5})
	b.wait(t, "nack", func() bool { return len(b.Nacks()) == 1 })
	if got := b.Acks(); len(got) != 0 {
		t.Errorf("answered with %v before it was stored", got)
	}
	r.Ack()
	b.wait(t, "acknowledged", func() bool { return len(b.Acks()) == 1 })
}

func TestReceipts_repeatedAfterALostLink(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	sent, err := b.send(t, "00")
	if err != nil {
		t.Fatal(err)
	}
	r := b.receipt(t)
	b.Drop()
	b.wait(t, "bound again", func() bool { return len(b.Binds()) == 2 && b.Bound() == 1 })
	repeated := pdu.PDU{Command: pdu.DeliverSM, Sequence: 70, Body: smpptest.Receipt(sent.RemoteID, pdu.StateDelivered)}
	b.Send(repeated)
	b.Send(pdu.PDU{Command: 0x777, Sequence: 71})
	b.wait(t, "nack", func() bool { return len(b.Nacks()) == 1 })
	r.Ack()
	b.wait(t, "acknowledged on the new link", func() bool { return len(b.Acks()) == 1 })
	b.Send(repeated)
	b.wait(t, "acknowledged once more", func() bool { return len(b.Acks()) == 2 })
	select {
	case again := <-b.carrier.Receipts():
		t.Errorf("handed out again: %+v", again.Receipt)
	default:
	}
}

func TestReceipts_unknownID(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, func(_ *smpp.Config, d *smpp.Deps) { d.Park = 10 * time.Millisecond })
	b.Send(pdu.PDU{Command: pdu.DeliverSM, Sequence: 7, Body: smpptest.Receipt("of-another-run", pdu.StateExpired)})
	r := b.receipt(t)
	if r.RemoteID != "of-another-run" || r.State != delivery.StateExpired {
		t.Errorf("receipt is %+v", r.Receipt)
	}
	r.Ack()
}

func TestReceipts_dataSM(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, func(_ *smpp.Config, d *smpp.Deps) { d.Park = time.Millisecond })
	b.Send(pdu.PDU{Command: pdu.DataSM, Sequence: 7, Body: &pdu.Data{ESMClass: 4, TLVs: smpptest.Receipt("5", pdu.StateDelivered).TLVs}})
	r := b.receipt(t)
	if r.RemoteID != "5" || r.State != delivery.StateDelivered {
		t.Errorf("receipt is %+v", r.Receipt)
	}
	r.Ack()
	b.wait(t, "acknowledged", func() bool { return len(b.Acks()) == 1 })
}

func TestReceipts_ofAPhone(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	b.Send(pdu.PDU{Command: pdu.DeliverSM, Sequence: 7, Body: &pdu.Message{
		Source: pdu.Address{Addr: number + "00"}, ShortMessage: []byte("id:1 stat:DELIVRD is " + secretPIN + " right?"),
	}})
	b.wait(t, "acknowledged", func() bool { return len(b.Acks()) == 1 })
	if !strings.Contains(b.log.String(), "message of a phone dropped") {
		t.Errorf("the log does not say so:\n%s", b.log)
	}
	select {
	case r := <-b.carrier.Receipts():
		t.Errorf("handed out as a receipt: %+v", r.Receipt)
	default:
	}
}

func TestReceipts_tooMany(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	for i := range uint32(1001) {
		b.Send(pdu.PDU{Command: pdu.DeliverSM, Sequence: i + 1, Body: smpptest.Receipt(fmt.Sprint(i), pdu.StateDelivered)})
	}
	b.wait(t, "sent back", func() bool { return len(b.Acks()) == 1 })
	if got := b.Acks()[0]; got != pdu.StatusReceiverBusy {
		t.Errorf("the 1001st is answered with %s, want 0x64", got)
	}
}

func TestReceipts_ofSeveralParts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		suffix string
		want   []delivery.State
		last   string
	}{
		"delivered with the last part": {"00", []delivery.State{delivery.StateWaiting, delivery.StateWaiting, delivery.StateDelivered}, "DELIVRD err 000 3/3"},
		"over with the first failure":  {smpptest.SecondFails, nil, "UNDELIV err 000"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, smpptest.Options{}, func(_ *smpp.Config, d *smpp.Deps) { d.Park = time.Hour })
			m := text(tt.suffix)
			m.Text = delivery.Text(strings.Repeat("a", 400))
			sent, err := b.carrier.Send(t.Context(), m)
			if err != nil || sent.Parts != 3 || sent.RemoteID != "161" {
				t.Fatalf("Send = %+v, %v, want three parts by the first one's id", sent, err)
			}
			var states []delivery.State
			for len(states) == 0 || !states[len(states)-1].Final() {
				r := b.receipt(t)
				states = append(states, r.State)
				if r.RemoteID != sent.RemoteID {
					t.Errorf("receipt is of %s, want %s", r.RemoteID, sent.RemoteID)
				}
				if r.State.Final() && r.Code != tt.last {
					t.Errorf("last code is %q, want %q", r.Code, tt.last)
				}
				r.Ack()
			}
			b.wait(t, "all acknowledged", func() bool { return len(b.Acks()) == 3 })
			if tt.want != nil && len(states) != len(tt.want) {
				t.Errorf("states are %v, want %v", states, tt.want)
			}
		})
	}
}
