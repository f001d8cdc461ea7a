package smpp_test

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
	"github.com/pinpost/pinpost/internal/delivery/smpp/smpptest"
)

func TestSend_accepted(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	got, err := b.send(t, smpptest.NoReceipt)
	want := delivery.Accepted{Carrier: "acme", RemoteID: "161", Parts: 1, Encoding: "GSM-7", State: delivery.StateWaiting}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("Send = %+v, %v, want %+v", got, err, want)
	}
	m := b.Messages()[0]
	if m.Text() != "Your PIN is "+secretPIN || m.DataCoding != 0 || m.ESMClass != 0 || m.RegisteredDelivery != 1 {
		t.Errorf("arrived as %q, coding %d, class %d, registered %d", m.Text(), m.DataCoding, m.ESMClass, m.RegisteredDelivery)
	}
	if want := (pdu.Address{TON: 5, Addr: "Bank"}); m.Source != want {
		t.Errorf("source is %+v, want %+v", m.Source, want)
	}
	if want := (pdu.Address{TON: 1, NPI: 1, Addr: number + smpptest.NoReceipt}); m.Dest != want {
		t.Errorf("destination is %+v, want %+v", m.Dest, want)
	}
	if m.Validity != "000000000500000R" {
		t.Errorf("validity is %q, want five minutes", m.Validity)
	}
}

func TestSend_withoutReceipts(t *testing.T) {
	t.Parallel()
	off := false
	b := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) { c.RegisteredDelivery = &off })
	got, err := b.send(t, "00")
	if err != nil || got.State != delivery.StateAccepted || b.Messages()[0].RegisteredDelivery != 0 {
		t.Errorf("Send = %+v, %v, want acceptance alone", got, err)
	}
}

func TestSend_halfAnAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	got, err := b.send(t, smpptest.HalfAnswer)
	if err != nil || got.RemoteID != "" || got.State != delivery.StateAccepted {
		t.Errorf("Send = %+v, %v, want acceptance by the status alone", got, err)
	}
}

func TestSend_parameters(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) {
		c.Params = map[string]uint16{"template": 0x1401, "entity": 0x1400, "unused": 0x1402}
	})
	m := text("10")
	m.Params = map[string]string{"template": "1107", "entity": "1101", "other": "x"}
	if _, err := b.carrier.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := b.Messages()[0].TLVs
	if len(got) != 2 || got[0].Tag != 0x1400 || string(got[0].Value) != "1101" || got[1].Tag != 0x1401 {
		t.Errorf("parameters are %+v, want entity and template", got)
	}
}

func TestSend_refused(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) { c.ResponseTimeout = 500 * time.Millisecond })
	tests := map[string]struct {
		suffix string
		want   delivery.Class
	}{
		"no such phone":            {smpptest.BadDestination, delivery.BadDestination},
		"silence is ambiguous":     {smpptest.Silent, delivery.Ambiguous},
		"a lost link is ambiguous": {smpptest.DropLink, delivery.Ambiguous},
	}
	for name, tt := range tests {
		before := b.Count()
		_, err := b.send(t, tt.suffix)
		if got := class(t, err); got != tt.want {
			t.Errorf("%s: class is %d, want %d (%v)", name, got, tt.want, err)
		}
		if got := b.Count() - before; got != 1 {
			t.Errorf("%s: went out %d times, want once", name, got)
		}
	}
	if _, err := b.send(t, "00"); err != nil {
		t.Errorf("Send after the lost link = %v, want it to go out by the next one", err)
	}
}

func TestSend_unfit(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	long, sender := text("00"), text("00")
	long.Text = delivery.Text(strings.Repeat("a", 1531))
	sender.From = "Банк"
	for name, m := range map[string]delivery.SMS{"eleven parts": long, "a sender beyond Latin-1": sender} {
		if _, err := b.carrier.Send(t.Context(), m); class(t, err) != delivery.Rejected {
			t.Errorf("%s: %v, want Rejected", name, err)
		}
	}
	if b.Count() != 0 {
		t.Errorf("%d messages went out, want none", b.Count())
	}
}

func TestSend_throttledTwice(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	if _, err := b.send(t, smpptest.ThrottleTwice); err != nil {
		t.Fatalf("Send = %v, want it to pass at the third try", err)
	}
	if b.Count() != 3 {
		t.Errorf("went out %d times, want 3", b.Count())
	}
	if got := b.carrier.Health().Detail; !strings.Contains(got, "throttled") {
		t.Errorf("health is %q, want throttled", got)
	}
	if got := strings.Count(b.log.String(), "msg=throttled"); got != 1 {
		t.Errorf("throttled is logged %d times, want once", got)
	}
}

func TestSend_queueFullUntilTheEnd(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := b.carrier.Send(ctx, text(smpptest.QueueFull))
	if class(t, err) != delivery.Throttled || !strings.Contains(err.Error(), "0x14 MSGQFUL") {
		t.Errorf("Send = %v, want Throttled by 0x14", err)
	}
}

func TestSend_window(t *testing.T) {
	t.Parallel()
	const window = 7
	b := setup(t, smpptest.Options{Delay: 5 * time.Millisecond}, func(c *smpp.Config, _ *smpp.Deps) { c.Window = window })
	var sending sync.WaitGroup
	for range 100 {
		sending.Go(func() {
			if _, err := b.send(t, smpptest.NoReceipt); err != nil {
				t.Errorf("Send = %v", err)
			}
		})
	}
	sending.Wait()
	if got := b.MaxInFlight(); got != window {
		t.Errorf("at most %d were in flight, want %d", got, window)
	}
	if got := b.Count(); got != 100 {
		t.Errorf("%d arrived, want 100", got)
	}
}

func TestSend_windowFull(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) { c.Window = 1 })
	ctx, cancel := context.WithCancel(t.Context())
	var first sync.WaitGroup
	first.Go(func() { _, _ = b.carrier.Send(ctx, text(smpptest.Silent)) })
	b.wait(t, "taken", func() bool { return b.Count() == 1 })
	if got := b.carrier.Health().Detail; !strings.HasSuffix(got, ", 1 in flight") {
		t.Errorf("health is %q, want one in flight", got)
	}
	short, end := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer end()
	if _, err := b.carrier.Send(short, text("00")); class(t, err) != delivery.Throttled {
		t.Errorf("Send beyond the window = %v, want Throttled", err)
	}
	cancel()
	first.Wait()
	if b.Count() != 1 {
		t.Errorf("%d messages went out, want one", b.Count())
	}
}

func TestSend_rate(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) { c.Rate = 0.001 })
	if _, err := b.send(t, "00"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.send(t, "00"); class(t, err) != delivery.Throttled || b.Count() != 1 {
		t.Errorf("Send beyond the rate = %v after %d messages, want Throttled", err, b.Count())
	}
}
