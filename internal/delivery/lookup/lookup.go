// Package lookup asks whether a phone can be reached before a text is paid for: by the rules of numbering plans, by ENUM, and by
// the HLR service of a carrier. Only a clear no stops a text; whoever is not sure says that it is not known.
package lookup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// Name is the name of the chain in records and logs. The Source of an answer is the name of the link that gave it.
const Name = "chain"

const (
	keep      = 10 * time.Minute // how long an answer is kept
	warnEvery = time.Minute      // how often the log tells of a source in trouble
)

// Chain asks one source after the other until one is sure. It is for many goroutines at once.
type Chain struct {
	links  []delivery.Lookup
	now    func() time.Time
	log    *slog.Logger
	budget time.Duration
	known  *lru.Cache[phone.Number, delivery.NumberInfo]

	mu     sync.Mutex
	warned time.Time
}

var _ delivery.Lookup = (*Chain)(nil)

// Name is "chain".
func (*Chain) Name() string { return Name }

// Lookup answers within two seconds, or what its setting says, and within ctx. Its answer is:
//
//   - NotReachable from the first source that says so;
//   - Reachable from the last source that says so, as later ones know more;
//   - ReachUnknown otherwise, with an error when a source had trouble.
//
// What is sure is kept for ten minutes.
func (c *Chain) Lookup(ctx context.Context, to phone.Number) (delivery.NumberInfo, error) {
	if info, kept := c.known.Get(to); kept && c.now().Sub(info.At) < keep {
		return info, nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.budget)
	defer cancel()
	info, err := c.ask(ctx, to)
	info.At = c.now()
	if info.Reach == delivery.ReachUnknown {
		return info, err
	}
	c.known.Add(to, info)
	if err != nil {
		c.warn(ctx, err)
	}
	return info, nil
}

// warn tells of a source in trouble where another knew the answer, as nobody else would; but not at every number.
func (c *Chain) warn(ctx context.Context, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); c.warned.IsZero() || now.Sub(c.warned) >= warnEvery {
		c.warned = now
		c.log.WarnContext(ctx, "a number lookup had to do without a source", "error", err)
	}
}

func (c *Chain) ask(ctx context.Context, to phone.Number) (delivery.NumberInfo, error) {
	answer := delivery.NumberInfo{Source: Name}
	var faults []error
	for _, link := range c.links {
		info, err := link.Lookup(ctx, to)
		if err != nil {
			faults = append(faults, fmt.Errorf("lookup by %s: %w", link.Name(), err))
			continue
		}
		if info.Network != "" {
			answer.Network = info.Network
		}
		if info.Reach != delivery.ReachUnknown {
			answer.Reach, answer.Source = info.Reach, link.Name()
		}
		if info.Reach == delivery.NotReachable {
			break
		}
	}
	return answer, errors.Join(faults...)
}
