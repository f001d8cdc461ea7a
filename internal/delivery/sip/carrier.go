package sip

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/sip/media"
)

// settling is how long Close waits for trunks to confirm that a call is cancelled.
const settling = 500 * time.Millisecond

// Carrier takes calls to phones over SIP.
type Carrier struct {
	settings settings
	deps     Deps
	trunks   []*trunk
	agents   []*agent
	ports    *media.Ports
	known    neighbours

	stop     context.CancelFunc // ends the watching
	watching sync.WaitGroup
	talking  sync.WaitGroup // calls under way
	leaving  sync.WaitGroup // requests that are given up, and may yet be answered

	mu     sync.Mutex
	calls  map[string]*call // by Call-ID
	busy   int
	closed bool
}

var _ delivery.Caller = (*Carrier)(nil)

// New checks the settings, opens the sockets and begins to ask the trunks whether they are there. A trunk that does not
// answer, or whose name is not known yet, is no error. Close ends it.
func New(config Config, deps Deps) (*Carrier, error) {
	s, err := read(config)
	if err != nil {
		return nil, err
	}
	deps, err = deps.withDefaults()
	if err != nil {
		return nil, err
	}
	var start [2]byte
	if _, err := io.ReadFull(deps.Rand, start[:]); err != nil {
		return nil, fmt.Errorf("choose the first port for sound: %w", err)
	}
	ports, err := media.NewPorts(s.RTPPortMin, s.RTPPortMax, int(binary.BigEndian.Uint16(start[:])))
	if err != nil {
		return nil, err
	}
	c := &Carrier{settings: s, deps: deps, ports: ports, calls: map[string]*call{}}
	c.known.networks = s.networks
	if err := c.open(); err != nil {
		c.shut()
		return nil, err
	}
	living, stop := context.WithCancel(context.Background())
	c.stop = stop
	if s.Ping > 0 {
		for _, t := range c.trunks {
			c.watching.Go(func() { c.watch(living, t) })
		}
	}
	return c, nil
}

// open starts a stack for the trunks over UDP and TCP, and one for each over TLS.
func (c *Carrier) open() error {
	var plain *agent
	for _, at := range c.settings.trunks {
		if at.transport == "tls" {
			own, err := newAgent(c, at.host, false)
			if err != nil {
				return err
			}
			c.agents = append(c.agents, own)
			c.trunks = append(c.trunks, &trunk{address: at, agent: own})
			continue
		}
		if plain == nil {
			var err error
			if plain, err = newAgent(c, "", true); err != nil {
				return err
			}
			c.agents = append(c.agents, plain)
		}
		c.trunks = append(c.trunks, &trunk{address: at, agent: plain})
	}
	return nil
}

// Name is the carrier's name in records and logs.
func (c *Carrier) Name() string { return c.settings.Name }

// enter counts a call in; a refusal is a *delivery.Error. leave counts it out.
func (c *Carrier) enter() *delivery.Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return &delivery.Error{Class: delivery.LinkDown, Carrier: c.Name(), Code: "closed", Err: errClosed}
	}
	if c.busy >= c.settings.MaxCalls {
		return &delivery.Error{Class: delivery.Throttled, Carrier: c.Name(), Code: "max_calls", Err: errCrowded}
	}
	c.busy++
	c.talking.Add(1)
	return nil
}

func (c *Carrier) leave() {
	c.mu.Lock()
	c.busy--
	c.mu.Unlock()
	c.talking.Done()
}

func (c *Carrier) keep(k *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[k.id] = k
}

func (c *Carrier) forget(k *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.calls, k.id)
}

func (c *Carrier) find(id string) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[id]
}

// Close takes no more calls, waits for those under way until ctx ends, hangs up the rest, and ends. Its error says that
// calls had to be hung up.
func (c *Carrier) Close(ctx context.Context) error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	err := c.waitForCalls(ctx)
	c.stop()
	c.watching.Wait()
	c.settle()
	c.shut() // ends every transaction, and so what waits for one
	c.leaving.Wait()
	return err
}

// settle gives what was cancelled a moment to be confirmed.
func (c *Carrier) settle() {
	settled := make(chan struct{})
	go func() { c.leaving.Wait(); close(settled) }()
	timer := time.NewTimer(settling)
	defer timer.Stop()
	select {
	case <-settled:
	case <-timer.C:
	}
}

func (c *Carrier) waitForCalls(ctx context.Context) error {
	over := make(chan struct{})
	go func() { c.talking.Wait(); close(over) }()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
	}
	c.mu.Lock()
	left := len(c.calls)
	for _, k := range c.calls {
		k.Hangup()
	}
	c.mu.Unlock()
	<-over
	if left == 0 {
		return nil
	}
	return fmt.Errorf("close carrier %s: %d calls were hung up: %w", c.Name(), left, ctx.Err())
}

func (c *Carrier) shut() {
	for _, a := range c.agents {
		a.close()
	}
}
