package pin

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
)

// fakeStore is a Store in memory that keeps every promise of the interface, though it has no inbox to purge. Each call is one
// step under one lock.
type fakeStore struct {
	mu         sync.Mutex
	pins       map[string]*PIN
	order      []string // PIN ids, oldest first
	deliveries []*fakeDelivery
	places     []place
	firsts     []*First
	purges     []time.Time
	fail       map[string]error // what a method answers instead of working, by its name
	lastID     int
}

var _ Store = (*fakeStore)(nil)

func newFakeStore() *fakeStore {
	return &fakeStore{pins: map[string]*PIN{}, fail: map[string]error{}}
}

// breaks makes a method fail until err is nil again.
func (s *fakeStore) breaks(method string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail[method] = err
}

func (s *fakeStore) CreatePIN(_ context.Context, p PIN, d Delivery, limits []Limit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["CreatePIN"]; err != nil {
		return err
	}
	if err := s.refuseRepeat(p, d); err != nil {
		return err
	}
	if err := s.take(place{LimitSends, p.AccountID, p.ApplicationID, p.To, d.At, d.ID}, limits...); err != nil {
		return err
	}
	p.Sealed = slices.Clone(p.Sealed)
	s.pins[p.ID], s.order = &p, append(s.order, p.ID)
	s.deliveries = append(s.deliveries, begun(d))
	s.keepFirst(p, d)
	return nil
}

func (s *fakeStore) PIN(_ context.Context, accountID, id string) (PIN, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["PIN"]; err != nil {
		return PIN{}, err
	}
	p := s.pins[id]
	if p == nil || p.AccountID != accountID {
		return PIN{}, fault.NotFoundf("No such PIN")
	}
	return *p, nil
}

func (s *fakeStore) KnownPIN(ctx context.Context, accountID, id string) (PIN, error) {
	return s.PIN(ctx, accountID, id)
}

func (s *fakeStore) NewPINID(context.Context) (string, error) { return s.newID("NewPINID") }

func (s *fakeStore) NewDeliveryID(context.Context, string) (string, error) {
	return s.newID("NewDeliveryID")
}

func (s *fakeStore) newID(method string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	sum := sha256.Sum256(fmt.Append(nil, s.lastID))
	return fmt.Sprintf("%X", sum[:16]), s.fail[method]
}

func (s *fakeStore) Attempt(
	_ context.Context, id string, now time.Time, rules Rules, limit Limit, right func(PIN) (bool, error),
) (Attempted, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["Attempt"]; err != nil {
		return Attempted{}, err
	}
	p := s.pins[id]
	if p == nil {
		return Attempted{}, fault.NotFoundf("No such PIN")
	}
	tried := Attempted{PIN: *p, State: p.State(now, rules)}
	if tried.State == Live {
		tried.PIN.Attempts++
		var err error
		if tried.Verified, err = right(tried.PIN); err != nil {
			return Attempted{}, err
		}
	}
	if err := s.take(place{LimitChecks, p.AccountID, p.ApplicationID, p.To, now, ""}, limit); err != nil {
		return Attempted{}, err
	}
	if tried.Verified && p.VerifiedAt.IsZero() {
		tried.PIN.VerifiedAt = now
	}
	*p = tried.PIN
	if tried.State != Live || p.Attempts >= rules.MaxAttempts || tried.Verified && !rules.Multiple {
		p.Sealed = nil
	}
	return tried, nil
}

func (s *fakeStore) Verifications(_ context.Context, accountID, applicationID string, f VerificationFilter, max int) ([]Verification, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["Verifications"]; err != nil {
		return nil, err
	}
	var list []Verification
	for _, id := range slices.Backward(s.order) {
		p := s.pins[id]
		if p == nil || p.AccountID != accountID || p.ApplicationID != applicationID || len(list) == max {
			continue
		}
		v := Verification{To: p.To, Verified: !p.VerifiedAt.IsZero(), VerifiedAt: p.VerifiedAt, SentAt: p.SentAt}
		fits := (f.To == "" || f.To == v.To) && (f.Verified == nil || *f.Verified == v.Verified) &&
			(f.Sent == nil || *f.Sent == !v.SentAt.IsZero())
		if fits {
			list = append(list, v)
		}
	}
	return list, nil
}

func (s *fakeStore) PurgePINs(_ context.Context, now time.Time, grace time.Duration, max int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.purges = append(s.purges, now)
	if err := s.fail["PurgePINs"]; err != nil {
		return 0, err
	}
	half := s.fail["PurgePINs, in part"]
	wiped, removed := 0, 0
	for _, id := range slices.Clone(s.order) {
		p := s.pins[id]
		if p.Sealed != nil && !now.Before(p.ExpiresAt) && wiped < max {
			p.Sealed = nil
			wiped++
		}
		if p.ExpiresAt.Before(now.Add(-grace)) && removed < max {
			delete(s.pins, id)
			s.order = slices.DeleteFunc(s.order, func(other string) bool { return other == id })
			s.deliveries = slices.DeleteFunc(s.deliveries, func(d *fakeDelivery) bool { return d.PINID == id })
			removed++
		}
	}
	firsts := len(s.firsts)
	s.firsts = slices.DeleteFunc(s.firsts, func(f *First) bool { return !f.Alive(now) })
	return wiped + removed + s.giveUp(now, max) + firsts - len(s.firsts), half
}

// giveUp closes at most max deliveries that nobody finished in time. The order of their times does not matter here.
func (s *fakeStore) giveUp(now time.Time, max int) int {
	n := 0
	for _, d := range s.deliveries {
		if d.open && d.At.Before(now.Add(-AbandonedAfter)) && n < max {
			d.become(delivery.StateUnknown, now)
			d.open = false
			n++
		}
	}
	return n
}

// row gives a PIN as it is stored, whoever has it; tests look at what a caller cannot.
func (s *fakeStore) row(id string) PIN {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.pins[id]; p != nil {
		return *p
	}
	return PIN{}
}

var errDown = fmt.Errorf("write: %w", fault.Unavailablef(errors.New("disk is full"), "The store does not answer"))
