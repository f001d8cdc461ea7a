package smpp

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

// partingPatience is how long an SMSC has to close the connection after its unbind was answered.
const partingPatience = time.Second

// probe asks the SMSC now and then whether it is there, until the session ends.
func (s *session) probe(every, limit time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-s.done:
			return
		}
		if _, err := s.ask(context.Background(), pdu.PDU{Command: pdu.EnquireLink}, limit); err != nil {
			s.end(errLinkDead)
			return
		}
	}
}

// part answers the SMSC's unbind after what is in flight was answered, and ends the session.
func (s *session) part(p pdu.PDU) {
	if !s.drain(errPeerLeft) {
		return
	}
	s.leaving(s)
	s.idle(s.timeout)
	_ = s.write(p.Respond(pdu.StatusOK, nil)) // it is over either way
	timer := time.NewTimer(partingPatience)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.done:
	}
	s.end(errPeerLeft)
}

// leave unbinds, and ends the session when the SMSC has answered or ctx is over.
func (s *session) leave(ctx context.Context) {
	if s.drain(errWeLeft) {
		_, _ = s.ask(ctx, pdu.PDU{Command: pdu.Unbind}, s.timeout) // it is over either way
	}
	s.end(errWeLeft)
}

// drain lets nothing more out. It is false when that was so already.
func (s *session) drain(who error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parting != nil {
		return false
	}
	s.parting = who
	return s.err == nil
}

// idle waits until every message in flight is answered, but not for ever.
func (s *session) idle(limit time.Duration) {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for s.inFlight() > 0 {
		select {
		case <-look.C:
		case <-deadline.C:
			return
		case <-s.done:
			return
		}
	}
}

// inFlight is how many messages wait for their answer.
func (s *session) inFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	for _, q := range s.asked {
		if q.command == pdu.SubmitSM {
			count++
		}
	}
	return count
}

func (s *session) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.parting != nil
}
