package route

import (
	"context"
	"errors"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

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
