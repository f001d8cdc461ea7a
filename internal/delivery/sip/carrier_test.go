package sip

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/sip/siptest"
)

func TestNew_lists_all_faults(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		Trunks: []string{"", "host:99999", "host;quic"}, MediaNetworks: []string{"here"}, Codecs: []string{"opus"}, Listen: "x", Advertise: "y",
		TLSCAFile: "/nowhere", Destination: "tel:1", KeyType: 8, Machine: "perhaps", MaxCalls: -1, Ring: -1, RTPPortMin: 1, FromUser: "a b",
	}, Deps{Voice: mute{}})
	if err == nil {
		t.Fatal("New gives no error")
	}
	for _, want := range []string{
		"name", "no host", "port", "transport", "media_networks", "codecs", "listen", "advertise", "tls_ca_file", "{number}", "dtmf_payload_type",
		"machine", "max_calls", "ring", "rtp_port_min", "from_user",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error says nothing of %s: %v", want, err)
		}
	}
	if _, err := New(hasty("127.0.0.1"), Deps{}); err == nil {
		t.Error("a carrier without a Voice is taken")
	}
}

func TestParseAddress(t *testing.T) {
	t.Parallel()
	tests := map[string]address{
		"sip.example":                    {"sip.example", 5060, "udp"},
		"sip.example:5080":               {"sip.example", 5080, "udp"},
		"sip.example;tls":                {"sip.example", 5061, "tls"},
		"sip.example:5080;transport=tcp": {"sip.example", 5080, "tcp"},
		"192.0.2.1:1;tcp":                {"192.0.2.1", 1, "tcp"},
		"[2001:db8::1]:5062":             {"2001:db8::1", 5062, "udp"},
		"[2001:db8::1];tcp":              {"2001:db8::1", 5060, "tcp"},
	}
	for text, want := range tests {
		if got, err := parseAddress(text, "udp"); err != nil || got != want {
			t.Errorf("parseAddress(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestConfig_hides_the_password(t *testing.T) {
	t.Parallel()
	config := Config{Name: "trunk", Password: "hunter2"}
	written, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", config, "password", config.Password)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", config, &config, config, config.Password), string(written), log.String()} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("it shows the password: %s", text)
		}
	}
	if config.Password.Reveal() != "hunter2" {
		t.Error("the password is lost")
	}
}

func TestCarrier_takes_so_many_calls_and_no_more(t *testing.T) {
	t.Parallel()
	_, c := setup(t, siptest.Script{}, func(c *Config) { c.MaxCalls = 1 })
	first, err := c.Dial(t.Context(), order())
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Dial(t.Context(), order())
	if got := classOf(t, err); got != delivery.Throttled {
		t.Errorf("Dial = %v, want Throttled", err)
	}
	first.Hangup()
	<-first.Done()
	for errors.Is(err, errCrowded) { // the place is given back a moment after Done
		var second delivery.Ongoing
		if second, err = c.Dial(t.Context(), order()); err == nil {
			second.Hangup()
		}
	}
	if err != nil {
		t.Errorf("Dial = %v, want a call", err)
	}
}

func TestClose_waits_for_the_calls(t *testing.T) {
	t.Parallel()
	p := siptest.Start(t, "udp", siptest.Script{Final: 200})
	c := startWith(t, hasty(p.Trunk()), Deps{Voice: tone(100 * time.Millisecond)})
	ongoing, err := c.Dial(t.Context(), order())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Errorf("Close = %v", err)
	}
	<-ongoing.Done()
	if end, _ := ongoing.Result(); end.Plays != 2 {
		t.Errorf("end = %+v, want 2 plays", end)
	}
	_, err = c.Dial(t.Context(), order())
	if got := classOf(t, err); got != delivery.LinkDown {
		t.Errorf("Dial after Close = %v, want LinkDown", err)
	}
}

func TestClose_hangs_up_in_the_end(t *testing.T) {
	t.Parallel()
	p := siptest.Start(t, "udp", siptest.Script{Final: 200})
	ringing := siptest.Start(t, "udp", siptest.Script{})
	talking, cancelled := startWith(t, hasty(p.Trunk()), Deps{Voice: tone(time.Minute)}), start(t, hasty(ringing.Trunk()))
	ctx, cancel := context.WithCancel(t.Context())
	for _, c := range []*Carrier{talking, cancelled} {
		if _, err := c.Dial(t.Context(), order()); err != nil {
			t.Fatal(err)
		}
	}
	p.Wait(siplib.ACK, 1)
	cancel()
	for _, c := range []*Carrier{talking, cancelled} {
		if err := c.Close(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Close = %v, want that a call was hung up", err)
		}
	}
	p.Wait(siplib.BYE, 1)
	ringing.Wait(siplib.CANCEL, 1)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		script siptest.Script
		trunk  string
		up     bool
		detail string
	}{
		"a trunk that answers":  {siptest.Script{}, "", true, ""},
		"a trunk that does not": {siptest.Script{Silent: true}, "", false, "no response"},
		"nobody there":          {siptest.Script{}, "127.0.0.1:1;tcp", false, "cannot be reached"},
		"no such host":          {siptest.Script{}, "nowhere.invalid", false, "not known"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := siptest.Start(t, "udp", test.script)
			config := hasty(p.Trunk())
			if test.trunk != "" {
				config.Trunks = []string{test.trunk}
			}
			config.NoResponse, config.Ping = 300*time.Millisecond, 10*time.Millisecond
			c := startWith(t, config, Deps{Voice: mute{}, Resolver: nobody()})
			for c.Health().Since.IsZero() {
				time.Sleep(time.Millisecond)
			}
			if got := c.Health(); got.Up != test.up || !strings.Contains(got.Detail, test.detail) {
				t.Errorf("health = %+v, want up %v, %q", got, test.up, test.detail)
			}
		})
	}
}

// nobody is a resolver that no question leaves.
func nobody() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("there is no network in this test")
	}}
}

func TestTrunks_that_are_down_come_last(t *testing.T) {
	t.Parallel()
	up, down := &trunk{address: address{host: "up"}}, &trunk{address: address{host: "down"}}
	fresh := &trunk{address: address{host: "fresh"}}
	up.state.note(time.Unix(1, 0), nil)
	down.state.note(time.Unix(1, 0), errSilent)
	c := &Carrier{trunks: []*trunk{down, fresh, up}}
	var order []string
	for _, t := range c.byHealth() {
		order = append(order, t.host)
	}
	if got := strings.Join(order, " "); got != "fresh up down" {
		t.Errorf("order = %s", got)
	}
}

func TestCarrier_takes_no_requests_of_strangers(t *testing.T) {
	t.Parallel()
	p := siptest.Start(t, "udp", siptest.Script{})
	c := start(t, hasty(p.Trunk()))
	for !c.known.has(netipOf(p)) {
		time.Sleep(time.Millisecond)
	}
	tests := map[string]struct {
		method, id, tag string
		want            string
	}{
		"the end of no call":     {"BYE", "unknown", ";tag=x", "481"},
		"a change of no call":    {"INVITE", "unknown", ";tag=x", "481"},
		"a call to us":           {"INVITE", "unknown", "", "405"},
		"are you there":          {"OPTIONS", "unknown", "", "200"},
		"something else":         {"MESSAGE", "unknown", "", "405"},
		"a tag that is not ours": {"BYE", "", ";tag=x", "481"},
	}
	ongoing, err := c.Dial(t.Context(), order())
	if err != nil {
		t.Fatal(err)
	}
	id := p.Wait(siplib.INVITE, 1).CallID().Value()
	to := c.agents[0].socket.LocalAddr()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("udp4", to.String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if test.id == "" {
				test.id = id
			}
			fmt.Fprintf(conn, "%s sip:x@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=%s\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>%s\r\nCall-ID: %s\r\nCSeq: 1 %s\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
				test.method, to, conn.LocalAddr(), siplib.GenerateBranch(), test.tag, test.id, test.method)
			buffer := make([]byte, 2048)
			n, err := conn.Read(buffer)
			if got := string(buffer[:n]); err != nil || !strings.HasPrefix(got, "SIP/2.0 "+test.want) {
				t.Errorf("answer %q, %v, want %s", got, err, test.want)
			}
		})
	}
	select {
	case <-ongoing.Done():
		t.Error("a stranger ended the call")
	default:
	}
}

func TestNeighbours(t *testing.T) {
	t.Parallel()
	s := settingsOf(t, func(c *Config) { c.MediaNetworks = []string{"10.0.0.0/8"} })
	n := &neighbours{networks: s.networks}
	for i := range 3 * maxNeighbours {
		n.add(addr(fmt.Sprintf("192.0.2.%d", i)))
	}
	if len(n.trunks) != maxNeighbours {
		t.Errorf("%d addresses are remembered, want %d", len(n.trunks), maxNeighbours)
	}
	for at, want := range map[string]bool{"10.1.2.3": true, "192.0.2.191": true, "192.0.2.1": false, "127.0.0.1": false} {
		udp := &net.UDPAddr{IP: net.ParseIP(at), Port: 1}
		got, err := n.filter(siplib.TransportReadProps{RemoteAddr: udp}, []byte("x"))
		if err != nil || (len(got) > 0) != want {
			t.Errorf("%s comes through: %v, %v, want %v", at, len(got) > 0, err, want)
		}
	}
}

func TestCarrier_logs_nobodys_number(t *testing.T) {
	t.Parallel()
	var log safe
	deps := Deps{Voice: tone(20 * time.Millisecond), Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, script := range []siptest.Script{{Final: 200}, {Final: 486}, {Final: 403}, {Silent: true}, {}} {
		p := siptest.Start(t, "udp", script)
		config := hasty(p.Trunk())
		config.NoResponse, config.Ring, config.Password = 100*time.Millisecond, 50*time.Millisecond, "hunter2"
		_, _ = ring(t, startWith(t, config, deps), order())
	}
	text := log.String()
	if !strings.Contains(text, "SIP call ended") {
		t.Errorf("the log tells nothing: %s", text)
	}
	for _, secret := range []string{order().To.Digits(), order().From, "hunter2"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log shows %s: %s", secret, text)
		}
	}
}

// safe is a log of several goroutines.
type safe struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
