package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

// Attempt takes a place in limit and, when the PIN is live, counts one attempt, asks right about it, and marks it verified at
// now when it is, all in one step: right is asked between what the batch reads and what it writes, by its worker, and may be
// asked again when another replica was in the way. On the last attempt, on a success that may be the only one, and when the
// PIN is found in any state but Live, the stored Sealed is wiped, so that no change of the application's limits brings it back
// to life. An error of right is given as it is, and nothing is counted. *pin.LimitError, fault.NotFound.
func (s *Store) Attempt(
	ctx context.Context, id string, now time.Time, rules pin.Rules, limit pin.Limit, right func(pin.PIN) (bool, error),
) (pin.Attempted, error) {
	number, _ := s.pinNumber(id)
	event, err := s.number(ctx)
	if err != nil {
		return pin.Attempted{}, err
	}
	c := &attempt{pin: number, event: event, now: now, rules: rules, limit: limit, right: right}
	if err := s.do(ctx, "attempt", s.placing, c); err != nil {
		if p, is := errors.AsType[*panicked](err); is {
			panic(p.reason) // it is the caller's own
		}
		return pin.Attempted{}, err
	}
	return c.tried, nil
}

type attempt struct {
	pin, event int64
	now        time.Time
	rules      pin.Rules
	limit      pin.Limit
	right      func(pin.PIN) (bool, error)
	tried      pin.Attempted
}

func (c *attempt) want(w *wants) {
	w.pins[c.pin] = true
	w.limits([]pin.Limit{c.limit}, c.now)
}

func (c *attempt) play(b *books) error {
	p := b.pins[c.pin]
	if p == nil {
		return fault.NotFoundf("%s", noPIN)
	}
	if err := b.checkLimit(c.limit, c.now); err != nil {
		return err
	}
	tried := pin.Attempted{PIN: p.PIN, State: p.State(c.now, c.rules)}
	if tried.State == pin.Live {
		tried.PIN.Attempts++
		var err error
		if tried.Verified, err = ask(c.right, tried.PIN); err != nil {
			return refusal{err}
		}
	}
	if err := b.takePlaces(event{p.To, c.now, c.event}, []pin.Limit{c.limit}); err != nil {
		return err
	}
	if tried.Verified && p.VerifiedAt.IsZero() {
		tried.PIN.VerifiedAt = fromMillis(toMillis(c.now))
	}
	p.PIN, p.changed, c.tried = tried.PIN, p.changed || tried.State == pin.Live, tried
	if tried.State != pin.Live || p.Attempts >= c.rules.MaxAttempts || tried.Verified && !c.rules.Multiple {
		p.wipe()
	}
	return nil
}

// panicked is a panic in a caller's function, on its way to that caller.
type panicked struct{ reason any }

// Error says so.
func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.reason) }

// ask asks right about a PIN. A panic in it is an error here: the worker goes on for the others.
func ask(right func(pin.PIN) (bool, error), p pin.PIN) (is bool, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			is, err = false, &panicked{reason}
		}
	}()
	return right(p)
}
