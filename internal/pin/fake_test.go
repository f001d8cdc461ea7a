package pin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/phone"
)

// fakeStore is a Store in memory that keeps every promise of the interface, though it has no inbox to purge. Each call is one
// step under one lock.
type fakeStore struct {
	mu         sync.Mutex
	pins       map[string]*PIN
	order      []string // PIN ids, oldest first
	deliveries []*fakeDelivery
	places     []place
	purges     []time.Time
	fail       map[string]error // what a method answers instead of working, by its name
	counted    func()           // runs after CountAttempt, before its caller goes on
}

type fakeDelivery struct {
	Delivery
	open     bool // nobody has finished it, and no receipt named it
	reported bool // a receipt named its state
}

// settled tells whether the state is final and says more than that nothing more is known.
func (d *fakeDelivery) settled() bool {
	return d.State.Final() && d.State != delivery.StateUnknown && d.State != delivery.StateAccepted
}

// place is one event that limits count.
type place struct {
	kind          LimitKind
	applicationID string
	to            phone.Number
	at            time.Time
	deliveryID    string // empty for a check
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
	if err := s.take(place{LimitSends, p.ApplicationID, p.To, d.At, d.ID}, limits...); err != nil {
		return err
	}
	p.Sealed = slices.Clone(p.Sealed)
	s.pins[p.ID], s.order = &p, append(s.order, p.ID)
	s.deliveries = append(s.deliveries, &fakeDelivery{Delivery: d, open: true})
	return nil
}

// take adds an event where every limit has a place for it.
func (s *fakeStore) take(event place, limits ...Limit) error {
	for _, l := range limits {
		var counted []time.Time
		for _, e := range s.places {
			same := e.kind == l.Kind && e.applicationID == l.ApplicationID && (l.To == "" || l.To == e.to)
			if same && event.at.Before(e.at.Add(l.Interval)) {
				counted = append(counted, e.at)
			}
		}
		if len(counted) >= l.Max {
			slices.SortFunc(counted, time.Time.Compare)
			return &LimitError{l, counted[len(counted)-l.Max].Add(l.Interval)}
		}
	}
	s.places = append(s.places, event)
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

func (s *fakeStore) AddDelivery(_ context.Context, d Delivery, rules Rules, limits []Limit) (PIN, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["AddDelivery"]; err != nil {
		return PIN{}, err
	}
	p := s.pins[d.PINID]
	if p == nil {
		return PIN{}, fault.NotFoundf("No such PIN")
	}
	if state := p.State(d.At, rules); state != Live {
		return PIN{}, &StateError{state}
	}
	if err := s.take(place{LimitSends, p.ApplicationID, p.To, d.At, d.ID}, limits...); err != nil {
		return PIN{}, err
	}
	s.deliveries = append(s.deliveries, &fakeDelivery{Delivery: d, open: true})
	return *p, nil
}

func (s *fakeStore) FinishDelivery(ctx context.Context, o Outcome) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := cmp.Or(s.fail["FinishDelivery"], ctx.Err()); err != nil {
		return err
	}
	d := s.delivery(func(d *fakeDelivery) bool { return d.ID == o.DeliveryID })
	if d == nil {
		return fault.NotFoundf("No such delivery")
	}
	d.Carrier, d.RemoteID, d.open = cmp.Or(o.Carrier, d.Carrier), cmp.Or(o.RemoteID, d.RemoteID), false
	if !d.reported && !d.settled() {
		d.State = o.State
	}
	if o.Taken {
		s.sent(d.PINID, o.At)
		return nil
	}
	s.places = slices.DeleteFunc(s.places, func(e place) bool { return e.deliveryID == o.DeliveryID })
	return nil
}

// sent notes the first time that a carrier took a PIN.
func (s *fakeStore) sent(pinID string, at time.Time) {
	if p := s.pins[pinID]; p != nil && p.SentAt.IsZero() {
		p.SentAt = at
	}
}

func (s *fakeStore) delivery(fits func(*fakeDelivery) bool) *fakeDelivery {
	if i := slices.IndexFunc(s.deliveries, fits); i >= 0 {
		return s.deliveries[i]
	}
	return nil
}

func (s *fakeStore) RecordReceipt(_ context.Context, r delivery.Receipt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["RecordReceipt"]; err != nil {
		return err
	}
	d := s.delivery(func(d *fakeDelivery) bool {
		if r.AttemptID != "" {
			return d.ID == r.AttemptID
		}
		return d.Carrier == r.Carrier && d.RemoteID == r.RemoteID && d.RemoteID != ""
	})
	if d == nil {
		return fault.NotFoundf("No such delivery")
	}
	d.open = false
	if !d.settled() {
		d.State, d.reported = r.State, true
	}
	s.sent(d.PINID, r.At)
	return nil
}

func (s *fakeStore) CountAttempt(_ context.Context, id string, now time.Time, rules Rules, limit Limit) (PIN, State, error) {
	if s.counted != nil {
		defer s.counted()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["CountAttempt"]; err != nil {
		return PIN{}, Live, err
	}
	p := s.pins[id]
	if p == nil {
		return PIN{}, Live, fault.NotFoundf("No such PIN")
	}
	if err := s.take(place{LimitChecks, p.ApplicationID, p.To, now, ""}, limit); err != nil {
		return PIN{}, Live, err
	}
	state, sealed := p.State(now, rules), p.Sealed
	if state == Live {
		p.Attempts++
	}
	if state != Live || p.Attempts >= rules.MaxAttempts {
		p.Sealed = nil
	}
	counted := *p
	counted.Sealed = sealed
	return counted, state, nil
}

func (s *fakeStore) ConsumePIN(_ context.Context, id string, now time.Time, rules Rules) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["ConsumePIN"]; err != nil {
		return false, err
	}
	p := s.pins[id]
	if p == nil {
		return false, fault.NotFoundf("No such PIN")
	}
	if !rules.Multiple && !p.VerifiedAt.IsZero() {
		return false, nil
	}
	if p.VerifiedAt.IsZero() {
		p.VerifiedAt = now
	}
	if !rules.Multiple {
		p.Sealed = nil
	}
	return true, nil
}

func (s *fakeStore) Deliveries(_ context.Context, accountID, pinID string) ([]Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["Deliveries"]; err != nil {
		return nil, err
	}
	var list []Delivery
	for _, d := range s.deliveries {
		if p := s.pins[pinID]; d.PINID == pinID && p != nil && p.AccountID == accountID {
			list = append(list, d.Delivery)
		}
	}
	return list, nil
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
	return wiped + removed + s.giveUp(now, max), nil
}

// giveUp closes at most max deliveries that nobody finished in time. The order of their times does not matter here.
func (s *fakeStore) giveUp(now time.Time, max int) int {
	n := 0
	for _, d := range s.deliveries {
		if d.open && d.At.Before(now.Add(-AbandonedAfter)) && n < max {
			d.State, d.open = delivery.StateUnknown, false
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

// fakeDock takes every text and call, and answers what a test told it to.
type fakeDock struct {
	mu         sync.Mutex
	texts      []delivery.SMS
	calls      []delivery.Call
	lookups    []phone.Number
	accepted   delivery.Accepted
	sendErr    error
	sending    func(context.Context) // runs while a text is with the carrier
	dialErr    error
	ongoing    *fakeCall // the next call; one that a person took at once when nil
	info       delivery.NumberInfo
	configured bool
	lookupErr  error
}

var _ Dock = (*fakeDock)(nil)

func (d *fakeDock) Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error) {
	if d.sending != nil {
		d.sending(ctx)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.texts = append(d.texts, m)
	return d.accepted, cmp.Or(d.sendErr, ctx.Err())
}

func (d *fakeDock) Dial(ctx context.Context, c delivery.Call) (delivery.Ongoing, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, c)
	if err := cmp.Or(d.dialErr, ctx.Err()); err != nil {
		return nil, err
	}
	if d.ongoing == nil {
		return endedCall(delivery.CallProcessed), nil
	}
	return d.ongoing, nil
}

func (d *fakeDock) Lookup(_ context.Context, to phone.Number) (delivery.NumberInfo, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lookups = append(d.lookups, to)
	return d.info, d.configured, d.lookupErr
}

// code is the PIN of the last text or call.
func (d *fakeDock) code() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.texts) > 0 {
		return d.texts[len(d.texts)-1].PIN.Reveal()
	}
	return d.calls[len(d.calls)-1].Prompt.PIN.Reveal()
}

// fakeCall is a call that lasts until a test ends it.
type fakeCall struct {
	done chan struct{}
	end  delivery.CallEnd
	err  error
}

func newCall() *fakeCall { return &fakeCall{done: make(chan struct{})} }

func endedCall(status delivery.CallStatus) *fakeCall {
	c := newCall()
	c.hangUp(status, nil)
	return c
}

func (c *fakeCall) hangUp(status delivery.CallStatus, err error) {
	c.end, c.err = delivery.CallEnd{Status: status}, err
	close(c.done)
}

func (c *fakeCall) Done() <-chan struct{} { return c.done }

func (c *fakeCall) Result() (delivery.CallEnd, error) { return c.end, c.err }

func (c *fakeCall) Hangup() {}

// catalogue has the applications and messages of a test.
type catalogue struct {
	mu           sync.Mutex
	applications map[string]application.Application
	messages     map[string]message.Message
}

type fakeApplications struct{ *catalogue }

func (c fakeApplications) Get(_ context.Context, accountID, id string) (application.Application, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.applications[id]
	if !ok || a.AccountID != accountID {
		return application.Application{}, fault.NotFoundf("No such application")
	}
	return a, nil
}

type fakeMessages struct{ *catalogue }

func (c fakeMessages) Get(_ context.Context, accountID, applicationID, id string) (message.Message, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.messages[id]
	if !ok || m.AccountID != accountID || m.ApplicationID != applicationID {
		return message.Message{}, fault.NotFoundf("No such message")
	}
	return m, nil
}

var errDown = fmt.Errorf("write: %w", fault.Unavailablef(errors.New("disk is full"), "The store does not answer"))
