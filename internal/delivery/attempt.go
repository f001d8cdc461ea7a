package delivery

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// Attempt is one try to give a message to a carrier.
type Attempt struct {
	Carrier string
	Class   Class  // of the refusal; Taken when the carrier took the message
	Code    string // the carrier's own word; empty when it took the message and said nothing
	At      time.Time
	Took    time.Duration // until the carrier answered, or was given up
}

// AttemptOf describes a try that began at a time and has ended now, by the error that it gave.
func AttemptOf(carrier string, at, now time.Time, err error) Attempt {
	a := Attempt{Carrier: carrier, Class: Taken, At: at, Took: now.Sub(at)}
	if err != nil {
		a.Class, a.Code = ClassOf(err), "no answer"
		if e, ok := errors.AsType[*Error](err); ok {
			a.Code = e.Code
		}
	}
	return a
}

// WithAttempts is err with the tries that led to it.
func WithAttempts(err error, attempts []Attempt) error { return tried{err, attempts} }

// AttemptsOf gives the tries that an error tells of.
func AttemptsOf(err error) []Attempt {
	if t, ok := errors.AsType[tried](err); ok {
		return t.attempts
	}
	return nil
}

type tried struct {
	error
	attempts []Attempt
}

// Unwrap gives what the last try gave.
func (t tried) Unwrap() error { return t.error }

// WithTries is a call under way with the tries that led to it. The last of them is the call itself: it lasts as long, and its
// code is what the carrier says at the end.
func WithTries(o Ongoing, attempts []Attempt, now func() time.Time) Ongoing {
	return triedCall{o, attempts, now}
}

type triedCall struct {
	Ongoing
	attempts []Attempt
	now      func() time.Time
}

// Result adds the tries to what the carrier says, unless it told of them itself.
func (t triedCall) Result() (CallEnd, error) {
	end, err := t.Ongoing.Result()
	if len(end.Attempts) > 0 {
		return end, err
	}
	end.Attempts = slices.Clone(t.attempts)
	last := &end.Attempts[len(end.Attempts)-1]
	*last = AttemptOf(last.Carrier, last.At, t.now(), err)
	last.Code = cmp.Or(last.Code, end.Code)
	end.Carrier = cmp.Or(end.Carrier, last.Carrier)
	return end, err
}
