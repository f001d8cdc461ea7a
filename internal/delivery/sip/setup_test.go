package sip

import (
	"context"
	"errors"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/sip/media"
	"github.com/pinpost/pinpost/internal/delivery/sip/siptest"
	"github.com/pinpost/pinpost/internal/phone"
)

// tone is a Voice that hums for so long.
type tone time.Duration

func (t tone) Render(context.Context, delivery.Prompt) ([]int16, error) {
	pcm := make([]int16, time.Duration(t)*media.Rate/time.Second)
	for i := range pcm {
		pcm[i] = int16(9000 * math.Sin(float64(i)*2*math.Pi*440/media.Rate))
	}
	return pcm, nil
}

type mute struct{}

func (mute) Render(context.Context, delivery.Prompt) ([]int16, error) {
	return nil, errors.New("no voice today")
}

// hasty are settings with which a call is over soon.
func hasty(trunks ...string) Config {
	return Config{
		Name: "trunk", Trunks: trunks, NoResponse: 2 * time.Second, Ring: 10 * time.Second, Max: 20 * time.Second,
		Lead: time.Millisecond, Pause: time.Millisecond, KeyWait: time.Millisecond, Listen: "127.0.0.1:0",
		RTPPortMin: 20000, RTPPortMax: 39999, Ping: time.Hour, Username: "pinpost",
	}
}

func start(t testing.TB, config Config) *Carrier {
	t.Helper()
	return startWith(t, config, Deps{Voice: tone(40 * time.Millisecond)})
}

func startWith(t testing.TB, config Config, deps Deps) *Carrier {
	t.Helper()
	c, err := New(config, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = c.Close(ctx)
	})
	return c
}

func order() delivery.Call {
	to, err := phone.Parse("385911234567")
	if err != nil {
		panic(err)
	}
	return delivery.Call{AttemptID: "attempt", To: to, From: "4411223344"}
}

// ring calls, and gives how it ended.
func ring(t testing.TB, c *Carrier, o delivery.Call) (delivery.CallEnd, error) {
	t.Helper()
	ongoing, err := c.Dial(context.Background(), o)
	if err != nil {
		return delivery.CallEnd{}, err
	}
	<-ongoing.Done()
	return ongoing.Result()
}

// must calls, and gives how it ended when the carrier was not to blame.
func must(t testing.TB, c *Carrier, o delivery.Call) delivery.CallEnd {
	t.Helper()
	end, err := ring(t, c, o)
	if err != nil {
		t.Fatalf("the carrier is blamed: %v", err)
	}
	return end
}

func setup(t testing.TB, script siptest.Script, change func(*Config)) (*siptest.Phone, *Carrier) {
	t.Helper()
	p := siptest.Start(t, "udp", script)
	config := hasty(p.Trunk())
	if change != nil {
		change(&config)
	}
	return p, start(t, config)
}

func classOf(t testing.TB, err error) delivery.Class {
	t.Helper()
	refusal, is := errors.AsType[*delivery.Error](err)
	if !is {
		t.Fatalf("error is %v, want a *delivery.Error", err)
	}
	return refusal.Class
}

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

func netipOf(p *siptest.Phone) netip.Addr { return netip.MustParseAddrPort(p.Addr()).Addr() }
