package sip

import (
	"context"
	"fmt"
	"time"

	siplib "github.com/emiago/sipgo/sip"
)

// ring waits for the callee to answer, and gives the response then. The stack's own limits are not used: it would count
// repeated provisional responses against the call, and would hold us up long after our deadline. Who is left here keeps the
// transaction, so that a late answer is hung up.
func (k *call) ring(life context.Context) (*siplib.Response, ending) {
	s := &k.carrier.settings
	silent := time.NewTimer(s.NoResponse)
	defer silent.Stop()
	ringing := time.NewTimer(min(limit(k.order.Ring, s.Ring), limit(k.order.Max, s.Max)))
	defer ringing.Stop()
	for {
		select {
		case response := <-k.tx.Responses():
			k.progress(life, response)
			if response.IsProvisional() {
				continue
			}
			if response.IsSuccess() {
				return response, ending{}
			}
			retried, refusal := k.authorise(life, response)
			if !retried {
				return nil, refusal
			}
		case <-k.tx.Done():
			return nil, k.cutOff(life)
		case <-silent.C:
			if !k.heard {
				k.abandon()
				k.carrier.learn(life, k.trunk, errSilent)
				return nil, ending{outcome: down, code: "no response", err: errSilent}
			}
			k.report()
		case <-ringing.C:
			k.abandon()
			return nil, ending{outcome: noAnswer, code: "ring limit"}
		case <-life.Done():
			k.abandon()
			return nil, ending{outcome: outcome{status: lost.status}, code: "hung up", err: context.Cause(life)}
		}
	}
}

// progress takes note of a response. Provisional ones may come many times.
func (k *call) progress(life context.Context, response *siplib.Response) {
	if !k.heard {
		k.heard = true
		k.carrier.learn(life, k.trunk, nil)
	}
	if !response.IsProvisional() || response.StatusCode == siplib.StatusTrying {
		return
	}
	k.rang = true
	if body := response.Body(); len(body) > 0 && len(body) <= maxSDP {
		k.early = body
	}
	k.report()
}

// report lets Dial return.
func (k *call) report() { k.announce.Do(func() { close(k.underWay) }) }

// cutOff is the end of a transaction without a response: when it rang already, nobody knows what became of the call.
func (k *call) cutOff(life context.Context) ending {
	k.carrier.learn(life, k.trunk, errUnreachable)
	if k.rang {
		return ending{outcome: lost, code: "link lost", err: errCutOff}
	}
	return ending{outcome: down, code: "link lost", err: errCutOff}
}

// refusal is the end by a final response.
func (k *call) refusal(response *siplib.Response) ending {
	meant, code := refusalOf(response)
	if response.StatusCode == siplib.StatusNotFound && meant == unknown && !k.rang && k.carrier.settings.NotFoundIsRoute {
		meant = refused
	}
	return ending{outcome: meant, code: code, err: describe(response), retry: retryAfter(response)}
}

// abandon cancels a call that nobody waits for any more, and hangs up if it is answered all the same.
func (k *call) abandon() {
	request, tx, heard := k.request, k.tx, k.heard
	k.carrier.leaving.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 64*siplib.T1)
		defer cancel()
		if heard {
			k.cancel(ctx, request)
		}
		for {
			select {
			case response := <-tx.Responses():
				switch {
				case response.IsSuccess():
					k.accept(response).goodbye()
					return
				case !response.IsProvisional():
					return // the stack has confirmed it, and does so again when it must
				case !heard: // before a first response it must not be cancelled
					heard = true
					k.cancel(ctx, request)
				}
			case <-tx.Done():
				return
			case <-ctx.Done():
				tx.Terminate()
				return
			}
		}
	})
}

// cancel sends CANCEL, and waits for its response beside the transaction that it is for.
func (k *call) cancel(ctx context.Context, invite *siplib.Request) {
	request := siplib.NewRequest(siplib.CANCEL, invite.Recipient)
	request.AppendHeader(invite.Via().Clone())
	request.AppendHeader(siplib.HeaderClone(invite.From()))
	request.AppendHeader(siplib.HeaderClone(invite.To()))
	appendCommon(request, k.id, invite.CSeq().SeqNo)
	request.SetBody(nil)
	request.SetTransport(invite.Transport())
	request.SetDestination(invite.Destination())
	request.Laddr = invite.Laddr
	k.carrier.leaving.Go(func() {
		if _, err := k.trunk.agent.exchange(ctx, request); err != nil {
			k.carrier.deps.Log.Debug("SIP call could not be cancelled", "carrier", k.carrier.Name(), "error", fmt.Errorf("CANCEL: %w", err))
		}
	})
}
