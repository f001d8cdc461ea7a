package smpp

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

// How a request can end without an answer.
var (
	errUnfit     = errors.New("message does not fit into a PDU")
	errUnsent    = errors.New("link was closed before the request went out")
	errNoAnswer  = errors.New("no answer in time")
	errLinkDead  = errors.New("no answer to enquire_link")
	errPeerLeft  = errors.New("the SMSC unbound")
	errWeLeft    = errors.New("unbound by us")
	errStopped   = errors.New("carrier is closed")
	errNoBindYet = errors.New("not bound yet")
)

// session is one connection to an SMSC. Its owner calls run, which ends with the connection.
type session struct {
	conn    net.Conn
	address string
	timeout time.Duration
	// take gets what the SMSC asks, but for what concerns the link. It must not block.
	take func(*session, pdu.PDU)
	// leaving is told once when the SMSC unbinds, before what is in flight is waited for.
	leaving func(*session)

	writing sync.Mutex
	wire    []byte // reused by each write

	mu       sync.Mutex
	sequence uint32
	asked    map[uint32]question
	parting  error         // who unbound; nothing goes out after that
	err      error         // why it ended
	done     chan struct{} // closed when it has ended

	helpers sync.WaitGroup // those who wait beside the reader
}

type question struct {
	command pdu.Command
	answer  chan pdu.PDU // holds one
}

func newSession(conn net.Conn, address string, timeout time.Duration, take func(*session, pdu.PDU), leaving func(*session)) *session {
	return &session{
		conn: conn, address: address, timeout: timeout, take: take, leaving: leaving,
		asked: map[uint32]question{}, done: make(chan struct{}),
	}
}

// run reads until the connection ends, and returns when everything that belongs to it has ended. A PDU that cannot be read
// closes the connection: nobody knows where the next one begins.
func (s *session) run() {
	defer s.helpers.Wait()
	from := bufio.NewReader(s.conn)
	for {
		p, err := pdu.Read(from)
		switch {
		case errors.Is(err, pdu.ErrBody):
			s.malformed(p)
		case err != nil:
			s.end(fmt.Errorf("read: %w", err))
			return
		default:
			s.dispatch(p)
		}
	}
}

// malformed tells the SMSC that its request could not be read. Of a response the status alone counts.
func (s *session) malformed(p pdu.PDU) {
	if p.Command.IsResponse() {
		s.answered(p)
		return
	}
	_ = s.write(pdu.PDU{Command: pdu.GenericNack, Status: pdu.StatusInvalidLength, Sequence: p.Sequence})
}

func (s *session) dispatch(p pdu.PDU) {
	switch {
	case p.Command.IsResponse():
		s.answered(p)
	case p.Command == pdu.EnquireLink:
		_ = s.write(p.Respond(pdu.StatusOK, nil)) // it ends the session when it fails
	case p.Command == pdu.Unbind:
		s.helpers.Go(func() { s.part(p) })
	default:
		s.take(s, p)
	}
}

// answered gives a response to whoever asked. A generic_nack answers any command; another response only its own.
func (s *session) answered(p pdu.PDU) {
	s.mu.Lock()
	q, waiting := s.asked[p.Sequence]
	fits := p.Command == q.command.Response() || p.Command == pdu.GenericNack
	if waiting && fits {
		delete(s.asked, p.Sequence)
	}
	s.mu.Unlock()
	if waiting && fits {
		q.answer <- p
	}
}

// ask sends a request and returns its answer. After errUnsent and errUnfit nothing went out; after any other error it may
// have. The limit counts when it comes before ctx's deadline.
func (s *session) ask(ctx context.Context, p pdu.PDU, limit time.Duration) (pdu.PDU, error) {
	answer := make(chan pdu.PDU, 1)
	if !s.enter(&p, answer) {
		return pdu.PDU{}, errUnsent
	}
	defer s.forget(p.Sequence)
	if err := s.write(p); err != nil {
		return pdu.PDU{}, err
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case got := <-answer:
		return got, nil
	case <-s.done:
		return s.late(answer)
	case <-timer.C:
		return pdu.PDU{}, errNoAnswer
	case <-ctx.Done():
		return pdu.PDU{}, fmt.Errorf("wait for the answer: %w", ctx.Err())
	}
}

// late takes an answer that came just before the link ended.
func (s *session) late(answer chan pdu.PDU) (pdu.PDU, error) {
	select {
	case got := <-answer:
		return got, nil
	default:
		return pdu.PDU{}, fmt.Errorf("wait for the answer: %w", s.cause())
	}
}

// enter notes who waits for the next sequence number, and writes it into p. It is false when nothing goes out any more: a
// draining session sends only what concerns the link.
func (s *session) enter(p *pdu.PDU, answer chan pdu.PDU) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil || (s.parting != nil && p.Command == pdu.SubmitSM) {
		return false
	}
	if s.sequence == math.MaxInt32 {
		s.sequence = 0
	}
	s.sequence++
	p.Sequence = s.sequence
	s.asked[p.Sequence] = question{p.Command, answer}
	return true
}

func (s *session) forget(sequence uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asked, sequence)
}

// write sends a PDU. An SMSC that takes nothing off the line any more loses it.
func (s *session) write(p pdu.PDU) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	wire, err := p.Append(s.wire[:0])
	if err != nil {
		return fmt.Errorf("%w: %w", errUnfit, err)
	}
	s.wire = wire[:0]
	if err := s.conn.SetWriteDeadline(time.Now().Add(s.timeout)); err != nil {
		return errUnsent // closed already
	}
	if _, err := s.conn.Write(wire); err != nil {
		s.end(fmt.Errorf("write: %w", err))
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// end closes the connection, for the first reason given. After an unbind that is the reason, whoever hangs up then.
func (s *session) end(why error) {
	s.mu.Lock()
	first := s.err == nil
	if first {
		s.err = cmp.Or(s.parting, why)
	}
	s.mu.Unlock()
	if first {
		_ = s.conn.Close() // it is over either way
		close(s.done)
	}
}

func (s *session) cause() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// ending is why nothing goes out any more.
func (s *session) ending() error {
	if why := s.cause(); why != nil {
		return why
	}
	return errPeerLeft
}
