package route

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

// Sender gives texts to the first of several carriers that takes them, within the deadline of the call.
type Sender struct {
	table[delivery.Sender]
	receipts chan delivery.ReceiptDelivery
	reading  sync.WaitGroup
}

var _ delivery.Sender = (*Sender)(nil)

// NewSender joins carriers of texts. It owns them from now on: close it, and not them.
func NewSender(ways []Way[delivery.Sender], deps Deps) (*Sender, error) {
	t, err := newTable(ways, deps)
	if err != nil {
		return nil, err
	}
	s := &Sender{table: t, receipts: make(chan delivery.ReceiptDelivery)}
	for _, c := range distinct(t) {
		s.reading.Go(func() {
			for r := range c.Receipts() {
				s.receipts <- r
			}
		})
	}
	go func() { // ends with the carriers
		s.reading.Wait()
		close(s.receipts)
	}()
	return s, nil
}

// Name is "routes": records name the carrier that took a text.
func (*Sender) Name() string { return "routes" }

// Send tries the carriers of the number one after the other until one takes the text, or refuses it for a reason that holds
// for all, or the deadline comes. A text that may have gone out is repeated once, with the same PIN: two texts do less harm
// than none. A refusal is a *delivery.Error with the tries that led to it.
func (s *Sender) Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error) {
	ways := s.to(m.To)
	if len(ways) == 0 {
		return delivery.Accepted{}, noWay()
	}
	o := outcome{deps: s.deps, elsewhere: textElsewhere}
	var accepted delivery.Accepted
	left := len(ways)
	round(ways, func(w *way[delivery.Sender], trial bool) bool {
		left--
		err := o.try(ctx, w.Carrier.Name(), func() (err error) {
			trying, cancel := o.patience(ctx, left > 0)
			defer cancel()
			accepted, err = w.Carrier.Send(trying, m)
			return err
		})
		w.learn(err, trial)
		return o.over(ctx, err)
	})
	if o.repeatable(ctx) && len(ways) == 1 {
		// Nobody else is there: the carrier itself is asked once more.
		err := o.try(ctx, ways[0].Carrier.Name(), func() (err error) {
			accepted, err = ways[0].Carrier.Send(ctx, m)
			return err
		})
		ways[0].learn(err, false)
		o.over(ctx, err)
	}
	if o.err != nil {
		return delivery.Accepted{}, o.refusal()
	}
	accepted.Attempts = o.attempts
	return accepted, nil
}

// Receipts are those of all carriers. The channel is closed when all of theirs are.
func (s *Sender) Receipts() <-chan delivery.ReceiptDelivery { return s.receipts }

// Health is up while any carrier is.
func (s *Sender) Health() delivery.Health { return healthOf(distinct(s.table)) }

// Close closes all carriers.
func (s *Sender) Close(ctx context.Context) error { return closeAll(ctx, distinct(s.table)) }

// outcome gathers what comes of a message.
type outcome struct {
	deps      Deps
	elsewhere func(delivery.Class) bool // whether another carrier may be asked
	attempts  []delivery.Attempt
	err       error // of the last try; nil once a carrier has taken the message
	ambiguous error // of the first try after which the message may have gone out
	losses    int   // how many such tries there were
}

// losses of a message that may have gone out: the second time is the last.
const mostLosses = 2

func (o *outcome) try(ctx context.Context, carrier string, do func() error) error {
	at := o.deps.Now()
	err := do()
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		// The try ran out of its share of the time; what was written by then nobody knows.
		err = &delivery.Error{Class: delivery.Ambiguous, Carrier: carrier, Code: "no answer", Err: err}
	}
	o.attempts = append(o.attempts, delivery.AttemptOf(carrier, at, o.deps.Now(), err))
	return err
}

// over notes what came of a try and tells whether that is the end.
func (o *outcome) over(ctx context.Context, err error) bool {
	o.err = err
	if err == nil {
		return true
	}
	class := delivery.ClassOf(err)
	if class == delivery.Ambiguous {
		o.losses++
		if o.ambiguous == nil {
			o.ambiguous = err
		}
	}
	return !o.elsewhere(class) || o.losses >= mostLosses || ctx.Err() != nil
}

func (o *outcome) repeatable(ctx context.Context) bool {
	return o.err != nil && o.losses == 1 && len(o.attempts) == 1 && ctx.Err() == nil
}

// refusal is the error of it all: that the message may have gone out, if it may have, or what the last carrier said.
func (o *outcome) refusal() error {
	err := o.err
	if o.ambiguous != nil {
		err = o.ambiguous
	}
	return delivery.WithAttempts(err, o.attempts)
}

// patience bounds one try: half of what is left where another carrier could still be asked.
func (o *outcome) patience(ctx context.Context, others bool) (context.Context, context.CancelFunc) {
	end, bounded := ctx.Deadline()
	if !bounded || !others {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(end)/2)
}

// carrier is what Sender and Caller have in common.
type carrier interface {
	comparable
	named
	Health() delivery.Health
	Close(ctx context.Context) error
}

// distinct gives each carrier of a table once: it may have several ways.
func distinct[C carrier](t table[C]) []C {
	var all []C
	for _, w := range t.ways {
		if !slices.Contains(all, w.Carrier) {
			all = append(all, w.Carrier)
		}
	}
	return all
}

func healthOf[C carrier](all []C) delivery.Health {
	var joined delivery.Health
	var details []string
	for _, c := range all {
		h := c.Health()
		state := "down"
		if h.Up {
			state = "up"
		}
		// Up since the first carrier that is up came up, or down since the last one went down.
		if h.Up != joined.Up && h.Up || h.Up == joined.Up && (joined.Since.IsZero() || h.Since.Before(joined.Since) == h.Up) {
			joined.Since = h.Since
		}
		joined.Up = joined.Up || h.Up
		details = append(details, strings.TrimSuffix(c.Name()+" "+state+": "+h.Detail, ": "))
	}
	joined.Detail = strings.Join(details, "; ")
	return joined
}

// closeAll closes carriers at once, as each has the same time to end.
func closeAll[C carrier](ctx context.Context, all []C) error {
	errs := make([]error, len(all))
	var closing sync.WaitGroup
	for i, c := range all {
		closing.Go(func() { errs[i] = c.Close(ctx) })
	}
	closing.Wait()
	return errors.Join(errs...)
}
