package smpp_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
	"github.com/pinpost/pinpost/internal/delivery/smpp/smpptest"
	"github.com/pinpost/pinpost/internal/phone"
)

func TestBind_transceiver(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]uint8{"3.4": 0x34, "5.0": 0x50, "5": 0x50} {
		b := setup(t, smpptest.Options{SystemID: "pinpost", Password: secretPassword}, func(c *smpp.Config, _ *smpp.Deps) {
			c.InterfaceVersion, c.SystemType = version, "OTP"
		})
		bind := b.Binds()[0]
		if bind.InterfaceVersion != want || bind.SystemType != "OTP" {
			t.Errorf("bound with version %#x and type %q, want %#x and OTP", bind.InterfaceVersion, bind.SystemType, want)
		}
		if got := b.carrier.Health(); !strings.Contains(got.Detail, "bound to 127.0.0.1:") || got.Since.IsZero() {
			t.Errorf("health is %+v, want since when and to whom", got)
		}
	}
}

func TestBind_pair(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{NoTransceiver: true}, func(c *smpp.Config, _ *smpp.Deps) { c.Bind = smpp.BindPair })
	b.wait(t, "bound twice", func() bool { return b.Bound() == 2 })
	sent, err := b.send(t, smpptest.TextReceipt)
	if err != nil {
		t.Fatal(err)
	}
	r := b.receipt(t)
	if r.RemoteID != sent.RemoteID || r.State != delivery.StateDelivered {
		t.Errorf("receipt is %+v, want that of %s over the receiver", r.Receipt, sent.RemoteID)
	}
	r.Ack()
	b.wait(t, "acknowledged", func() bool { return len(b.Acks()) == 1 })
}

func TestBind_wrongPassword(t *testing.T) {
	t.Parallel()
	b := unbound(t, smpptest.Options{Password: "another"}, nil)
	b.until(t, "refused", func() bool { return strings.Contains(b.carrier.Health().Detail, "0x0E INVPASWD") })
	if b.carrier.Health().Up {
		t.Error("health is up")
	}
	if _, err := b.send(t, "00"); class(t, err) != delivery.Unauthorised {
		t.Errorf("Send = %v, want Unauthorised", err)
	} else if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Send = %v, want it refused at once", err)
	}
}

func TestBind_nextAddress(t *testing.T) {
	t.Parallel()
	gone, err := smpptest.Start(smpptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	b := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) {
		c.Addresses = append([]string{gone.Address()}, c.Addresses...)
	})
	if _, err := b.send(t, "00"); err != nil {
		t.Errorf("Send by the second address = %v", err)
	}
}

func TestSend_downForLong(t *testing.T) {
	t.Parallel()
	b := unbound(t, smpptest.Options{NoTransceiver: true}, func(c *smpp.Config, _ *smpp.Deps) { c.RebindPatience = time.Nanosecond })
	_, err := b.send(t, "00")
	if class(t, err) != delivery.LinkDown || b.Count() != 0 {
		t.Errorf("Send = %v, want LinkDown", err)
	}
}

func TestSend_waitsForAShortRebind(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	for range 5 {
		b.Drop()
		// The link may be found lost before or after the message went out: it arrives, or it is ambiguous and goes out once.
		before := b.Count()
		if _, err := b.send(t, smpptest.NoReceipt); err != nil && class(t, err) != delivery.Ambiguous {
			t.Errorf("Send = %v, want it to wait for the next bind", err)
		}
		if got := b.Count() - before; got > 1 {
			t.Errorf("went out %d times", got)
		}
	}
	if !strings.Contains(b.log.String(), "link lost") {
		t.Errorf("the lost link is not logged:\n%s", b.log)
	}
}

func TestSend_linksLostUnderLoad(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{Delay: time.Millisecond}, nil)
	const texts = 300
	taken := make([]bool, texts)
	var sending sync.WaitGroup
	for sender := range 10 {
		sending.Go(func() {
			for i := sender; i < texts; i += 10 {
				m := text(smpptest.NoReceipt)
				m.To = phone.Number(fmt.Sprintf("4179%05d10", i))
				_, err := b.carrier.Send(t.Context(), m)
				if taken[i] = err == nil; !taken[i] && class(t, err) != delivery.Ambiguous {
					t.Errorf("Send = %v, want it taken or ambiguous", err)
				}
			}
		})
	}
	for _, after := range []int{30, 90, 150, 210} {
		b.wait(t, "under load", func() bool { return b.Count() >= after })
		b.Drop()
	}
	sending.Wait()
	arrived := map[string]int{}
	for _, m := range b.Messages() {
		arrived[m.Dest.Addr]++
	}
	for i, was := range taken {
		if got := arrived[fmt.Sprintf("4179%05d10", i)]; got > 1 || was && got != 1 {
			t.Errorf("text %d arrived %d times, and Send says %t", i, got, was)
		}
	}
}

func TestUnbind_bySMSC(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{Delay: 30 * time.Millisecond}, nil)
	var sending sync.WaitGroup
	for range 5 {
		sending.Go(func() {
			if _, err := b.send(t, smpptest.NoReceipt); err != nil {
				t.Errorf("Send in flight as the SMSC unbinds = %v, want its answer", err)
			}
		})
	}
	b.wait(t, "in flight", func() bool { return b.Count() == 5 })
	b.Unbind()
	sending.Wait()
	if _, err := b.send(t, smpptest.NoReceipt); err != nil {
		t.Errorf("Send after the unbind = %v, want it to go by the next bind", err)
	}
	if len(b.Binds()) != 2 || strings.Contains(b.log.String(), "link lost") {
		t.Errorf("bound %d times, want twice without a lost link:\n%s", len(b.Binds()), b.log)
	}
}

func TestUnbind_afterAnAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	for range 3 {
		if _, err := b.send(t, smpptest.UnbindAfter); err != nil {
			t.Fatalf("Send = %v", err)
		}
	}
	if b.Count() != 3 {
		t.Errorf("%d arrived, want 3", b.Count())
	}
	for range 3 {
		b.receipt(t).Ack()
	}
}

func TestEnquireLink_deadLink(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) {
		c.EnquireInterval, c.EnquireTimeout = 5*time.Millisecond, time.Second
	})
	if _, err := b.send(t, smpptest.DeadLink); err != nil {
		t.Fatal(err)
	}
	b.receipt(t).Ack()
	b.wait(t, "bound again", func() bool { return len(b.Binds()) == 2 })
	b.until(t, "up", func() bool { return b.carrier.Health().Up })
	if !strings.Contains(b.log.String(), "no answer to enquire_link") {
		t.Errorf("the dead link is not logged:\n%s", b.log)
	}
}

func TestPeer_asks(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	b.Send(pdu.PDU{Command: 0x777, Sequence: 5})
	b.wait(t, "nack", func() bool { return len(b.Nacks()) == 1 })
	b.Send(pdu.PDU{Command: pdu.SubmitSM, Sequence: 6, Body: &pdu.Message{}})
	b.wait(t, "nack", func() bool { return len(b.Nacks()) == 2 })
	b.Send(pdu.PDU{Command: pdu.DeliverSM, Sequence: 7, Body: pdu.Raw("half a body")})
	b.wait(t, "nack", func() bool { return len(b.Nacks()) == 3 })
	if got := b.Nacks(); got[0] != pdu.StatusInvalidCommand || got[1] != pdu.StatusInvalidCommand || got[2] != pdu.StatusInvalidLength {
		t.Errorf("nacks are %v, want two for commands and one for a body", got)
	}
	b.Send(pdu.PDU{Command: pdu.EnquireLink, Sequence: 8})
	b.Send(pdu.PDU{Command: pdu.AlertNotification, Sequence: 9, Body: &pdu.Alert{}})
	b.Send(pdu.PDU{Command: pdu.SubmitSMResp, Sequence: 1 << 20, Body: &pdu.MessageResp{MessageID: "never asked"}})
	if _, err := b.send(t, "00"); err != nil || len(b.Binds()) != 1 {
		t.Errorf("Send = %v after %d binds, want the link kept", err, len(b.Binds()))
	}
}

func TestPeer_sendsRubbish(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	b.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
	b.wait(t, "bound again", func() bool { return len(b.Binds()) == 2 })
	if !strings.Contains(b.log.String(), "PDU length out of range") {
		t.Errorf("the log does not say why:\n%s", b.log)
	}
}

func TestClose_drains(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{Delay: 30 * time.Millisecond}, nil)
	var sending sync.WaitGroup
	sending.Go(func() {
		if _, err := b.send(t, smpptest.NoReceipt); err != nil {
			t.Errorf("Send in flight = %v, want its answer", err)
		}
	})
	b.wait(t, "in flight", func() bool { return b.Count() == 1 })
	if err := b.carrier.Close(t.Context()); err != nil {
		t.Errorf("Close = %v", err)
	}
	sending.Wait()
	if b.Unbinds() != 1 || len(b.Binds()) != 1 {
		t.Errorf("unbound %d times after %d binds, want one each", b.Unbinds(), len(b.Binds()))
	}
	if text := fmt.Sprintf("%v %+v %#v", b.carrier, b.carrier, b.carrier); strings.Contains(text, secretPassword) {
		t.Errorf("printed as %s", text)
	}
	if _, open := <-b.carrier.Receipts(); open {
		t.Error("receipts are open after Close")
	}
	if _, err := b.send(t, "00"); class(t, err) != delivery.Temporary {
		t.Errorf("Send after Close = %v, want Temporary", err)
	}
	if got := b.carrier.Health(); got.Up {
		t.Errorf("health after Close is %+v", got)
	}
}

func TestClose_bindsNoMore(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{SlowUnbind: 50 * time.Millisecond}, func(c *smpp.Config, _ *smpp.Deps) { c.Bind = smpp.BindPair })
	b.wait(t, "bound twice", func() bool { return b.Bound() == 2 })
	b.until(t, "bound twice", func() bool { return !strings.Contains(b.carrier.Health().Detail, "not bound") })
	if err := b.carrier.Close(t.Context()); err != nil {
		t.Errorf("Close = %v", err)
	}
	if b.Unbinds() != 2 || len(b.Binds()) != 2 {
		t.Errorf("unbound %d times after %d binds, want two each", b.Unbinds(), len(b.Binds()))
	}
}

func TestClose_inTime(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	var sending sync.WaitGroup
	sending.Go(func() {
		if _, err := b.send(t, smpptest.Silent); class(t, err) != delivery.Ambiguous {
			t.Errorf("Send cut short = %v, want Ambiguous", err)
		}
	})
	b.wait(t, "in flight", func() bool { return b.Count() == 1 })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.carrier.Close(ctx); err == nil {
		t.Error("Close says nothing of the text in flight")
	}
	sending.Wait()
}

func TestClose_neverBound(t *testing.T) {
	t.Parallel()
	b := unbound(t, smpptest.Options{NoTransceiver: true}, func(c *smpp.Config, _ *smpp.Deps) { c.ReconnectMin, c.ReconnectMax = time.Hour, time.Hour })
	if err := b.carrier.Close(t.Context()); err != nil {
		t.Errorf("Close = %v", err)
	}
}
