package sandbox

import (
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/random"
)

// Fault makes calls of one world fail. Operation, KeyID and To narrow the calls that fit; empty means any. Exactly one of
// Count and Share says how many of them are struck.
type Fault struct {
	ID, Operation, KeyID string
	To                   phone.Number
	Effect               Effect
	Delay                time.Duration // EffectDelay only
	Count                *int          // how many calls are still to be struck
	Share                *float64      // the share that is struck
	Seed                 int64         // what the share is drawn with
	Struck               int           // how many calls were struck so far
}

// Call is what a fault may strike.
type Call struct {
	Operation, KeyID string
	To               phone.Number // empty when the call names no number
}

// Faults are the planned faults of all worlds. It is safe for concurrent use.
type Faults struct {
	mu     sync.Mutex
	rand   io.Reader
	worlds map[string][]*planned
}

// planned is a fault at work.
type planned struct {
	Fault
	draw *rand.Rand // of a share
}

// NewFaults makes an empty plan whose ids come from rand.
func NewFaults(rand io.Reader) *Faults {
	return &Faults{rand: rand, worlds: map[string][]*planned{}}
}

// Plan adds a fault to a world and gives it with its new id. It fails with fault.Invalid when f is not in order or the
// world has as many as it may.
func (p *Faults) Plan(world string, f Fault) (Fault, error) {
	if err := f.validate(); err != nil {
		return Fault{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.worlds[world]) >= maxFaults {
		return Fault{}, fault.Invalidf("A world has at most %d faults", maxFaults)
	}
	id, err := random.ID(p.rand)
	if err != nil {
		return Fault{}, err
	}
	f = f.clone()
	f.ID, f.Struck = id, 0
	draw := rand.New(rand.NewPCG(uint64(f.Seed), 0)) //nolint:gosec // the same seed is to strike the same calls
	p.worlds[world] = append(p.worlds[world], &planned{f, draw})
	return f.clone(), nil
}

// List gives the faults of a world, oldest first.
func (p *Faults) List(world string) []Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return clones(p.worlds[world])
}

// Remove takes one fault out of a world and gives it; fault.NotFound when the world has no such fault.
func (p *Faults) Remove(world, id string) (Fault, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.IndexFunc(p.worlds[world], func(f *planned) bool { return f.ID == id })
	if at < 0 {
		return Fault{}, fault.NotFoundf("Fault with given ID cannot be found")
	}
	f := p.worlds[world][at].Fault
	p.drop(world, at)
	return f, nil
}

// Clear takes all faults out of a world and gives them, oldest first.
func (p *Faults) Clear(world string) []Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := clones(p.worlds[world])
	delete(p.worlds, world)
	return all
}

// Strike gives the fault that strikes a call, if one does: the oldest that fits and, for a share, is drawn. A fault ends
// with the last call of its count.
func (p *Faults) Strike(world string, c Call) (Fault, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, f := range p.worlds[world] {
		if !f.fits(c) || !f.strikes() {
			continue
		}
		struck := f.clone()
		if f.Count != nil && *f.Count == 0 {
			p.drop(world, at)
		}
		return struck, true
	}
	return Fault{}, false
}

// NeedsNumber tells whether a fault of the world names a number, so that calls need not be read for one otherwise.
func (p *Faults) NeedsNumber(world string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.worlds[world], func(f *planned) bool { return f.To != "" })
}

// drop takes out the fault at a place; p is locked.
func (p *Faults) drop(world string, at int) {
	p.worlds[world] = slices.Delete(p.worlds[world], at, at+1)
	if len(p.worlds[world]) == 0 {
		delete(p.worlds, world)
	}
}

func (f Fault) fits(c Call) bool {
	return (f.Operation == "" || f.Operation == c.Operation) && (f.KeyID == "" || f.KeyID == c.KeyID) &&
		(f.To == "" || f.To == c.To)
}

// strikes counts a call that fits, or draws for it.
func (f *planned) strikes() bool {
	if f.Share != nil && f.draw.Float64() >= *f.Share {
		return false
	}
	if f.Count != nil {
		*f.Count--
	}
	f.Struck++
	return true
}

// clone gives a copy that shares nothing with f.
func (f Fault) clone() Fault {
	if f.Count != nil {
		f.Count = new(*f.Count)
	}
	if f.Share != nil {
		f.Share = new(*f.Share)
	}
	return f
}

func clones(faults []*planned) []Fault {
	all := make([]Fault, 0, len(faults))
	for _, f := range faults {
		all = append(all, f.clone())
	}
	return all
}
