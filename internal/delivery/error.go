package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Class says what kind of trouble a carrier had, and so what can be done about it.
type Class int

// The kinds of trouble.
const (
	Temporary      Class = iota // try again later
	Throttled                   // slow down; not a failure of this message
	LinkDown                    // nobody answers there
	Ambiguous                   // it may have gone out
	BadDestination              // no such phone
	Rejected                    // the carrier will not take this message
	Unauthorised                // our credentials are refused
	NoCredit                    // our balance is used up
	Taken                       // no trouble: the carrier took it
)

// classNames are what operators read of a class.
var classNames = map[Class]string{
	Temporary: "temporary", Throttled: "throttled", LinkDown: "link down", Ambiguous: "ambiguous",
	BadDestination: "bad destination", Rejected: "rejected", Unauthorised: "unauthorised", NoCredit: "no credit", Taken: "taken",
}

// String names the class for operators.
func (c Class) String() string { return classNames[c] }

// Error is a carrier's refusal.
type Error struct {
	Class      Class
	Carrier    string
	Code       string // the carrier's own word
	RetryAfter time.Duration
	Err        error
}

// Error names the carrier, its code and the cause.
func (e *Error) Error() string {
	text := fmt.Sprintf("carrier %s refused (%s)", e.Carrier, e.Code)
	if e.Err == nil {
		return text
	}
	return text + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// classOutcomes says how each class is told to the caller.
var classOutcomes = map[Class]struct {
	state State
	call  CallStatus
}{
	Temporary:      {StateNetworkNotAvailable, CallError},
	Throttled:      {StateNetworkNotAvailable, CallRouteNotAvailable},
	LinkDown:       {StateNetworkNotAvailable, CallRouteNotAvailable},
	Ambiguous:      {StateUnknown, CallUndefined},
	BadDestination: {StateInvalidDestination, CallNetworkNotAvailable},
	Rejected:       {StateRejected, CallRouteNotAvailable},
	Unauthorised:   {StateNetworkNotAllowed, CallRouteNotAvailable},
	NoCredit:       {StateNoCredit, CallNotEnoughCredits},
}

// ClassOf finds the class of a carrier's error; a deadline that passed is Ambiguous, anything else Temporary.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Ambiguous
	}
	return Temporary
}

// StateOf is what a refused text counts as.
func StateOf(err error) State { return classOutcomes[ClassOf(err)].state }

// CallStatusOf is what a refused call counts as.
func CallStatusOf(err error) CallStatus { return classOutcomes[ClassOf(err)].call }
