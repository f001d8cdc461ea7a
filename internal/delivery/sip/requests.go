package sip

import (
	"net/netip"

	siplib "github.com/emiago/sipgo/sip"
)

// allowed are the methods that we take within a call.
const allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS"

func (k *call) trusted(at netip.Addr) bool { return k.carrier.settings.trusts(at, k.there.Addr()) }

// onBye ends a call from the other side. Who does not know our tag has no part in it.
func (c *Carrier) onBye(request *siplib.Request, tx siplib.ServerTransaction) {
	k := c.callOf(request)
	if k == nil {
		respond(request, tx, siplib.StatusCallTransactionDoesNotExists, "Call/Transaction Does Not Exist")
		return
	}
	respond(request, tx, siplib.StatusOK, "OK")
	k.kill(errTheyHung)
}

// onReinvite leaves a call as it is (RFC 3261, 14.2). New calls are not taken.
func (c *Carrier) onReinvite(request *siplib.Request, tx siplib.ServerTransaction) {
	switch to := request.To(); {
	case c.callOf(request) != nil:
		respond(request, tx, siplib.StatusNotAcceptableHere, "Not Acceptable Here")
	case to != nil && to.Params.Has("tag"):
		respond(request, tx, siplib.StatusCallTransactionDoesNotExists, "Call/Transaction Does Not Exist")
	default:
		respond(request, tx, siplib.StatusMethodNotAllowed, "Method Not Allowed")
	}
}

// onOptions lets a trunk ask whether we are there.
func (c *Carrier) onOptions(request *siplib.Request, tx siplib.ServerTransaction) {
	respond(request, tx, siplib.StatusOK, "OK")
}

func (c *Carrier) callOf(request *siplib.Request) *call {
	id, to := request.CallID(), request.To()
	if id == nil || to == nil {
		return nil
	}
	k := c.find(id.Value())
	if k == nil {
		return nil
	}
	if tag, _ := to.Params.Get("tag"); tag != k.tag {
		return nil
	}
	return k
}

func respond(request *siplib.Request, tx siplib.ServerTransaction, code int, reason string) {
	response := siplib.NewResponseFromRequest(request, code, reason, nil)
	response.AppendHeader(siplib.NewHeader("Allow", allowed))
	_ = tx.Respond(response) // it is asked again when this is lost
}
