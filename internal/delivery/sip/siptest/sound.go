package siptest

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/pion/rtp"

	"github.com/pinpost/pinpost/internal/delivery/sip/media"
)

// sound is what a phone hears and says in one call.
type sound struct {
	conn *net.UDPConn
	to   netip.AddrPort

	mu     sync.Mutex
	heard  []int16
	law    media.Law
	spaces []time.Duration
}

func (p *Phone) newSound() *sound {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = append(p.open, conn)
	if p.ctx.Err() != nil { // unplugged meanwhile
		_ = conn.Close()
	}
	return &sound{conn: conn}
}

// talk hears, and does what the script says in the course of it.
func (k *ringing) talk() {
	k.sound.to = voiceOf(string(k.invite.Body()))
	k.phone.running.Go(k.speak)
	var last time.Time
	buffer := make([]byte, 1<<11)
	for count := 1; ; count++ {
		n, err := k.sound.conn.Read(buffer)
		if err != nil {
			return
		}
		k.sound.hear(buffer[:n], &last)
		k.phone.note(func() {})
		s := &k.phone.script
		if since := count - max(s.KeysAfter, 1); since == 0 || since > 0 && s.KeysEvery > 0 && since%s.KeysEvery == 0 {
			k.press(s.Keys, uint32(count)*1000)
		}
		if s.Reinvite && count == 3 {
			k.ask(sip.INVITE, 1)
		}
		if count == s.ByeAfter {
			k.ask(sip.BYE, 2)
		}
	}
}

func (s *sound) hear(data []byte, last *time.Time) {
	var packet rtp.Packet
	if packet.Unmarshal(data) != nil {
		return
	}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !last.IsZero() {
		s.spaces = append(s.spaces, now.Sub(*last))
	}
	*last = now
	s.law = media.Law(packet.PayloadType)
	s.heard = s.law.Decode(s.heard, packet.Payload)
}

// speak says the script's voice, a packet every 20 ms.
func (k *ringing) speak() {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	header := rtp.Header{Version: 2, PayloadType: uint8(media.ALaw), SSRC: 1}
	for frame := range slices.Chunk(k.phone.script.Voice, media.FrameSamples) {
		header.SequenceNumber++
		header.Timestamp += media.FrameSamples
		k.write(rtp.Packet{Header: header, Payload: media.ALaw.Encode(nil, frame)})
		select {
		case <-ticker.C:
		case <-k.phone.ctx.Done():
			return
		}
	}
}

// press presses keys one after the other, with the end of each sent three times.
func (k *ringing) press(keys string, timestamp uint32) {
	kind := k.phone.script.EventType
	if kind == 0 {
		kind = 101
	}
	for i := range len(keys) {
		header := rtp.Header{Version: 2, PayloadType: kind, SSRC: 2, Timestamp: timestamp + uint32(i)}
		k.write(rtp.Packet{Header: header, Payload: media.Event(keys[i], false, 160)})
		for range 3 {
			k.write(rtp.Packet{Header: header, Payload: media.Event(keys[i], true, 480)})
		}
	}
}

func (k *ringing) write(packet rtp.Packet) {
	if data, err := packet.Marshal(); err == nil {
		_, _ = k.sound.conn.WriteToUDPAddrPort(data, k.sound.to)
	}
}

// voiceOf finds the address and port in an SDP of ours.
func voiceOf(sdp string) netip.AddrPort {
	var at netip.Addr
	var port int
	for line := range strings.Lines(sdp) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "c=") && len(fields) == 3:
			at, _ = netip.ParseAddr(fields[2])
		case strings.HasPrefix(line, "m=audio") && len(fields) > 1:
			port, _ = strconv.Atoi(fields[1])
		}
	}
	return netip.AddrPortFrom(at, uint16(port))
}

// Heard is what the phone heard in all its calls.
func (p *Phone) Heard() []int16 {
	var all []int16
	p.sounds(func(s *sound) { all = append(all, s.heard...) })
	return all
}

// Law is how the last sound was coded.
func (p *Phone) Law() (law media.Law) {
	p.sounds(func(s *sound) { law = s.law })
	return law
}

// Spaces are the times between each two packets of the phone's calls.
func (p *Phone) Spaces() []time.Duration {
	var all []time.Duration
	p.sounds(func(s *sound) { all = append(all, s.spaces...) })
	return all
}

func (p *Phone) sounds(each func(*sound)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, k := range p.calls {
		k.sound.mu.Lock()
		each(k.sound)
		k.sound.mu.Unlock()
	}
}
