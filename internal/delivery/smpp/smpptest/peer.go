package smpptest

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

// peer is one client's link.
type peer struct {
	smsc *SMSC
	conn net.Conn
	done chan struct{}

	writing  sync.Mutex
	dead     atomic.Bool // answers no enquire_link
	sequence atomic.Uint32
	as       pdu.Command // how it is bound; under the SMSC's mu
}

func (p *peer) run() {
	defer p.smsc.update(func() { delete(p.smsc.peers, p) })
	defer func() { _ = p.conn.Close() }()
	defer close(p.done)
	from := bufio.NewReader(p.conn)
	for {
		request, err := pdu.Read(from)
		if err != nil {
			return
		}
		if !p.answer(request) {
			return
		}
	}
}

// answer is false when the link is to be closed.
func (p *peer) answer(request pdu.PDU) bool {
	switch request.Command {
	case pdu.BindTransceiver, pdu.BindTransmitter, pdu.BindReceiver:
		p.bind(request)
	case pdu.EnquireLink:
		if !p.dead.Load() {
			p.write(request.Respond(pdu.StatusOK, nil))
		}
	case pdu.Unbind:
		as := locked(p.smsc, func() pdu.Command { return p.as })
		if as == pdu.BindReceiver {
			p.after(p.smsc.options.SlowUnbind)
		}
		p.smsc.update(func() { p.smsc.unbinds++ })
		p.write(request.Respond(pdu.StatusOK, nil))
		return false
	case pdu.UnbindResp:
		return false
	case pdu.SubmitSM:
		return p.submit(request)
	case pdu.DeliverSMResp, pdu.DataSMResp:
		p.smsc.update(func() { p.smsc.acks = append(p.smsc.acks, request.Status) })
	case pdu.GenericNack:
		p.smsc.update(func() { p.smsc.nacks = append(p.smsc.nacks, request.Status) })
	}
	return true
}

func (p *peer) bind(request pdu.PDU) {
	o, body := p.smsc.options, request.Body.(*pdu.Bind)
	switch {
	case o.NoTransceiver && request.Command == pdu.BindTransceiver:
		p.write(request.Respond(pdu.StatusInvalidCommand, nil))
		return
	case o.SystemID != "" && o.SystemID != body.SystemID:
		p.write(request.Respond(pdu.StatusInvalidSystemID, nil))
		return
	case o.Password != "" && o.Password != body.Password:
		p.write(request.Respond(pdu.StatusInvalidPassword, nil))
		return
	}
	p.smsc.update(func() {
		p.as = request.Command
		p.smsc.binds = append(p.smsc.binds, body)
	})
	p.write(request.Respond(pdu.StatusOK, &pdu.BindResp{
		SystemID: "smpptest", TLVs: pdu.TLVs{{Tag: pdu.TagSCInterfaceVersion, Value: []byte{body.InterfaceVersion}}},
	}))
	if locked(p.smsc, p.receives) {
		p.smsc.deliverUnread()
	}
}

func (p *peer) receives() bool { return p.as == pdu.BindTransceiver || p.as == pdu.BindReceiver }

// submit is false when the link is to be closed.
func (p *peer) submit(request pdu.PDU) bool {
	s, m := p.smsc, Message{Message: request.Body.(*pdu.Message)}
	suffix := m.Dest.Addr[max(0, len(m.Dest.Addr)-2):]
	var id, tries int
	s.update(func() {
		if s.count++; !s.options.Quiet {
			s.messages = append(s.messages, m)
		}
		s.inFlight++
		s.most = max(s.most, s.inFlight)
		s.nextID++
		id = s.nextID
		if suffix == ThrottleTwice {
			s.throttled[m.Dest.Addr]++
			tries = s.throttled[m.Dest.Addr]
		}
	})
	if suffix == DropLink {
		s.update(func() { s.inFlight-- })
		return false
	}
	s.running.Go(func() {
		p.after(s.options.Delay)
		p.conclude(request, m, suffix, id, tries)
	})
	return true
}

// conclude answers a submit_sm, and does what its destination asks for besides.
func (p *peer) conclude(request pdu.PDU, m Message, suffix string, id, tries int) {
	name := fmt.Sprint(id)
	if suffix == HexID {
		name = fmt.Sprintf("%X", id)
	}
	status := pdu.StatusOK
	switch {
	case suffix == Silent:
		p.smsc.update(func() { p.smsc.inFlight-- })
		return
	case suffix == ThrottleTwice && tries <= 2:
		status = pdu.StatusThrottled
	case suffix == QueueFull:
		status = pdu.StatusQueueFull
	case suffix == BadDestination:
		status = pdu.StatusInvalidDest
	}
	p.smsc.update(func() { p.smsc.inFlight-- })
	if status != pdu.StatusOK {
		p.write(request.Respond(status, nil))
		return
	}
	if suffix == EarlyReceipt {
		p.report(m, suffix, id)
		p.after(20 * time.Millisecond)
	}
	if suffix == HalfAnswer {
		p.write(request.Respond(pdu.StatusOK, pdu.Raw(name+"\x00half")))
		return
	}
	p.dead.Store(suffix == DeadLink || p.dead.Load())
	p.write(request.Respond(pdu.StatusOK, &pdu.MessageResp{MessageID: name}))
	if m.RegisteredDelivery != 0 && suffix != EarlyReceipt && suffix != NoReceipt {
		p.report(m, suffix, id)
	}
	if suffix == UnbindAfter {
		p.write(pdu.PDU{Command: pdu.Unbind, Sequence: p.sequence.Add(1)})
	}
}

// report sends the receipts of a message to every client that receives.
func (p *peer) report(m Message, suffix string, id int) {
	state := pdu.StateDelivered
	switch suffix {
	case Undeliverable:
		state = pdu.StateUndeliverable
	case Expired:
		state = pdu.StateExpired
	case Rejected:
		state = pdu.StateRejected
	case Enroute:
		p.smsc.deliver(p.receipt(m, suffix, id, pdu.StateEnroute))
	case SecondFails:
		if m.Part().Number == 2 {
			state = pdu.StateUndeliverable
		}
	}
	p.smsc.deliver(p.receipt(m, suffix, id, state))
	if suffix == TwiceReported {
		p.smsc.deliver(p.receipt(m, suffix, id, state))
	}
}

func (p *peer) receipt(m Message, suffix string, id int, state pdu.MessageState) pdu.PDU {
	body := Receipt(fmt.Sprint(id), state)
	body.Source, body.Dest = m.Dest, m.Source
	switch suffix {
	case TextReceipt, HexID:
		body.TLVs = nil
	case TagReceipt:
		body.ShortMessage = nil
	}
	return pdu.PDU{Command: pdu.DeliverSM, Sequence: p.sequence.Add(1), Body: body}
}

// Receipt is a deliver_sm that reports a state by text and by optional parameters.
func Receipt(id string, state pdu.MessageState) *pdu.Message {
	text := []string{
		"id:" + id, "sub:001", "dlvrd:001", "submit date:2611212230", "done date:2611212231", "stat:" + state.String(), "err:000", "text:",
	}
	return &pdu.Message{
		ESMClass: 4, ShortMessage: []byte(strings.Join(text, " ")),
		TLVs: pdu.TLVs{
			{Tag: pdu.TagReceiptedMessageID, Value: append([]byte(id), 0)},
			{Tag: pdu.TagMessageState, Value: []byte{byte(state)}},
		},
	}
}

// after passes a time, but not beyond the link's end.
func (p *peer) after(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.done:
	}
}

// write is false when the client has left.
func (p *peer) write(what pdu.PDU) bool {
	raw, err := what.Append(nil)
	if err != nil {
		panic(err) // a test's own fault
	}
	return p.raw(raw)
}

func (p *peer) raw(raw []byte) bool {
	p.writing.Lock()
	defer p.writing.Unlock()
	_, err := p.conn.Write(raw)
	return err == nil
}
