package media

import (
	"net/netip"

	"github.com/pion/rtp"
)

// listen takes packets until the port is closed. What comes from anywhere else than the other side is dropped, and so are
// payload types that were not agreed, which would count as a voice.
func (s *Stream) listen() {
	buffer := make([]byte, packetSize)
	pcm := make([]int16, 0, packetSize)
	var keys Keys
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		var packet rtp.Packet
		if !s.accepts(from) || packet.Unmarshal(buffer[:n]) != nil {
			continue
		}
		switch packet.PayloadType {
		case s.peer.EventType:
			if key, ended := keys.Read(packet.Payload, packet.Timestamp); ended {
				s.press(key)
			}
		case uint8(ULaw), uint8(ALaw):
			if s.hear != nil {
				pcm = Law(packet.PayloadType).Decode(pcm[:0], packet.Payload)
				s.hear(pcm)
			}
		}
	}
}

func (s *Stream) press(key byte) {
	select {
	case s.keys <- key:
	default: // nobody reads that fast, and nobody types that fast
	}
}

// accepts checks where a packet comes from; with Latch the first good source is where sound goes from then on.
func (s *Stream) accepts(from netip.AddrPort) bool {
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.peer.Latch {
		return from.Addr() == s.peer.Addr.Addr()
	}
	if s.fixed {
		return from == s.to
	}
	if !s.peer.Allowed(from.Addr()) {
		return false
	}
	s.to, s.fixed = from, true
	return true
}
