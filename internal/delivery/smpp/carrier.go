// Package smpp is a carrier of texts over SMPP 3.4 or 5.0: a client that stays bound to an SMSC, keeps a window of requests in
// flight, and hands receipts on.
package smpp

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

// ackPatience is how long Close waits for receipts that were handed out to be stored.
const ackPatience = time.Second

// Deps is what a carrier needs besides its settings. A zero member has the default that its comment names.
type Deps struct {
	Log *slog.Logger     // none
	Now func() time.Time // time.Now
	// Rand is crypto/rand by default. It spreads reconnections and numbers long texts; goroutines share it.
	Rand io.Reader
	// Park is how long a receipt for an id that Send has not returned is held back, 3 s by default; Settle is how long one is
	// held back after Send has returned the id, so that it is stored by then, 100 ms by default.
	Park, Settle time.Duration
}

func (d Deps) withDefaults() Deps {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Rand == nil {
		d.Rand = rand.Reader
	}
	fill(&d.Park, 3*time.Second)
	fill(&d.Settle, 100*time.Millisecond)
	return d
}

// Carrier sends texts through one account at an SMSC.
type Carrier struct {
	config    Config
	now       func() time.Time
	log       *slog.Logger
	transmit  *link
	receive   *link // the same as transmit on a transceiver
	receipts  *receipts
	brake     *brake
	pace      *rate.Limiter
	window    chan struct{}
	reference atomic.Uint32
	settle    context.CancelFunc // ends binding anew
	stop      context.CancelFunc // ends links and receipts
	running   sync.WaitGroup     // links and receipts

	mu     sync.Mutex
	closed bool
	busy   sync.WaitGroup // texts being sent
}

var _ delivery.Sender = (*Carrier)(nil)

// New makes a carrier, which binds by itself from now on. It fails with all faults of the settings. It must be closed.
func New(config Config, deps Deps) (*Carrier, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("smpp carrier %s: %w", config.Name, err)
	}
	config, deps = config.withDefaults(), deps.withDefaults()
	c := &Carrier{
		config: config, now: deps.Now, log: deps.Log.With(slog.String("carrier", config.Name)),
		receipts: newReceipts(config, deps), brake: &brake{now: deps.Now}, window: make(chan struct{}, config.Window),
		pace: rate.NewLimiter(rate.Inf, 0),
	}
	if config.Rate > 0 {
		c.pace = rate.NewLimiter(rate.Limit(config.Rate), max(1, int(config.Rate/10)))
	}
	var first [2]byte
	if _, err := io.ReadFull(deps.Rand, first[:]); err != nil {
		return nil, fmt.Errorf("smpp carrier %s: read random bytes: %w", config.Name, err)
	}
	c.reference.Store(uint32(binary.BigEndian.Uint16(first[:])))
	c.start(deps)
	return c, nil
}

func (c *Carrier) start(deps Deps) {
	life, stop := context.WithCancel(context.Background())
	binding, settle := context.WithCancel(life)
	c.stop, c.settle = stop, settle
	c.running.Go(func() { c.receipts.run(life) })
	if c.config.Bind == BindPair {
		c.transmit = newLink(c.config, pdu.BindTransmitter, deps, c.take)
		c.receive = newLink(c.config, pdu.BindReceiver, deps, c.take)
		c.running.Go(func() { c.receive.run(binding, life) })
	} else {
		c.transmit = newLink(c.config, pdu.BindTransceiver, deps, c.take)
		c.receive = c.transmit
	}
	c.running.Go(func() { c.transmit.run(binding, life) })
}

// String names the carrier. Its settings have a password, which fmt would print bare from so deep in a value.
func (c *Carrier) String() string { return "smpp carrier " + c.config.Name }

// GoString is String, for %#v.
func (c *Carrier) GoString() string { return c.String() }

// Name is the name in the settings.
func (c *Carrier) Name() string { return c.config.Name }

// Receipts are what became of texts. An SMSC repeats one until its Ack is called. The channel is closed by Close.
func (c *Carrier) Receipts() <-chan delivery.ReceiptDelivery { return c.receipts.out }

// Health says since when the carrier is bound, or why it is not, what is in flight and whether the SMSC asked to slow down.
func (c *Carrier) Health() delivery.Health {
	out := c.transmit.standing()
	if out.bound == nil {
		return delivery.Health{Since: out.since, Detail: "not bound: " + out.why.Error()}
	}
	detail := fmt.Sprintf("bound to %s, %d in flight", out.bound.address, out.bound.inFlight())
	if c.brake.slowed() {
		detail += ", throttled"
	}
	if in := c.receive.standing(); in.bound == nil {
		detail += ", no receipts: receiver not bound: " + in.why.Error()
	}
	return delivery.Health{Up: true, Since: out.since, Detail: detail}
}

// Close takes nothing more, waits until texts being sent are answered and receipts that were handed out are stored, unbinds
// and ends. When ctx is over it ends at once; texts without an answer are Ambiguous then. Closing again waits likewise.
func (c *Carrier) Close(ctx context.Context) error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	err := c.drain(ctx)
	c.receipts.close(ctx, ackPatience)
	c.settle()
	c.unbind(ctx)
	c.stop()
	c.running.Wait()
	return err
}

func (c *Carrier) drain(ctx context.Context) error {
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		c.busy.Wait()
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for texts being sent: %w", ctx.Err())
	}
}

func (c *Carrier) unbind(ctx context.Context) {
	var leaving sync.WaitGroup
	for _, l := range c.links() {
		if s := l.standing().bound; s != nil {
			leaving.Go(func() { s.leave(ctx) })
		}
	}
	leaving.Wait()
}

func (c *Carrier) links() []*link {
	if c.receive == c.transmit {
		return []*link{c.transmit}
	}
	return []*link{c.transmit, c.receive}
}

// take answers what an SMSC asks besides the link's own affairs.
func (c *Carrier) take(s *session, p pdu.PDU) {
	switch body := p.Body.(type) {
	case *pdu.Message:
		if p.Command != pdu.DeliverSM {
			break
		}
		receipt, is := pdu.ReceiptOf(body)
		c.takeReceipt(s, p, receipt, is)
		return
	case *pdu.Data:
		receipt, is := pdu.ReceiptOfData(body)
		c.takeReceipt(s, p, receipt, is)
		return
	case *pdu.Alert:
		return // it asks for no answer
	}
	c.log.Warn("unknown command", slog.String("command", fmt.Sprintf("0x%08x", uint32(p.Command))))
	_ = s.write(pdu.PDU{Command: pdu.GenericNack, Status: pdu.StatusInvalidCommand, Sequence: p.Sequence})
}

func (c *Carrier) takeReceipt(s *session, p pdu.PDU, receipt pdu.Receipt, is bool) {
	// A write that fails ends the session, and the SMSC repeats what was not answered.
	answer := func(status pdu.Status) { _ = s.write(p.Respond(status, &pdu.MessageResp{})) }
	if !is {
		c.log.Info("message of a phone dropped")
		answer(pdu.StatusOK)
		return
	}
	switch c.receipts.take(receipt, func() { answer(pdu.StatusOK) }) {
	case answerStored:
		answer(pdu.StatusOK)
	case answerBusy:
		answer(pdu.StatusReceiverBusy)
	}
}

var errClosed = errors.New("carrier is closed")

// begin lets a text in unless the carrier is closed. Without an error, the caller calls busy.Done.
func (c *Carrier) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.refusal(delivery.Temporary, "closed", errClosed)
	}
	c.busy.Add(1)
	return nil
}

func (c *Carrier) refusal(class delivery.Class, code string, err error) error {
	return &delivery.Error{Class: class, Carrier: c.config.Name, Code: code, Err: err}
}
