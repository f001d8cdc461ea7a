package sip

import (
	"context"
	"net/netip"
	"slices"

	siplib "github.com/emiago/sipgo/sip"
)

// dialog is an answered call, as far as requests within it go.
type dialog struct {
	call     *call
	to       *siplib.ToHeader
	target   siplib.Uri
	routes   []string
	hop      netip.AddrPort
	sequence uint32
}

// dialogOf reads the answer: who we talk to, and over which proxies (RFC 3261, 12.1.2).
func (k *call) dialogOf(response *siplib.Response) *dialog {
	d := &dialog{call: k, to: response.To(), target: k.request.Recipient, hop: k.there, sequence: k.request.CSeq().SeqNo}
	if contact := response.Contact(); contact != nil && !contact.Address.Wildcard {
		d.target = contact.Address
	}
	next := d.target
	for _, header := range response.GetHeaders("Record-Route") {
		d.routes = append(d.routes, splitList(header.Value())...)
	}
	slices.Reverse(d.routes)
	if len(d.routes) > 0 {
		var params siplib.HeaderParams
		next = siplib.Uri{}
		if _, err := siplib.ParseAddressValue(d.routes[0], &next, &params); err != nil {
			return d
		}
		if !next.UriParams.Has("lr") { // a strict router wants to be the target, and ours behind the rest
			d.routes = append(d.routes[1:], "<"+d.target.String()+">")
			d.target = next
		}
	}
	d.hop = k.nextHop(next)
	return d
}

// nextHop is where requests within the call go: to the proxy or phone that the answer names, if it is at an address that we
// trust, and else by the trunk, which knows the way. Connections are kept to the trunk anyway.
func (k *call) nextHop(next siplib.Uri) netip.AddrPort {
	at, err := netip.ParseAddr(next.Host)
	if err != nil || k.trunk.transport != "udp" || !k.carrier.settings.trusts(at, k.there.Addr()) {
		return k.there
	}
	port := next.Port
	if port <= 0 || port > 65535 {
		port = siplib.DefaultUdpPort
	}
	return netip.AddrPortFrom(at.Unmap(), uint16(port))
}

// request makes a request within the call.
func (d *dialog) request(method siplib.RequestMethod, sequence uint32) *siplib.Request {
	k := d.call
	request := siplib.NewRequest(method, d.target)
	for _, route := range d.routes {
		request.AppendHeader(siplib.NewHeader("Route", route))
	}
	request.AppendHeader(siplib.HeaderClone(k.request.From()))
	request.AppendHeader(siplib.HeaderClone(d.to))
	appendCommon(request, k.id, sequence)
	request.AppendHeader(siplib.HeaderClone(k.request.Contact()))
	request.SetBody(nil)
	k.trunk.prepare(request, d.hop, k.public.Addr())
	return request
}

// confirm sends ACK. It shows the password as the INVITE did (RFC 3261, 22.1).
func (d *dialog) confirm() {
	request := d.request(siplib.ACK, d.sequence)
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		siplib.CopyHeaders(name, d.call.request, request)
	}
	if err := d.call.trunk.agent.ua.TransportLayer().WriteMsg(request); err != nil {
		d.call.carrier.deps.Log.Debug("SIP answer could not be confirmed", "carrier", d.call.carrier.Name())
	}
}

// goodbye sends BYE, once more when a password is asked for.
func (d *dialog) goodbye() {
	c := d.call.carrier
	ctx, cancel := context.WithTimeout(context.Background(), c.settings.NoResponse)
	defer cancel()
	request := d.request(siplib.BYE, d.sequence+1)
	response, err := d.call.trunk.agent.exchange(ctx, request)
	if err == nil && challenges(response) && c.settings.Password != "" {
		request = d.request(siplib.BYE, d.sequence+2)
		if err = c.sign(request, response); err == nil {
			_, err = d.call.trunk.agent.exchange(ctx, request)
		}
	}
	if err != nil {
		c.deps.Log.Warn("SIP call could not be hung up", "carrier", c.Name(), "attempt", d.call.order.AttemptID, "error", err)
	}
}

// accept confirms an answer, and lets again confirm it each time that it comes.
func (k *call) accept(response *siplib.Response) *dialog {
	k.dialog = k.dialogOf(response)
	k.dialog.confirm()
	close(k.accepted)
	return k.dialog
}

// again takes an answer that follows the first. A proxy may have rung several phones: whoever answers later is hung up.
func (k *call) again(tx *siplib.ClientTx, response *siplib.Response) {
	select {
	case <-k.accepted:
	case <-tx.Done():
		return
	}
	tag, _ := k.dialog.to.Params.Get("tag")
	if other, _ := response.To().Params.Get("tag"); other != tag {
		k.decline(response)
		return
	}
	k.dialog.confirm()
}

// decline confirms an answer that nobody wants, and hangs up.
func (k *call) decline(response *siplib.Response) {
	d := k.dialogOf(response)
	d.confirm()
	d.goodbye()
}
