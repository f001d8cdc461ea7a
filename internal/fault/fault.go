// Package fault names the kinds of failure that rules and adapters report. A fault carries a text that a caller may
// read; its cause is for the log alone.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kind says who can do something about a failure, and so which status the server answers.
type Kind int

// The kinds of failure, each with the status it becomes on the wire.
const (
	Internal     Kind = iota // 500: our own fault, or one nobody named
	Invalid                  // 400: the request cannot be carried out as it stands
	Unauthorized             // 401: no credentials, or refused ones
	NotFound                 // 404: an id that this account does not have
	Conflict                 // 409: what was asked for contradicts what was asked before
	TooMany                  // 429: a limit of the application is reached
	Unavailable              // 503: a neighbour we depend on does not answer in time
	TimedOut                 // 408: what was waited for did not come; sandbox only
)

// Error is a failure with a kind. Text must hold no PIN, key or whole phone number.
type Error struct {
	Kind       Kind
	Text       string              // shown to the caller: starts with a capital, no full stop
	Members    map[string][]string // Invalid only: what is wrong with each member of the request
	RetryAfter time.Duration       // TooMany and Unavailable: when another try makes sense
	Err        error               // the cause, logged and never shown
}

// Error gives the text and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Text
	}
	return e.Text + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Invalidf is a failure that names no single member.
func Invalidf(format string, args ...any) error {
	return &Error{Kind: Invalid, Text: fmt.Sprintf(format, args...)}
}

// NotFoundf is a failure for an id nobody has.
func NotFoundf(format string, args ...any) error {
	return &Error{Kind: NotFound, Text: fmt.Sprintf(format, args...)}
}

// Unavailablef is a failure of a neighbour; cause goes to the log.
func Unavailablef(cause error, format string, args ...any) error {
	return &Error{Kind: Unavailable, Text: fmt.Sprintf(format, args...), RetryAfter: time.Second, Err: cause}
}

// KindOf finds the kind of err; an error that names none is Internal.
func KindOf(err error) Kind {
	if f, ok := errors.AsType[*Error](err); ok {
		return f.Kind
	}
	return Internal
}

// Is tells whether err is of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// Members gathers what is wrong with each member of a request, so that one answer can name them all.
type Members map[string][]string

// Addf notes one thing wrong with member, a dotted path such as "configuration.pinAttempts".
func (m Members) Addf(member, format string, args ...any) {
	m[member] = append(m[member], fmt.Sprintf(format, args...))
}

// mostMembers is how many members an error names; a request has room for thousands that are wrong.
const mostMembers = 20

// Err is nil when nothing was noted, else an Invalid failure that names the members in its text; the first twenty of them.
func (m Members) Err() error {
	if len(m) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(m))
	text := names[0] + ": " + m[names[0]][0]
	if len(names) > 1 {
		text = "Wrong members: " + strings.Join(names[:min(len(names), mostMembers)], ", ") + " (" + text + ")"
	}
	if more := len(names) - mostMembers; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
		names = names[:mostMembers]
	}
	named := make(map[string][]string, len(names)) // another one, so that m, in which nothing is as a rule, need not be on the heap
	for _, name := range names {
		named[name] = m[name]
	}
	return &Error{Kind: Invalid, Text: text, Members: named}
}
