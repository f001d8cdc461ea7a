package sip

import (
	"net"
	"net/netip"
	"slices"
	"sync"

	siplib "github.com/emiago/sipgo/sip"
)

// maxNeighbours is how many addresses of trunks are remembered; a name may have a few, and change them.
const maxNeighbours = 64

// neighbours are who may send us SIP: the trunks and the configured networks. The stack remembers every address that it
// heard from, which strangers could use to fill its memory.
type neighbours struct {
	networks []netip.Prefix
	mu       sync.Mutex
	trunks   []netip.Addr // the latest last
}

func (n *neighbours) add(at netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if slices.Contains(n.trunks, at) {
		return
	}
	if len(n.trunks) == maxNeighbours {
		n.trunks = slices.Delete(n.trunks, 0, 1)
	}
	n.trunks = append(n.trunks, at)
}

func (n *neighbours) has(at netip.Addr) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.trunks, at) || slices.ContainsFunc(n.networks, func(p netip.Prefix) bool { return p.Contains(at) })
}

// filter leaves nothing of what strangers send. Connections are our own, so that only datagrams are looked at.
func (n *neighbours) filter(from siplib.TransportReadProps, data []byte) ([]byte, error) {
	if at, is := from.RemoteAddr.(*net.UDPAddr); is && !n.has(at.AddrPort().Addr().Unmap()) {
		return nil, nil
	}
	return data, nil
}
