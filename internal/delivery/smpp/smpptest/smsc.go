// Package smpptest is a small SMSC inside a test's process. It plays a network that is slow, refuses or falls silent: what
// it does with a message is decided by the last two digits of its destination.
package smpptest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

// What the last two digits of a destination make the SMSC do. Any other message is taken, and reported delivered by text and
// by optional parameters.
const (
	ThrottleTwice  = "58" // refused with 0x58 twice, then taken
	QueueFull      = "14" // refused with 0x14, always
	BadDestination = "11" // refused with 0x0B
	Silent         = "77" // never answered
	DropLink       = "99" // the link is closed instead of an answer
	UnbindAfter    = "55" // taken, and then the SMSC unbinds
	DeadLink       = "44" // taken, and then no enquire_link is answered on this link
	HalfAnswer     = "13" // taken, with an answer whose body cannot be read
	NoReceipt      = "10" // taken, never reported
	TextReceipt    = "01" // reported by text alone
	TagReceipt     = "02" // reported by optional parameters alone
	EarlyReceipt   = "03" // reported before it is answered
	HexID          = "04" // answered with a hex id, reported with the decimal one
	TwiceReported  = "05" // reported twice
	Undeliverable  = "66" // reported as UNDELIV
	Expired        = "67" // reported as EXPIRED
	Rejected       = "68" // reported as REJECTD
	Enroute        = "69" // reported as ENROUTE, and then delivered
	SecondFails    = "62" // as the rest, but second parts are reported as UNDELIV
)

// Options shape an SMSC. Zero members are the defaults that their comments name.
type Options struct {
	SystemID, Password string        // whom to let in; anybody
	TLS                *tls.Config   // none
	Delay              time.Duration // before each answer to a submit_sm; none
	SlowUnbind         time.Duration // before the answer to a receiver's unbind; none
	NoTransceiver      bool          // whether bind_transceiver is refused
	Quiet              bool          // whether messages are counted and not kept, for long runs
}

// SMSC is a running SMSC. It must be closed.
type SMSC struct {
	options  Options
	listener net.Listener
	running  sync.WaitGroup

	mu        sync.Mutex
	peers     map[*peer]struct{}
	binds     []*pdu.Bind
	messages  []Message
	count     int
	throttled map[string]int // by destination
	nextID    int
	inFlight  int
	most      int
	acks      []pdu.Status // of what was delivered
	nacks     []pdu.Status
	unbinds   int // sent by clients
	changed   chan struct{}

	delivering sync.Mutex
	unread     []pdu.PDU // receipts that wait for somebody to receive them
}

// Start begins to listen on a free port of 127.0.0.1.
func Start(o Options) (*SMSC, error) { return StartAt("127.0.0.1:0", o) }

// StartAt begins to listen on an address, such as that of an SMSC that was closed.
func StartAt(address string, o Options) (*SMSC, error) {
	listener, err := net.Listen("tcp", address) //nolint:noctx // a test's end closes it
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &SMSC{
		options: o, listener: listener, peers: map[*peer]struct{}{}, throttled: map[string]int{},
		nextID: 0xA0, changed: make(chan struct{}),
	}
	s.running.Go(s.accept)
	return s, nil
}

// Address is host:port.
func (s *SMSC) Address() string { return s.listener.Addr().String() }

// Close ends all links without a word, and waits.
func (s *SMSC) Close() {
	_ = s.listener.Close()
	s.Drop()
	s.running.Wait()
}

func (s *SMSC) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		if s.options.TLS != nil {
			conn = tls.Server(conn, s.options.TLS)
		}
		p := &peer{smsc: s, conn: conn, done: make(chan struct{})}
		s.update(func() { s.peers[p] = struct{}{} })
		s.running.Go(p.run)
	}
}

// update changes what Wait looks at.
func (s *SMSC) update(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// ErrNever is what Wait gives when its time is over.
var ErrNever = errors.New("it did not come to that")

// Wait returns when seen is true, and looks whenever something happened.
func (s *SMSC) Wait(limit time.Duration, seen func() bool) error {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if seen() {
			return nil
		}
		select {
		case <-changed:
		case <-deadline.C:
			return ErrNever
		}
	}
}

// Binds are the binds that were let in, in their order.
func (s *SMSC) Binds() []*pdu.Bind {
	return locked(s, func() []*pdu.Bind { return append([]*pdu.Bind(nil), s.binds...) })
}

// Messages are the parts that arrived, refused ones too.
func (s *SMSC) Messages() []Message {
	return locked(s, func() []Message { return append([]Message(nil), s.messages...) })
}

// Count is how many parts arrived.
func (s *SMSC) Count() int { return locked(s, func() int { return s.count }) }

// MaxInFlight is how many messages waited for their answer at once, at most.
func (s *SMSC) MaxInFlight() int { return locked(s, func() int { return s.most }) }

// Acks are the statuses of the clients' answers to receipts, in their order.
func (s *SMSC) Acks() []pdu.Status {
	return locked(s, func() []pdu.Status { return append([]pdu.Status(nil), s.acks...) })
}

// Nacks are the statuses of the generic_nacks that clients sent.
func (s *SMSC) Nacks() []pdu.Status {
	return locked(s, func() []pdu.Status { return append([]pdu.Status(nil), s.nacks...) })
}

// Unbinds is how often a client unbound.
func (s *SMSC) Unbinds() int { return locked(s, func() int { return s.unbinds }) }

// Bound is how many links are bound now.
func (s *SMSC) Bound() int { return locked(s, s.bound) }

func (s *SMSC) bound() int {
	count := 0
	for p := range s.peers {
		if p.as != 0 {
			count++
		}
	}
	return count
}

// Drop closes every link without a word.
func (s *SMSC) Drop() {
	for _, p := range s.all() {
		_ = p.conn.Close()
	}
}

// Unbind asks every client to leave.
func (s *SMSC) Unbind() { s.Send(pdu.PDU{Command: pdu.Unbind, Sequence: 1 << 30}) }

// Send writes a PDU to every client that receives, and gives how many took it.
func (s *SMSC) Send(p pdu.PDU) (taken int) {
	for _, to := range s.all() {
		if locked(s, to.receives) && to.write(p) {
			taken++
		}
	}
	return taken
}

// deliver sends a receipt, or keeps it for who binds next.
func (s *SMSC) deliver(receipt pdu.PDU) {
	s.delivering.Lock()
	defer s.delivering.Unlock()
	if s.Send(receipt) == 0 {
		s.unread = append(s.unread, receipt)
	}
}

// deliverUnread sends what nobody was there to receive.
func (s *SMSC) deliverUnread() {
	s.delivering.Lock()
	unread := s.unread
	s.unread = nil
	s.delivering.Unlock()
	for _, receipt := range unread {
		s.deliver(receipt)
	}
}

// Write sends octets as they are to every client.
func (s *SMSC) Write(raw []byte) {
	for _, to := range s.all() {
		to.raw(raw)
	}
}

func (s *SMSC) all() []*peer {
	return locked(s, func() []*peer {
		var all []*peer
		for p := range s.peers {
			all = append(all, p)
		}
		return all
	})
}

func locked[T any](s *SMSC, read func() T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return read()
}
