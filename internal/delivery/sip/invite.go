package sip

import (
	"context"
	"errors"
	"hash/fnv"
	"net"
	"strings"

	siplib "github.com/emiago/sipgo/sip"
)

// invite sends the INVITE; what it gives is nil when it is on its way.
func (k *call) invite(ctx context.Context) *ending {
	s := &k.carrier.settings
	uri, err := s.destination(k.order.To.Digits(), k.trunk.host)
	if err != nil {
		return &ending{outcome: ours, code: "destination", err: err}
	}
	request := siplib.NewRequest(siplib.INVITE, uri)
	from := s.caller(k.order.From, k.trunk.host)
	from.Params.Add("tag", k.tag)
	request.AppendHeader(from)
	request.AppendHeader(&siplib.ToHeader{Address: siplib.Uri{Scheme: uri.Scheme, User: uri.User, Host: uri.Host}})
	appendCommon(request, k.id, 1)
	request.AppendHeader(siplib.NewHeader("Allow", allowed))
	if s.AssertedIdentity {
		request.AppendHeader(siplib.NewHeader("P-Asserted-Identity", "<"+from.Address.String()+">"))
	}
	body, err := s.offer(k.public, sessionOf(k.id))
	if err != nil {
		return &ending{outcome: ours, code: "SDP", err: errMedia}
	}
	request.AppendHeader(siplib.NewHeader("Content-Type", "application/sdp"))
	request.SetBody(body)
	return k.send(ctx, request)
}

// send starts a transaction for the INVITE. Our Contact is known only when there is a connection.
func (k *call) send(ctx context.Context, request *siplib.Request) *ending {
	k.trunk.prepare(request, k.there, k.public.Addr())
	tx, err := k.trunk.agent.ua.TransactionLayer().NewClientTransaction(ctx, request)
	if err != nil {
		return k.unreachable(ctx, err)
	}
	if request.Contact() == nil {
		request.AppendHeader(k.contact(request.Via().Port))
	}
	tx.OnRetransmission(func(response *siplib.Response) { k.again(tx, response) })
	if err := tx.Init(); err != nil {
		tx.Terminate()
		return k.unreachable(ctx, err)
	}
	k.request, k.tx = request, tx
	return nil
}

// unreachable says why there is no way to the trunk. The stack's own error may quote the request, which names the callee; a
// fault of the network does not.
func (k *call) unreachable(ctx context.Context, err error) *ending {
	if errors.Is(err, siplib.ErrUDPMTUCongestion) {
		return &ending{outcome: ours, code: "too long", err: errors.New("the request is too long for UDP")}
	}
	reason := errUnreachable
	if fault, found := errors.AsType[*net.OpError](err); found {
		reason = errors.Join(errUnreachable, fault.Err)
	} else if strings.Contains(err.Error(), "TLS handshake") {
		reason = errors.Join(errUnreachable, errors.New("its certificate or its TLS is not accepted"))
	}
	k.carrier.learn(ctx, k.trunk, reason)
	return &ending{outcome: down, code: "no link", err: reason}
}

func (k *call) contact(port int) *siplib.ContactHeader {
	uri := siplib.Uri{Scheme: "sip", User: k.carrier.settings.FromUser, Host: k.public.Addr().String(), Port: port}
	if k.trunk.transport != "udp" {
		uri.UriParams.Add("transport", k.trunk.transport)
	}
	return &siplib.ContactHeader{Address: uri}
}

// caller is who calls: a number becomes the user of our address, a name what is displayed beside it.
func (s *settings) caller(from, host string) *siplib.FromHeader {
	header := &siplib.FromHeader{Address: siplib.Uri{Scheme: "sip", User: s.FromUser, Host: s.domain(host)}}
	digits := strings.TrimPrefix(from, "+")
	if digits != "" && strings.Trim(digits, "0123456789") == "" {
		header.Address.User = from
		return header
	}
	header.DisplayName = strings.Map(displayed, from)
	return header
}

// displayed leaves out what would end the quotes around a name, or its line.
func displayed(r rune) rune {
	if r < ' ' || r == 0x7f || r == '"' || r == '\\' {
		return -1
	}
	return r
}

// sessionOf makes the number of an SDP session from the Call-ID, which is random already.
func sessionOf(id string) uint64 {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(id))
	return sum.Sum64() >> 2 // some read it as a signed number
}
