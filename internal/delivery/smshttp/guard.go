package smshttp

import (
	"errors"
	"net/netip"
	"syscall"
)

var (
	errPrivate = errors.New("the address is a private one, and allow_private is not set")
	errOpen    = errors.New("the address is a public one, and http:// is for private ones")
)

// notPublic are the ranges that no gateway on the Internet has and that netip does not name.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),  // shared between carriers and their customers
	netip.MustParsePrefix("192.0.0.0/24"),   // protocol assignments
	netip.MustParsePrefix("198.18.0.0/15"),  // benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),    // reserved, and broadcast
	netip.MustParsePrefix("64:ff9b::/96"),   // IPv4 behind a translator
	netip.MustParsePrefix("64:ff9b:1::/48"), // the same, locally
	netip.MustParsePrefix("2002::/16"),      // IPv4 in 6to4
	netip.MustParsePrefix("2001::/32"),      // IPv4 in Teredo
	netip.MustParsePrefix("fec0::/10"),      // site-local
}

// guard refuses addresses as a connection is made, after the name was resolved, so that no name can lead elsewhere.
type guard struct {
	allowPrivate bool
	plain        bool // without TLS
}

// control is the dialer's last word before it connects; address is an IP address with a port.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errPrivate
	}
	private := isPrivate(at.Addr())
	switch {
	case private && !g.allowPrivate:
		return errPrivate
	case !private && g.plain:
		return errOpen
	}
	return nil
}

func isPrivate(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return true // loopback, link-local, multicast and the unspecified address are no global unicast
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
