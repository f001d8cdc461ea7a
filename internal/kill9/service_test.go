//go:build peers || postgres

package kill9

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

const (
	// clients call at the same time.
	clients = 32
	// callTime is how long a client waits for an answer; one that takes longer is a failure.
	callTime = 30 * time.Second
	// refusalTime is how long a refusal may take, five seconds as promised and what a busy machine adds.
	refusalTime = 8 * time.Second
	// progressTime is how long it may take until enough calls are answered.
	progressTime = 20 * time.Second
)

// service is what the clients call: one program, or several on one database.
type service struct {
	t        *testing.T
	programs []*program
	database outage // of PostgreSQL
	book     ledger

	applicationID, messageID string

	turn    atomic.Int64
	last    atomic.Int64 // phone number
	allowed atomic.Int64 // numbers that may be kept, for now
	stop    chan struct{}
	loads   sync.WaitGroup

	mu     sync.Mutex
	longer map[outcome]time.Duration // the longest calls
}

// newService gives programs that share their data an application with small limits.
func newService(t *testing.T, programs ...*program) *service {
	t.Helper()
	s := &service{t: t, programs: programs, stop: make(chan struct{}), longer: map[outcome]time.Duration{}}
	s.book.ids = map[string]bool{}
	key := programs[0].key(t)
	for _, p := range programs {
		var err error
		p.client, err = client.New("http://"+p.address, client.WithAPIKey(key), client.WithRetries(0),
			client.WithTimeout(callTime), client.WithHTTPClient(&http.Client{Transport: p.pool}),
			client.WithRequestEditor(withoutKey))
		must(t, err)
	}
	c := programs[0].client
	app, err := c.CreateApplication(t.Context(), api.CreateApplicationRequest{
		Name: "strict", Configuration: &api.ConfigurationInput{
			PinAttempts:          new(int32(pinAttempts)),
			VerificationAttempts: new(int32(verificationAttempts)), VerificationIntervalLength: new(int64(24 * 3600 * 1000)),
			InitiationAttempts:            new(int32(initiationAttempts)),
			OverallInitiationAttempts:     new(int32(1_000_000)),
			AllowMultiplePinVerifications: new(false),
		},
	})
	must(t, err)
	m, err := c.CreateMessage(t.Context(), app.ApplicationID, api.CreateMessageRequest{
		PinType: api.PinTypeAlphanumeric, PinLength: 8, PinPlaceholder: "<pin>", MessageText: "<pin>", Sender: "Pinpost",
	})
	must(t, err)
	s.applicationID, s.messageID = app.ApplicationID, m.MessageID
	return s
}

// ours is what the keys begin with that these tests give.
const ours = "kill9-"

// withoutKey takes the key away that the client gives every send: most callers send none.
func withoutKey(r *http.Request) error {
	if !strings.HasPrefix(r.Header.Get("Idempotency-Key"), ours) {
		r.Header.Del("Idempotency-Key")
	}
	return nil
}

// pick gives a program that serves, each in its turn; nil when there is none for too long, or the test has failed.
func (s *service) pick() *program {
	for end := time.Now().Add(startTime); time.Now().Before(end) && !s.t.Failed(); time.Sleep(2 * time.Millisecond) {
		for range s.programs {
			p := s.programs[int(s.turn.Add(1))%len(s.programs)]
			if !p.outage.away() {
				return p
			}
		}
	}
	if !s.t.Failed() {
		s.t.Error("no program serves")
	}
	return nil
}

// outcome is what became of a call.
type outcome int

const (
	lost    outcome = iota // no answer, or 503: whether it was carried out is not known
	done                   // 200
	wrong                  // 400
	tooMany                // 429
)

// call makes a call of one program and tells what became of it. A failure that no outage excuses is one of the test.
func (s *service) call(what string, do func(c *client.Client) error) outcome {
	p := s.pick()
	if p == nil {
		return lost
	}
	own, database, begin := p.outage.count.Load(), s.database.count.Load(), time.Now()
	err := do(p.client)
	took := time.Since(begin)
	refusal, _ := errors.AsType[*client.APIError](err)
	switch {
	case err == nil:
		p.answered.Add(1)
		s.note(done, took)
		return done
	case client.IsTooManyRequests(err):
		p.answered.Add(1)
		return tooMany
	case client.IsInvalidArgument(err):
		p.answered.Add(1)
		return wrong
	case client.IsUnavailable(err) && s.database.hit(database):
		p.refused.Add(1)
		s.note(lost, took)
		if refusal.RetryAfter == 0 || took > refusalTime {
			s.t.Errorf("%s: refused after %v with Retry-After %v, want it within %v and with one", what, took, refusal.RetryAfter, refusalTime)
		}
	case refusal == nil && p.outage.hit(own):
	default:
		s.t.Errorf("%s of a program that serves: after %v got error %v, want an answer", what, took, err)
	}
	return lost
}

// note keeps how long the longest calls took that were answered, and that were refused with 503.
func (s *service) note(what outcome, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.longer[what] = max(s.longer[what], took)
}

// answers waits until each of the programs has answered so many calls more.
func (s *service) answers(more int64, programs ...*program) {
	s.t.Helper()
	s.counts("answered", more, func(p *program) int64 { return p.answered.Load() }, programs)
}

// refusals waits until each of the programs has refused so many calls more.
func (s *service) refusals(more int64, programs ...*program) {
	s.t.Helper()
	s.counts("refused with 503", more, func(p *program) int64 { return p.refused.Load() }, programs)
}

// counts lets clients have as many more numbers as this needs: without an end, a fast machine would have more of them than the
// inbox has room for.
func (s *service) counts(what string, more int64, count func(*program) int64, programs []*program) {
	s.t.Helper()
	s.allowed.Store(s.book.size() + more*int64(len(programs))/3 + clients)
	want := make([]int64, len(programs))
	for i, p := range programs {
		want[i] = count(p) + more
	}
	end := time.Now().Add(progressTime)
	for i, p := range programs {
		for ; count(p) < want[i]; time.Sleep(time.Millisecond) {
			if s.t.Failed() {
				s.t.FailNow()
			}
			if time.Now().After(end) {
				s.t.Fatalf("%s: %d calls are %s within %v, want %d", p.address, count(p)-want[i]+more, what, progressTime, more)
			}
		}
	}
}
