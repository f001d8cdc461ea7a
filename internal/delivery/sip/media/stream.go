package media

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtp"
)

const (
	spacing = 20 * time.Millisecond
	// lateness is how far the packets may fall behind before the rest is sent from now on, and not in one burst.
	lateness = 60 * time.Millisecond
	// typing is how many keys may wait to be read; more are dropped.
	typing = 16
	// packetSize is more than any packet of 20 ms needs; what is longer is cut, and then fails to parse or is no sound.
	packetSize = 1500
)

// Peer says where sound goes, how, and from where it is heard.
type Peer struct {
	Addr      netip.AddrPort
	Law       Law
	EventType uint8 // the payload type of telephone events
	// Latch has sound sent to where it comes from, once it comes from an address that Allowed knows: for phones behind NAT.
	Latch   bool
	Allowed func(netip.Addr) bool
}

// Stream is the sound of one call, both ways. While nothing is said it sends silence, which keeps the way open.
type Stream struct {
	conn   *net.UDPConn
	peer   Peer
	header rtp.Header
	keys   chan byte
	hear   func(pcm []int16)

	mu    sync.Mutex
	to    netip.AddrPort
	says  []int16
	said  chan struct{}
	fixed bool // the source is known, and stays
}

// NewStream talks over conn, which it closes at its end. random gives the numbers that RTP begins with.
func NewStream(conn *net.UDPConn, peer Peer, random io.Reader, hear func(pcm []int16)) (*Stream, error) {
	var seed [10]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return nil, fmt.Errorf("draw the numbers that RTP begins with: %w", err)
	}
	return &Stream{
		conn: conn, peer: peer, to: peer.Addr, keys: make(chan byte, typing), hear: hear,
		header: rtp.Header{
			Version: 2, Marker: true, PayloadType: uint8(peer.Law),
			SSRC:           binary.BigEndian.Uint32(seed[:4]),
			Timestamp:      binary.BigEndian.Uint32(seed[4:8]),
			SequenceNumber: binary.BigEndian.Uint16(seed[8:]),
		},
	}, nil
}

// Keys are the keys that the other side presses, in order.
func (s *Stream) Keys() <-chan byte { return s.keys }

// Say has pcm sent instead of what is being said. The channel that it gives is closed when all of it is sent; it is never
// closed when something else is said before.
func (s *Stream) Say(pcm []int16) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.says, s.said = pcm, make(chan struct{})
	return s.said
}

// Run sends and hears until ctx ends.
func (s *Stream) Run(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	defer stop()
	var listening sync.WaitGroup
	listening.Go(s.listen)
	s.speak(ctx)
	listening.Wait()
}

// speak sends a packet every 20 ms. Each is due by the time of the first one, so that delays do not add up.
func (s *Stream) speak(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var packet, octets []byte
	frame := make([]int16, FrameSamples)
	for due := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		to, said := s.next(frame)
		octets = s.peer.Law.Encode(octets[:0], frame)
		packet = s.send(packet, octets, to)
		if said != nil {
			close(said)
		}
		due = due.Add(spacing)
		if time.Since(due) > lateness {
			due = time.Now()
		}
		timer.Reset(time.Until(due))
	}
}

// next fills frame with what is said now, or silence, and gives the channel of what is said to its end with it.
func (s *Stream) next(frame []int16) (to netip.AddrPort, said chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := copy(frame, s.says)
	clear(frame[n:])
	s.says = s.says[n:]
	if len(s.says) == 0 {
		said, s.said = s.said, nil
	}
	return s.to, said
}

// send puts a packet on the line. One that the network does not take is lost, as it may be anywhere else on the way.
func (s *Stream) send(buffer, octets []byte, to netip.AddrPort) []byte {
	packet := rtp.Packet{Header: s.header, Payload: octets}
	size := packet.MarshalSize()
	if cap(buffer) < size {
		buffer = make([]byte, size)
	}
	if n, err := packet.MarshalTo(buffer[:size]); err == nil {
		_, _ = s.conn.WriteToUDPAddrPort(buffer[:n], to)
	}
	s.header.Marker = false
	s.header.SequenceNumber++
	s.header.Timestamp += FrameSamples
	return buffer
}
