package record

import (
	"cmp"
	"slices"
)

// pin is a PIN that was sent while the recording ran.
type pin struct {
	to      string // the phone number
	of      *thing // the application
	asked   bool   // a lookup is made before each text
	history []*entry
	lost    string // why nothing more can be said of it
}

// entry is a request that was answered 200 and changed something, as it can stand before a case.
type entry struct {
	seq     int
	what    event
	call    call
	of      *thing
	pin     *pin
	key     string         // Idempotency-Key
	went    bool           // a message went out, which counts toward the limits
	pending bool           // nobody waited for the end of the call
	right   bool           // the PIN was verified
	after   map[string]any // the thing's state after an update
}

type event int

const (
	sent event = iota
	resent
	verified
	updated
)

// through is what happened to a PIN and its application, up to an entry; nil is all of it.
func (p *pin) through(last *entry) []*entry {
	all := append(slices.Clone(p.of.changes), p.history...)
	slices.SortFunc(all, func(a, b *entry) int { return cmp.Compare(a.seq, b.seq) })
	return slices.DeleteFunc(all, func(e *entry) bool { return last != nil && e.seq > last.seq })
}

func without(entries []*entry, events ...event) []*entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e *entry) bool { return slices.Contains(events, e.what) })
}

// replay foresees what a right service makes of requests that come one right after another.
type replay struct {
	states   map[*thing]map[string]any
	messages map[string]int // that count toward initiationAttempts
	overall  map[*thing]int
	checks   map[string]int
	attempts map[*pin]int
	used     map[*pin]bool
	heard    map[*pin]bool // a message with it went out
}

// shortest is the shortest time, in milliseconds, that a replay is sure to need less of.
const shortest = 1000

// longest is as long as a replay may take; PINs that live shorter are not recorded.
const longest = 60_000

// most is how many requests come before a case.
const most = 40

// foresee plays requests; a reason says that one of them would not be answered 200.
func foresee(before []*entry) (*replay, string) {
	r := &replay{
		states: map[*thing]map[string]any{}, messages: map[string]int{}, overall: map[*thing]int{}, checks: map[string]int{},
		attempts: map[*pin]int{}, used: map[*pin]bool{}, heard: map[*pin]bool{},
	}
	if len(before) > most {
		return r, tooMuch
	}
	for _, e := range before {
		if reason := r.play(e); reason != "" {
			return r, reason
		}
	}
	return r, ""
}

func (r *replay) play(e *entry) string {
	switch e.what {
	case updated:
		r.states[e.of] = e.after
		return ""
	case verified:
		if !r.checksLeft(e.pin) {
			return timely
		}
		r.checks[e.pin.number()]++
		r.attempts[e.pin]++
		r.used[e.pin] = r.used[e.pin] || e.right
		return ""
	}
	if reason := r.sendable(e.of, e.pin); reason != "" {
		return reason
	}
	if e.went {
		r.messages[e.pin.number()]++
		r.overall[e.of]++
		r.heard[e.pin] = true
	}
	return ""
}

// number tells PINs apart that share their limits.
func (p *pin) number() string { return p.of.id + p.to }

// limits are the settings of an application at this point of the replay.
func (r *replay) limits(of *thing) (configuration map[string]any, enabled bool) {
	state := r.states[of]
	if state == nil {
		state = of.first
	}
	if state == nil {
		state = defaults()
	}
	enabled, _ = state["enabled"].(bool)
	configuration, _ = state["configuration"].(map[string]any)
	return configuration, enabled
}

// sendable says why a message could not go out.
func (r *replay) sendable(of *thing, p *pin) string {
	limits, enabled := r.limits(of)
	switch {
	case !enabled:
		return changed
	case number(limits, "pinTimeToLive") < longest:
		return expired
	case int64(r.messages[p.number()]) >= number(limits, "initiationAttempts"),
		int64(r.overall[of]) >= number(limits, "overallInitiationAttempts"):
		return timely
	case r.spent(p):
		return changed
	}
	return ""
}

func (r *replay) checksLeft(p *pin) bool {
	limits, _ := r.limits(p.of)
	return int64(r.checks[p.number()]) < number(limits, "verificationAttempts")
}

// attemptsLeft are those of a PIN before the next is made.
func (r *replay) attemptsLeft(p *pin) int64 {
	limits, _ := r.limits(p.of)
	return max(0, number(limits, "pinAttempts")-int64(r.attempts[p]))
}

// spent tells whether a PIN can neither be verified nor be resent any more.
func (r *replay) spent(p *pin) bool {
	limits, _ := r.limits(p.of)
	again, _ := limits["allowMultiplePinVerifications"].(bool)
	return r.attemptsLeft(p) == 0 || r.used[p] && !again
}

// full tells whether the limit of messages to a number is reached, and it alone, for as long as a replay takes.
func (r *replay) full(of *thing, p *pin) bool {
	limits, enabled := r.limits(of)
	return enabled && number(limits, "initiationIntervalLength") >= shortest &&
		int64(r.messages[p.number()]) == number(limits, "initiationAttempts") &&
		int64(r.overall[of]) < number(limits, "overallInitiationAttempts")
}

// busy tells whether the limit of verifications of a number is reached, for as long as a replay takes.
func (r *replay) busy(p *pin) bool {
	limits, _ := r.limits(p.of)
	return number(limits, "verificationIntervalLength") >= shortest && !r.checksLeft(p)
}
