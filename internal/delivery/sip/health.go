package sip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
)

// health is what is known of a trunk.
type health struct {
	mu sync.Mutex
	delivery.Health
}

// note keeps what was just learned: fault is nil when the trunk answered, whatever it said.
func (h *health) note(now time.Time, fault error) (changed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	detail := ""
	if fault != nil {
		detail = fault.Error()
	}
	changed = h.Since.IsZero() || h.Up != (fault == nil)
	if changed {
		h.Up, h.Since = fault == nil, now
	}
	h.Detail = detail
	return changed
}

func (h *health) read() delivery.Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.Health
}

// Health says whether a trunk answers. A trunk that was not heard of yet is not up, unless it is never asked.
func (c *Carrier) Health() delivery.Health {
	var worst delivery.Health
	for _, t := range c.trunks {
		state := t.state.read()
		if state.Up {
			return state
		}
		if state.Since.IsZero() && c.settings.Ping < 0 {
			return delivery.Health{Up: true, Detail: "it is not asked whether it is there"}
		}
		if state.Since.IsZero() {
			state.Detail = "it was not heard of yet"
		}
		worst = delivery.Health{Since: state.Since, Detail: t.String() + ": " + state.Detail}
	}
	return worst
}

// watch asks a trunk again and again whether it is there, until ctx ends.
func (c *Carrier) watch(ctx context.Context, t *trunk) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		c.learn(ctx, t, c.ping(ctx, t))
		timer.Reset(c.settings.Ping)
	}
}

// learn keeps what is known of a trunk, and logs what is new. Who was called off has learned nothing.
func (c *Carrier) learn(ctx context.Context, t *trunk, fault error) {
	if errors.Is(ctx.Err(), context.Canceled) || !t.state.note(c.deps.Now(), fault) {
		return
	}
	if fault != nil {
		c.deps.Log.WarnContext(ctx, "SIP trunk is down", "carrier", c.Name(), "trunk", t.String(), "error", fault)
		return
	}
	c.deps.Log.InfoContext(ctx, "SIP trunk is up", "carrier", c.Name(), "trunk", t.String())
}

// ping sends OPTIONS. Any final response will do: a trunk that refuses the question is there.
func (c *Carrier) ping(ctx context.Context, t *trunk) error {
	ctx, cancel := context.WithTimeout(ctx, c.settings.NoResponse)
	defer cancel()
	there, here, err := c.place(ctx, t)
	if err != nil {
		return err
	}
	if _, err := t.agent.exchange(ctx, c.question(t, there, here)); err != nil {
		return fmt.Errorf("asked whether it is there: %w", err)
	}
	return nil
}

func (c *Carrier) question(t *trunk, there netip.AddrPort, here netip.Addr) *siplib.Request {
	request := siplib.NewRequest(siplib.OPTIONS, siplib.Uri{Scheme: "sip", Host: t.host, Port: int(t.port)})
	us := siplib.Uri{Scheme: "sip", User: c.settings.FromUser, Host: c.settings.domain(t.host)}
	from := &siplib.FromHeader{Address: us}
	from.Params.Add("tag", siplib.GenerateTagN(16))
	request.AppendHeader(from)
	request.AppendHeader(&siplib.ToHeader{Address: request.Recipient})
	appendCommon(request, siplib.GenerateTagN(24), 1)
	request.SetBody(nil)
	t.prepare(request, there, here)
	return request
}

func appendCommon(request *siplib.Request, callID string, sequence uint32) {
	id, hops := siplib.CallIDHeader(callID), siplib.MaxForwardsHeader(70)
	request.AppendHeader(&id)
	request.AppendHeader(&siplib.CSeqHeader{SeqNo: sequence, MethodName: request.Method})
	request.AppendHeader(&hops)
}
