package media

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// Ports are the UDP ports that calls take their sound on, one after the other, so that a port that was just given up is not
// taken again at once. RTP keeps to the even ones.
type Ports struct {
	min, max int
	mu       sync.Mutex
	next     int
}

// NewPorts uses the even ports from lowest to highest. It begins somewhere among them, by start, so that a stranger cannot
// tell the next one from the time since the last restart.
func NewPorts(lowest, highest, start int) (*Ports, error) {
	lowest += lowest % 2
	if lowest < 1024 || highest > 65535 || lowest > highest {
		return nil, errors.New("ports for sound go from a lowest of at least 1024 to a highest of at most 65535")
	}
	p := &Ports{min: lowest, max: highest}
	p.next = lowest + start%p.count()*2
	return p, nil
}

func (p *Ports) count() int { return (p.max-p.min)/2 + 1 }

func (p *Ports) take() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	port := p.next
	if p.next += 2; p.next > p.max {
		p.next = p.min
	}
	return port
}

// Listen opens the next port that is free, on the address at.
func (p *Ports) Listen(ctx context.Context, at netip.Addr) (*net.UDPConn, error) {
	var config net.ListenConfig
	var last error
	for range p.count() {
		conn, err := config.ListenPacket(ctx, "udp", netip.AddrPortFrom(at, uint16(p.take())).String())
		if err == nil {
			return conn.(*net.UDPConn), nil
		}
		last = err
	}
	return nil, fmt.Errorf("no port is free for sound: %w", last)
}
