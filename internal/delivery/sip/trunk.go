package sip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/emiago/sipgo"
	siplib "github.com/emiago/sipgo/sip"
)

// agent is a SIP stack with its sockets. Trunks over UDP and TCP share one; a trunk over TLS has its own, because what the
// certificate is checked against belongs to the stack.
type agent struct {
	ua      *sipgo.UserAgent
	socket  net.PacketConn // nil without UDP
	serving sync.WaitGroup
}

// trunk is one way to a carrier.
type trunk struct {
	address
	agent *agent
	state health
}

// newAgent starts a stack. Its own logs are left out: they hold whole messages, and so whole numbers.
func newAgent(c *Carrier, tlsHost string, udp bool) (*agent, error) {
	s := &c.settings
	silent := slog.New(slog.DiscardHandler)
	ua, err := sipgo.NewUA(
		sipgo.WithUserAgenTLSConfig(s.verification(tlsHost)),
		sipgo.WithUserAgentTransportLayerOptions(siplib.WithTransportLayerLogger(silent), siplib.WithTransportLayerReadFilter(c.known.filter)),
		sipgo.WithUserAgentTransactionLayerOptions(
			siplib.WithTransactionLayerLogger(silent),
			siplib.WithTransactionLayerTerminateOnConnClose(),
			siplib.WithTransactionLayerUnhandledResponseHandler(func(*siplib.Response) {}),
		),
	)
	if err != nil {
		return nil, fmt.Errorf("start SIP: %w", err)
	}
	a := &agent{ua: ua}
	server, err := sipgo.NewServer(ua, sipgo.WithServerLogger(silent))
	if err != nil {
		return nil, fmt.Errorf("start SIP: %w", err)
	}
	server.OnBye(c.onBye)
	server.OnInvite(c.onReinvite)
	server.OnOptions(c.onOptions)
	if !udp {
		return a, nil
	}
	if a.socket, err = bind(s.listen); err != nil {
		return nil, err
	}
	// The stack would know the socket only some time after it began to serve, and would open another one for a request until
	// then.
	name := a.socket.LocalAddr().String()
	ua.TransportLayer().Pool("udp").Add(name, &siplib.UDPConnection{PacketConn: a.socket, PacketAddr: name, Listener: true})
	a.serving.Go(func() { _ = server.ServeUDP(a.socket) })
	return a, nil
}

// burst is how many octets may wait to be read: enough for the responses to some hundred calls that begin at once. The
// system may allow less.
const burst = 1 << 20

func bind(at netip.AddrPort) (net.PacketConn, error) {
	network := "udp4" // an unspecified address would be bound for both families, under another name than the one asked for
	if at.Addr().Is6() {
		network = "udp6"
	}
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, fmt.Errorf("listen for SIP: %w", err)
	}
	_ = conn.SetReadBuffer(burst)
	return conn, nil
}

func (a *agent) close() {
	if a.socket != nil {
		_ = a.socket.Close()
		a.serving.Wait()
	}
	_ = a.ua.Close()
}

// local is the address of the UDP socket, under the name that the stack knows it by.
func (a *agent) local() siplib.Addr {
	at := a.socket.LocalAddr().(*net.UDPAddr)
	return siplib.Addr{IP: at.IP, Port: at.Port}
}

// place finds out where a trunk is now, and our own address on the way there.
func (c *Carrier) place(ctx context.Context, t *trunk) (there netip.AddrPort, here netip.Addr, err error) {
	at, err := netip.ParseAddr(t.host)
	if err != nil {
		found, err := c.deps.Resolver.LookupNetIP(ctx, c.family(), t.host)
		if err != nil || len(found) == 0 {
			return there, here, errors.New("its host is not known")
		}
		at = found[0]
	}
	c.known.add(at.Unmap())
	there = netip.AddrPortFrom(at.Unmap(), t.port)
	if bound := c.settings.listen.Addr(); t.transport == "udp" && !bound.IsUnspecified() {
		return there, bound, nil
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "udp", there.String()) // sends nothing
	if err != nil {
		return there, here, errors.New("there is no route to it")
	}
	defer func() { _ = conn.Close() }()
	return there, conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap(), nil
}

func (c *Carrier) family() string {
	if c.settings.listen.Addr().Is6() {
		return "ip"
	}
	return "ip4"
}

// publicOr is our address as the carrier is told: the configured one, or here.
func (s *settings) publicOr(here netip.Addr) netip.Addr {
	if s.public.IsValid() {
		return s.public
	}
	return here
}

// prepare readies a request for the way to there: its transport, its destination, and a Via with a branch of its own.
func (t *trunk) prepare(request *siplib.Request, there netip.AddrPort, here netip.Addr) {
	transport := strings.ToUpper(t.transport)
	via := &siplib.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: transport}
	via.Params.Add("branch", siplib.GenerateBranchN(16))
	via.Params.Add("rport", "")
	if t.transport == "udp" {
		request.Laddr = t.agent.local()
		via.Host, via.Port = here.String(), request.Laddr.Port
	}
	request.PrependHeader(via)
	request.SetTransport(transport)
	request.SetDestination(there.String())
}

// exchange sends a request that is no INVITE, and gives its final response.
func (a *agent) exchange(ctx context.Context, request *siplib.Request) (*siplib.Response, error) {
	tx, err := a.ua.TransactionLayer().Request(ctx, request)
	if err != nil {
		return nil, errUnreachable // the stack's own error quotes the request
	}
	defer tx.Terminate()
	for {
		select {
		case response := <-tx.Responses():
			if !response.IsProvisional() {
				return response, nil
			}
		case <-tx.Done():
			return nil, errSilent
		case <-ctx.Done():
			return nil, errSilent
		}
	}
}

func (t *trunk) String() string {
	return net.JoinHostPort(t.host, strconv.Itoa(int(t.port))) + ";" + t.transport
}
