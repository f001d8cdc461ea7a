package smpp

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

// errLogin is a bind that the SMSC refused for the account's sake.
var errLogin = errors.New("the SMSC refuses the account")

// link keeps one bind alive: it connects, binds, waits for the end, and begins again.
type link struct {
	config  Config
	command pdu.Command // which bind
	now     func() time.Time
	random  io.Reader
	log     *slog.Logger
	take    func(*session, pdu.PDU)

	mu      sync.Mutex
	bound   *session // nil while not bound
	since   time.Time
	why     error         // why it is not bound
	changed chan struct{} // closed and replaced whenever the above change
}

func newLink(c Config, command pdu.Command, d Deps, take func(*session, pdu.PDU)) *link {
	return &link{
		config: c, command: command, now: d.Now, random: d.Rand, take: take,
		log:   d.Log.With(slog.String("carrier", c.Name), slog.String("bind", bindNames[command])),
		since: d.Now(), why: errNoBindYet, changed: make(chan struct{}),
	}
}

var bindNames = map[pdu.Command]string{
	pdu.BindTransceiver: "transceiver", pdu.BindTransmitter: "transmitter", pdu.BindReceiver: "receiver",
}

// run binds again and again until binding ends; a session that is there lasts until it ends by itself or life does. It
// returns when the last session has ended.
func (l *link) run(binding, life context.Context) {
	for failures := 0; binding.Err() == nil; {
		lasted := l.round(binding, life)
		if failures++; lasted > l.config.ReconnectMax {
			failures = 1
		}
		if sleep(binding, l.pause(failures)) != nil {
			return
		}
	}
}

// round tries each address until one session came about and ended. It tells how long that was.
func (l *link) round(binding, life context.Context) time.Duration {
	for _, address := range l.config.Addresses {
		began := l.now()
		err := l.session(binding, life, address)
		if err == nil {
			return l.now().Sub(began)
		}
		if binding.Err() != nil {
			return 0
		}
		l.log.WarnContext(life, "bind failed", slog.String("address", address), slog.Any("error", err))
		l.down(nil, err)
	}
	return 0
}

// session has one session from connection to end. It fails when no bind came about.
func (l *link) session(binding, life context.Context, address string) error {
	conn, err := l.dial(binding, address)
	if err != nil {
		return err
	}
	s := newSession(conn, address, l.config.ResponseTimeout, l.take, func(s *session) { l.down(s, errPeerLeft) })
	reading := make(chan struct{})
	go func() {
		defer close(reading)
		s.run()
	}()
	defer func() { <-reading }()
	stop := context.AfterFunc(life, func() { s.end(errStopped) })
	defer stop()
	if err := l.bind(binding, s); err != nil {
		s.end(err)
		return err
	}
	l.up(life, s)
	if binding.Err() != nil { // Close may have looked for it too early
		s.leave(life)
	}
	s.probe(l.config.EnquireInterval, l.config.EnquireTimeout)
	l.down(s, s.cause())
	l.ended(life, s)
	return nil
}

func (l *link) ended(ctx context.Context, s *session) {
	if why := s.cause(); errors.Is(why, errWeLeft) || errors.Is(why, errPeerLeft) {
		l.log.InfoContext(ctx, "unbound", slog.String("address", s.address), slog.String("reason", why.Error()))
		return
	}
	l.log.WarnContext(ctx, "link lost", slog.String("address", s.address), slog.Any("error", s.cause()))
}

func (l *link) dial(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, l.config.ResponseTimeout)
	defer cancel()
	if !l.config.TLS.Enabled {
		var plain net.Dialer
		return wrapped(plain.DialContext(ctx, "tcp", address))
	}
	settings, err := l.config.TLS.config(address)
	if err != nil {
		return nil, err
	}
	secure := tls.Dialer{Config: settings}
	return wrapped(secure.DialContext(ctx, "tcp", address))
}

func wrapped(conn net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return conn, nil
}

func (l *link) bind(ctx context.Context, s *session) error {
	request := pdu.PDU{Command: l.command, Body: &pdu.Bind{
		SystemID: l.config.SystemID, Password: l.config.Password.Reveal(), SystemType: l.config.SystemType,
		InterfaceVersion: l.config.version(),
	}}
	answer, err := s.ask(ctx, request, l.config.ResponseTimeout)
	if err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if badLogin(answer.Status) {
		return fmt.Errorf("%w: %s", errLogin, answer.Status)
	}
	if answer.Status != pdu.StatusOK || answer.Command == pdu.GenericNack {
		return fmt.Errorf("bind was answered with %s", answer.Status)
	}
	return nil
}

func (l *link) up(ctx context.Context, s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.isDraining() { // the SMSC has unbound already
		return
	}
	l.set(s, nil)
	l.log.InfoContext(ctx, "bound", slog.String("address", s.address))
}

// down notes that a session takes nothing more, or that none came about. The time since when counts from the first of
// several reasons.
func (l *link) down(s *session, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bound != s {
		return
	}
	l.set(nil, why)
}

// set is for those who hold mu.
func (l *link) set(s *session, why error) {
	if s != nil || l.bound != nil {
		l.since = l.now()
	}
	l.bound, l.why = s, why
	close(l.changed)
	l.changed = make(chan struct{})
}

// standing is how the link is: bound, or why not; since when; and what is closed when that changes.
type standing struct {
	bound   *session
	why     error
	since   time.Time
	changed <-chan struct{}
}

func (l *link) standing() standing {
	l.mu.Lock()
	defer l.mu.Unlock()
	return standing{l.bound, l.why, l.since, l.changed}
}

// ready gives the bound session. It waits for one while the link has not been down for longer than the patience for a
// rebind, and fails at once after that or when our account is refused.
func (l *link) ready(ctx context.Context) (*session, error) {
	for {
		now := l.standing()
		if now.bound != nil {
			return now.bound, nil
		}
		left := l.config.RebindPatience - l.now().Sub(now.since)
		if left <= 0 || errors.Is(now.why, errLogin) {
			return nil, now.why
		}
		if err := l.await(ctx, now.changed, left); err != nil {
			return nil, errors.Join(now.why, err)
		}
	}
}

func (l *link) await(ctx context.Context, changed <-chan struct{}, limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// pause is how long to wait before the next try: any time up to twice as long after each failure, so that many clients do
// not come back at once.
func (l *link) pause(failures int) time.Duration {
	most := l.config.ReconnectMin
	for range failures - 1 {
		if most *= 2; most >= l.config.ReconnectMax {
			most = l.config.ReconnectMax
			break
		}
	}
	var raw [4]byte
	if _, err := io.ReadFull(l.random, raw[:]); err != nil {
		return most
	}
	return time.Duration(float64(most) * float64(binary.BigEndian.Uint32(raw[:])) / (1 << 32))
}
