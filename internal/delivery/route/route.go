// Package route spreads texts and calls over several carriers: which of them a number goes to first, which next, and which is left
// out for a while because its link fails. What it makes of several carriers is a carrier again.
package route

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// Way is one carrier and what it is for. Carriers of a lower Order go first; among those of one Order each goes first as often
// as its Weight says, and the others stand by.
type Way[C any] struct {
	Carrier   C
	Order     int
	Weight    int      // 0 means 1
	Countries []string // ISO codes of the numbers that it takes, such as CH
	Prefixes  []string // digits that the numbers begin with, without +; with neither, it takes every number
}

// Deps are what choosing works with; the zero value takes what programs take.
type Deps struct {
	Now func() time.Time
	// Pick gives a number from 0 up to n, n left out, each as often as any other.
	Pick func(n int) int
	// Trouble is how many faults of its link, one after the other, put a carrier behind all others, and Rest for how long: after
	// that one message goes to it as a trial. 0 takes defaultTrouble and defaultRest.
	Trouble int
	Rest    time.Duration
}

const (
	defaultTrouble = 3
	defaultRest    = 5 * time.Second
)

// named is what every carrier has.
type named interface{ Name() string }

// way is a Way with a breaker: the circuit that link faults open.
type way[C named] struct {
	Way[C]
	circuit circuitbreaker.CircuitBreaker[any]
}

// table is the ways of one channel.
type table[C named] struct {
	ways []*way[C]
	deps Deps
}

func newTable[C named](ways []Way[C], deps Deps) (table[C], error) {
	t := table[C]{deps: deps}
	if deps.Now == nil || deps.Pick == nil {
		return t, errors.New("routes need Now and Pick")
	}
	if len(ways) == 0 {
		return t, errors.New("routes need a carrier")
	}
	var faults []error
	for _, w := range ways {
		if w.Weight < 0 {
			faults = append(faults, fmt.Errorf("carrier %s has a negative weight", w.Carrier.Name()))
		}
		w.Weight = cmp.Or(w.Weight, 1)
		t.ways = append(t.ways, &way[C]{Way: w, circuit: newCircuit(deps)})
	}
	// Those of one order keep the order in which they were given.
	slices.SortStableFunc(t.ways, func(a, b *way[C]) int { return cmp.Compare(a.Order, b.Order) })
	return t, errors.Join(faults...)
}

// newCircuit opens after a row of faults, and lets one message through as a trial after a rest.
func newCircuit(deps Deps) circuitbreaker.CircuitBreaker[any] {
	return circuitbreaker.NewBuilder[any]().
		WithFailureThreshold(uint(cmp.Or(deps.Trouble, defaultTrouble))).
		WithDelay(cmp.Or(deps.Rest, defaultRest)).
		WithSuccessThreshold(1).
		Build()
}

// to gives the ways that a number can go, the first choice first.
func (t table[C]) to(number phone.Number) []*way[C] {
	var found []*way[C]
	for _, w := range t.ways {
		if w.takes(number) {
			found = append(found, w)
		}
	}
	for from := 0; from < len(found); {
		end := from
		for end < len(found) && found[end].Order == found[from].Order {
			end++
		}
		t.shuffle(found[from:end])
		from = end
	}
	return found
}

// shuffle orders carriers by chance: each is as likely to be the next as its share of the weight that is left.
func (t table[C]) shuffle(ways []*way[C]) {
	for ; len(ways) > 1; ways = ways[1:] {
		total := 0
		for _, w := range ways {
			total += w.Weight
		}
		at, left := 0, t.deps.Pick(total)
		for left >= ways[at].Weight {
			left -= ways[at].Weight
			at++
		}
		ways[0], ways[at] = ways[at], ways[0]
	}
}

func (w *way[C]) takes(number phone.Number) bool {
	if len(w.Countries) == 0 && len(w.Prefixes) == 0 {
		return true
	}
	if slices.ContainsFunc(w.Prefixes, func(p string) bool { return strings.HasPrefix(number.Digits(), p) }) {
		return true
	}
	return len(w.Countries) > 0 && slices.Contains(w.Countries, number.Country())
}

// learn tells the circuit what became of a message. What the phone or the message is refused for says nothing about the link.
func (w *way[C]) learn(err error, trial bool) {
	switch {
	case err != nil && linkFault(delivery.ClassOf(err)):
		w.circuit.RecordFailure()
	case trial || w.circuit.IsClosed():
		w.circuit.RecordSuccess()
	default:
		w.circuit.Close() // it took a message that nobody else would take
	}
}

func linkFault(c delivery.Class) bool {
	return c == delivery.LinkDown || c == delivery.Ambiguous || c == delivery.Unauthorised
}

// textElsewhere tells whether another carrier may take a text that this one did not: not when the phone or the text is at fault.
func textElsewhere(c delivery.Class) bool {
	return c != delivery.BadDestination && c != delivery.Rejected
}

// callElsewhere is the same for calls. What a carrier of calls rejects is the route or how we call, and never what is said.
func callElsewhere(c delivery.Class) bool { return c != delivery.BadDestination }

// round goes through ways: first those whose circuit is not open, then, when nobody else has taken the message, the others too.
func round[C named](ways []*way[C], try func(w *way[C], trial bool) (done bool)) {
	var resting []*way[C]
	for _, w := range ways {
		if !w.circuit.TryAcquirePermit() {
			resting = append(resting, w)
			continue
		}
		if try(w, true) {
			return
		}
	}
	for _, w := range resting {
		if try(w, false) {
			return
		}
	}
}

// errNoWay is what a number is refused with that no carrier is for.
var errNoWay = errors.New("no carrier is set up for this number")

func noWay() error {
	return &delivery.Error{Class: delivery.LinkDown, Carrier: "none", Code: "no route", Err: errNoWay}
}
