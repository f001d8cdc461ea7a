package sip

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
)

var (
	errHungUp   = errors.New("we hung up")
	errTheyHung = errors.New("the other side hung up")
)

// call is one attempt to reach a phone over one trunk.
type call struct {
	carrier *Carrier
	trunk   *trunk
	order   delivery.Call
	message []int16
	id, tag string // the Call-ID, and our tag in the From header

	there, public netip.AddrPort // the trunk; where we are to the carrier, with the port for sound
	request       *siplib.Request
	tx            *siplib.ClientTx
	started       time.Time
	heard, rang   bool   // the trunk said something; something else than 100
	early         []byte // the SDP of a provisional response
	challenged    int
	dialog        *dialog // once it is accepted
	accepted      chan struct{}

	kill     context.CancelCauseFunc
	announce sync.Once
	underWay chan struct{}
	done     chan struct{}
	end      delivery.CallEnd
	failure  *delivery.Error
}

// ending is how a call ended: what it means, the word for the operator, and the cause.
type ending struct {
	outcome
	code     string
	err      error
	retry    time.Duration
	answered time.Time
	plays    int
}

// Done is closed when the call has ended.
func (k *call) Done() <-chan struct{} { return k.done }

// Result says how it ended, after Done; its error is a *delivery.Error when the carrier failed in the middle of the call.
func (k *call) Result() (delivery.CallEnd, error) {
	if k.failure != nil {
		return k.end, k.failure
	}
	return k.end, nil
}

// Hangup ends the call: with CANCEL while it rings, and with BYE after that.
func (k *call) Hangup() { k.kill(errHungUp) }

// run makes the call, from the first request to the last. life ends when one side hangs up.
func (k *call) run(life context.Context) {
	defer close(k.done)
	defer k.kill(nil)
	defer k.carrier.forget(k)
	k.started = time.Now()
	k.finish(k.attempt(life))
}

func (k *call) attempt(life context.Context) ending {
	asking, cancel := context.WithTimeout(life, k.carrier.settings.NoResponse)
	defer cancel()
	there, here, err := k.carrier.place(asking, k.trunk)
	if err != nil {
		k.carrier.learn(life, k.trunk, err)
		return ending{outcome: down, code: "no address", err: err}
	}
	conn, err := k.carrier.ports.Listen(asking, here)
	if err != nil {
		return ending{outcome: ours, code: "no port", err: err}
	}
	defer func() { _ = conn.Close() }()
	port := netip.MustParseAddrPort(conn.LocalAddr().String()).Port()
	k.there, k.public = there, netip.AddrPortFrom(k.carrier.settings.publicOr(here), port)
	if failed := k.invite(asking); failed != nil {
		return *failed
	}
	response, failed := k.ring(life)
	if response == nil {
		return failed
	}
	return k.talk(life, response, conn)
}

// finish keeps how the call ended, and logs it without saying whom it was to.
func (k *call) finish(e ending) {
	k.end = delivery.CallEnd{
		Status: e.status, Carrier: k.carrier.Name(), Code: e.code,
		Answered: e.answered, Ended: k.carrier.deps.Now(), Plays: e.plays,
	}
	k.failure = k.carrier.failure(e.outcome, e.code, e.err)
	if k.failure != nil {
		k.failure.RetryAfter = e.retry
	}
	k.carrier.deps.Log.Info("SIP call ended", "carrier", k.carrier.Name(), "attempt", k.order.AttemptID,
		"call_status", e.status, "code", e.code, "plays", e.plays, "error", e.err)
}

// limit is d, or the usual when d is not set.
func limit(d, usual time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return usual
}
