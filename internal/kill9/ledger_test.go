//go:build peers || postgres

package kill9

import (
	"sync"

	"github.com/pinpost/pinpost/api"
)

// The limits of the application under test. Their intervals are longer than any test, so that nothing comes free by itself.
const (
	pinAttempts          = 4
	verificationAttempts = 8
	initiationAttempts   = 3
)

// span is what is known of a count: at least so many events are in it, and as many more as were asked for without an answer.
type span struct{ least, lost int }

func (s *span) most() int { return s.least + s.lost }

// admit notes that an event was admitted under a limit; it tells whether that can be.
func (s *span) admit(limit int) bool {
	fits := s.least < limit
	s.least++
	s.lost = max(0, min(s.lost, limit-s.least))
	return fits
}

// refuse notes that an event was refused, since the limit was full but for what may have come free later; it tells whether
// that can be.
func (s *span) refuse(limit, free int) bool {
	fits := s.most() >= limit
	s.least = max(s.least, limit-free)
	s.lost = max(0, limit-s.least)
	return fits
}

// lose notes an event that may have been admitted.
func (s *span) lose(limit int) { s.lost = max(0, min(s.lost+1, limit-s.least)) }

// verdict is what is known of the success of a PIN.
type verdict int

const (
	unverified verdict = iota
	maybe
	verified
)

// kept is a PIN that was acknowledged.
type kept struct {
	id       string
	code     string // empty until the inbox was read
	attempts span
	messages span // texts in the inbox
	verified verdict

	key    string        // of the request, if it had one
	answer api.SmsStatus // to the request; empty when it may be another one the next time
}

// over tells whether the PIN may be used up, and whether it must be.
func (p *kept) over() (may, must bool) {
	return p.verified != unverified || p.attempts.most() >= pinAttempts, p.verified == verified || p.attempts.least >= pinAttempts
}

// number is a phone number and all that is known of it. One goroutine at a time works on it.
type number struct {
	to     string
	sends  span // sends and resends together
	free   int  // places that come free when it is noted that nothing was sent
	checks span
	pins   []*kept
}

// ledger has the numbers that nobody works on, and what is known of the whole application.
type ledger struct {
	mu      sync.Mutex
	numbers []*number
	ids     map[string]bool // of acknowledged PINs
	lost    int             // sends to numbers that have nothing acknowledged, and so are not kept
}

// add keeps a number once its story is told.
func (l *ledger) add(n *number) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(n.pins) == 0 {
		l.lost += n.sends.most()
		return
	}
	l.numbers = append(l.numbers, n)
}

// first tells whether a PIN's id was never given before.
func (l *ledger) first(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.ids[id]
	l.ids[id] = true
	return !known
}

// sample gives the numbers that were added last, and as many that are spread over all others.
func (l *ledger) sample(many int) []*number {
	l.mu.Lock()
	defer l.mu.Unlock()
	begin := max(0, len(l.numbers)-many)
	chosen := append([]*number{}, l.numbers[begin:]...)
	for i := 0; i < begin; i += max(1, begin/many) {
		chosen = append(chosen, l.numbers[i])
	}
	return chosen
}

// all gives every number that is kept.
func (l *ledger) all() []*number {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]*number{}, l.numbers...)
}

// size is how many numbers are kept.
func (l *ledger) size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(len(l.numbers))
}

// sends is what the whole application has sent.
func (l *ledger) sends() span {
	l.mu.Lock()
	defer l.mu.Unlock()
	total := span{lost: l.lost}
	for _, n := range l.numbers {
		total.least += n.sends.least
		total.lost += n.sends.lost
	}
	return total
}
