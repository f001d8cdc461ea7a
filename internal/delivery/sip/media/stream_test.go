package media

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/pion/rtp"
)

var loopback = netip.MustParseAddr("127.0.0.1")

type line struct {
	stream *Stream
	at     netip.AddrPort // where the stream listens
	other  *net.UDPConn   // who it talks to
	heard  chan []int16
}

func setup(t *testing.T, change func(*Peer)) line {
	t.Helper()
	l := line{other: listen(t), heard: make(chan []int16, 100)}
	conn := listen(t)
	peer := Peer{Addr: addrOf(l.other), Law: ALaw, EventType: 101, Allowed: func(a netip.Addr) bool { return a == loopback }}
	if change != nil {
		change(&peer)
	}
	var err error
	l.stream, err = NewStream(conn, peer, rand.Reader, func(pcm []int16) { l.heard <- slices.Clone(pcm) })
	if err != nil {
		t.Fatal(err)
	}
	l.at = addrOf(conn)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { l.stream.Run(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	return l
}

func listen(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func addrOf(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

func receive(t *testing.T, c *net.UDPConn) rtp.Packet {
	t.Helper()
	buffer := make([]byte, packetSize)
	n, err := c.Read(buffer)
	var p rtp.Packet
	if err := errors.Join(err, p.Unmarshal(buffer[:n])); err != nil {
		t.Fatal(err)
	}
	return p
}

func send(t *testing.T, from *net.UDPConn, to netip.AddrPort, kind uint8, timestamp uint32, payload []byte) {
	t.Helper()
	packet := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: kind, Timestamp: timestamp, SSRC: 1}, Payload: payload}
	data, err := packet.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := from.WriteToUDPAddrPort(data, to); err != nil {
		t.Fatal(err)
	}
}

func TestStream_says_all_of_it_in_order(t *testing.T) {
	t.Parallel()
	for _, law := range []Law{ULaw, ALaw} {
		t.Run(law.Name(), func(t *testing.T) {
			t.Parallel()
			l := setup(t, func(p *Peer) { p.Law = law })
			pcm := make([]int16, FrameSamples*5+30)
			for i := range pcm {
				pcm[i] = int16(8000 * math.Sin(float64(i)/7))
			}
			want := law.Decode(nil, law.Encode(nil, pcm))
			said := l.stream.Say(pcm)
			var got []int16
			var last *rtp.Packet
			for len(got) < len(want) {
				p := receive(t, l.other)
				if p.PayloadType != uint8(law) || len(p.Payload) != FrameSamples {
					t.Fatalf("packet of type %d and %d octets, want %d and %d", p.PayloadType, len(p.Payload), law, FrameSamples)
				}
				if last != nil && (p.SequenceNumber != last.SequenceNumber+1 || p.Timestamp != last.Timestamp+FrameSamples || p.SSRC != last.SSRC || p.Marker) {
					t.Fatalf("packet %v follows %v", p.Header, last.Header)
				}
				last = &p
				if sound := law.Decode(nil, p.Payload); len(got) > 0 || Level(sound) > -60 { // silence went before
					got = append(got, sound...)
				}
			}
			<-said
			if !slices.Equal(got[:len(want)], want) {
				t.Error("what was heard is not what was said")
			}
			if level := Level(got[len(want):]); level > -60 {
				t.Errorf("the rest of the last packet is at %.0f dB, want silence", level)
			}
		})
	}
}

func TestStream_says_something_else_at_once(t *testing.T) {
	t.Parallel()
	l := setup(t, nil)
	first := l.stream.Say(make([]int16, Rate*60))
	<-l.stream.Say(make([]int16, FrameSamples))
	select {
	case <-first:
		t.Error("what was broken off counts as said")
	default:
	}
}

func TestStream_hears(t *testing.T) {
	t.Parallel()
	l := setup(t, nil)
	stranger, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 9)})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	send(t, stranger, l.at, uint8(ALaw), 0, []byte{1, 2, 3})          // from elsewhere
	send(t, stranger, l.at, 101, 9000, Event('9', true, 480))         // from elsewhere
	send(t, l.other, l.at, 96, 0, []byte{4, 5, 6})                    // not agreed
	send(t, l.other, l.at, 96, 0, Event('8', true, 480))              // not agreed
	_, _ = l.other.WriteToUDPAddrPort([]byte("not RTP at all"), l.at) // noise
	_, _ = l.other.WriteToUDPAddrPort(nil, l.at)
	send(t, l.other, l.at, uint8(ULaw), 0, []byte{0x80})
	send(t, l.other, l.at, 101, 800, Event('1', true, 480))
	send(t, l.other, l.at, 101, 800, Event('1', true, 480))
	send(t, l.other, l.at, 101, 1600, Event('#', true, 480))
	if got := <-l.heard; !slices.Equal(got, []int16{32124}) {
		t.Errorf("heard %v, want the one sample of the other side", got)
	}
	for _, want := range "1#" {
		if got := <-l.stream.Keys(); rune(got) != want {
			t.Errorf("key %q, want %q", got, want)
		}
	}
}

func TestStream_latches_on_to_where_sound_comes_from(t *testing.T) {
	t.Parallel()
	l := setup(t, func(p *Peer) { p.Latch, p.Addr = true, netip.MustParseAddrPort("127.0.0.1:9") })
	stranger, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 9)})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	send(t, stranger, l.at, uint8(ALaw), 0, []byte{1, 1})
	send(t, l.other, l.at, uint8(ALaw), 0, []byte{1})
	if got := <-l.heard; len(got) != 1 {
		t.Errorf("heard %d samples, want the 1 of the other side", len(got))
	}
	receive(t, l.other) // fails when nothing comes
	later := listen(t)
	send(t, later, l.at, 101, 1, Event('9', true, 1))
	send(t, l.other, l.at, 101, 1, Event('1', true, 1))
	if got := <-l.stream.Keys(); got != '1' {
		t.Errorf("key %q of another port counted", got)
	}
}

func TestStream_keeps_no_more_keys_than_it_has_room_for(t *testing.T) {
	t.Parallel()
	l := setup(t, nil)
	for i := range uint32(10 * typing) {
		send(t, l.other, l.at, 101, i, Event('1', true, 1))
	}
	send(t, l.other, l.at, uint8(ALaw), 0, []byte{1})
	<-l.heard
	if got := len(l.stream.Keys()); got > typing {
		t.Errorf("%d keys wait, want at most %d", got, typing)
	}
}

func TestPorts(t *testing.T) {
	t.Parallel()
	p, err := NewPorts(30001, 30005, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := []int{p.take(), p.take(), p.take()}; !slices.Equal(got, []int{30004, 30002, 30004}) {
		t.Errorf("ports %v, want the even ones in turn", got)
	}
	for _, wrong := range [][2]int{{80, 90}, {30010, 30000}, {60000, 70000}} {
		if _, err := NewPorts(wrong[0], wrong[1], 0); err == nil {
			t.Errorf("NewPorts(%v) gives no error", wrong)
		}
	}
}

func TestPorts_goes_past_a_port_that_is_taken(t *testing.T) {
	t.Parallel()
	p, err := NewPorts(40000, 49999, 0)
	if err != nil {
		t.Fatal(err)
	}
	first, err := p.Listen(t.Context(), loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	p.next = int(addrOf(first).Port())
	second, err := p.Listen(t.Context(), loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if a, b := addrOf(first).Port(), addrOf(second).Port(); a == b || b%2 != 0 {
		t.Errorf("ports %d and %d, want two even ones", a, b)
	}
	p.min, p.max, p.next = int(addrOf(first).Port()), int(addrOf(first).Port()), int(addrOf(first).Port())
	if conn, err := p.Listen(t.Context(), loopback); err == nil {
		t.Errorf("port %v is given although all are taken", conn.LocalAddr())
	}
}
