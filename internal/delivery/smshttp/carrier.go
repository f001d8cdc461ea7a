package smshttp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/sms"
)

// Deps are what a carrier works with.
type Deps struct {
	Now func() time.Time
	Log *slog.Logger
}

// Carrier takes texts to one gateway, and its receipts from there. It is an http.Handler for the gateway's callbacks.
type Carrier struct {
	gateway  Gateway
	settings Settings
	client   *client
	now      func() time.Time
	log      *slog.Logger
	health   health

	receipts  chan delivery.ReceiptDelivery
	callbacks chan struct{}  // holds one element for each callback being read
	closing   chan struct{}  // closed as Close begins
	busy      sync.WaitGroup // texts being taken and callbacks being read
	once      sync.Once      // ends what Close ends

	mu     sync.Mutex
	closed bool
	sends  map[int]context.CancelFunc // of texts being taken
	next   int
}

var (
	_ delivery.Sender = (*Carrier)(nil)
	_ http.Handler    = (*Carrier)(nil)
)

// maxCallbacks is how many callbacks may wait at once for their receipts to be stored.
const maxCallbacks = 64

var errClosed = errors.New("the carrier is closed")

// New makes the carrier of a gateway; the packages of the gateways call it with settings that they checked. Address is
// where requests go, of which only the scheme matters here. The carrier must be closed.
func New(gateway Gateway, settings Settings, address string, deps Deps) (*Carrier, error) {
	if gateway == nil || deps.Now == nil || deps.Log == nil {
		return nil, errors.New("a carrier needs a gateway, a clock and a log")
	}
	settings = settings.withDefaults()
	plain := strings.HasPrefix(strings.ToLower(address), "http://")
	client, err := newClient(settings, plain, deps.Now)
	if err != nil {
		return nil, fmt.Errorf("CA file of carrier %s: %w", settings.Name, err)
	}
	return &Carrier{
		gateway: gateway, settings: settings, client: client, now: deps.Now,
		log: deps.Log.With(slog.String("carrier", settings.Name)), health: health{since: deps.Now()},
		receipts: make(chan delivery.ReceiptDelivery), callbacks: make(chan struct{}, maxCallbacks),
		closing: make(chan struct{}), sends: map[int]context.CancelFunc{},
	}, nil
}

// Name is the carrier's name in records and logs.
func (c *Carrier) Name() string { return c.settings.Name }

// String names the carrier without its settings, which hold secrets.
func (c *Carrier) String() string { return "carrier " + c.settings.Name }

// GoString is String, for %#v.
func (c *Carrier) GoString() string { return c.String() }

// LogValue is String, for structured logs.
func (c *Carrier) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Send gives the text to the gateway and returns when it has answered. A refusal is a *delivery.Error: LinkDown when
// nothing was asked, Ambiguous when the gateway may have taken the text.
func (c *Carrier) Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error) {
	ctx, done, err := c.begin(ctx)
	if err != nil {
		return delivery.Accepted{}, c.refusal(m, err, Answer{})
	}
	defer done()
	started := c.now()
	segments := sms.SegmentsOf(m.Text.Reveal())
	id, err := c.ask(ctx, m, segments)
	c.health.note(err, c.now())
	c.logSend(ctx, m, segments, c.now().Sub(started), err)
	if err != nil {
		return delivery.Accepted{}, err
	}
	return delivery.Accepted{
		Carrier: c.Name(), RemoteID: id, Parts: segments.Count, Encoding: string(segments.Encoding), State: c.state(),
	}, nil
}

// ask makes the request, and reads what the answer says.
func (c *Carrier) ask(ctx context.Context, m delivery.SMS, segments sms.Segments) (string, error) {
	if segments.Count > sms.MaxSegments {
		return "", c.refusal(m, Refuse(delivery.Rejected, "too many parts"), Answer{})
	}
	build := func(ctx context.Context) (*http.Request, error) { return c.gateway.Request(ctx, m) }
	answer, err := c.client.exchange(ctx, build)
	if err != nil {
		return "", c.refusal(m, err, answer)
	}
	id, err := c.gateway.Accept(m, answer)
	if err != nil {
		return "", c.refusal(m, err, answer)
	}
	if id == "" {
		id = m.AttemptID
	}
	return id, nil
}

// state is how far a text is that the gateway took.
func (c *Carrier) state() delivery.State {
	if c.settings.Receipts.Asked() {
		return delivery.StateWaiting
	}
	return delivery.StateAccepted
}

// refusal makes err a *delivery.Error of this carrier, with a code that holds nothing of the text.
func (c *Carrier) refusal(m delivery.SMS, err error, a Answer) error {
	refused := delivery.Error{Class: delivery.Temporary, Code: "closed", Err: err}
	if known, ok := errors.AsType[*delivery.Error](err); ok {
		refused = *known
	}
	refused.Carrier = c.Name()
	refused.Code = Word(refused.Code, m.Text.Reveal(), m.PIN.Reveal(), m.To.Digits())
	if refused.Class == delivery.Throttled || refused.Class == delivery.LinkDown {
		refused.RetryAfter = retryAfter(a.Header, c.now())
	}
	return &refused
}

// Health says whether texts can go out: not when the last few all met a link fault or were refused our credentials.
func (c *Carrier) Health() delivery.Health {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return delivery.Health{Detail: errClosed.Error()}
	}
	return c.health.report()
}

// begin lets a text in. Without an error, the caller calls done.
func (c *Carrier) begin(ctx context.Context) (_ context.Context, done func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, nil, errClosed
	}
	ctx, cancel := context.WithCancel(ctx)
	id := c.next
	c.next++
	c.sends[id] = cancel
	c.busy.Add(1)
	return ctx, func() {
		c.mu.Lock()
		delete(c.sends, id)
		c.mu.Unlock()
		cancel()
		c.busy.Done()
	}, nil
}

// logSend tells how a text fared, without the text and the number.
func (c *Carrier) logSend(ctx context.Context, m delivery.SMS, segments sms.Segments, took time.Duration, err error) {
	attrs := []slog.Attr{
		slog.String("attempt", m.AttemptID), slog.Int("parts", segments.Count),
		slog.String("encoding", string(segments.Encoding)), slog.Duration("took", took),
	}
	refused, ok := errors.AsType[*delivery.Error](err)
	if !ok {
		c.log.LogAttrs(ctx, slog.LevelDebug, "gateway took a text", attrs...)
		return
	}
	attrs = append(attrs, slog.String("class", refused.Class.String()), slog.String("code", refused.Code), slog.Any("error", refused.Err))
	c.log.LogAttrs(ctx, slog.LevelWarn, "gateway did not take a text", attrs...)
}

// Close takes nothing more and waits for the texts being taken; when ctx ends, they are given up. A callback that waits is
// told to come again. Closing again does nothing.
func (c *Carrier) Close(ctx context.Context) error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.closing)
	}
	c.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		c.busy.Wait()
	}()
	var err error
	select {
	case <-idle:
	case <-ctx.Done():
		err = fmt.Errorf("wait for texts being taken: %w", ctx.Err())
		c.giveUp()
		<-idle
	}
	c.once.Do(func() {
		close(c.receipts)
		c.client.close()
	})
	return err
}

func (c *Carrier) giveUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cancel := range c.sends {
		cancel()
	}
}
