package pin

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
)

type fakeDelivery struct {
	Delivery
	open     bool // nobody has finished it, and no receipt named it
	reported bool // a receipt named its state
}

// settled tells whether the state is final and says more than that nothing more is known.
func (d *fakeDelivery) settled() bool {
	return d.State.Final() && d.State != delivery.StateUnknown && d.State != delivery.StateAccepted
}

// begun is a delivery that is new in the store, whose history begins.
func begun(d Delivery) *fakeDelivery {
	d.History, d.Once = []delivery.Change{{State: d.State, At: d.At}}, nil
	return &fakeDelivery{Delivery: d, open: true}
}

// become notes a state, in the history too when it is another.
func (d *fakeDelivery) become(state delivery.State, at time.Time) {
	if d.State != state {
		d.History = append(d.History, delivery.Change{State: state, At: at})
	}
	d.State = state
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
	if err := s.refuseRepeat(*p, d); err != nil {
		return PIN{}, err
	}
	if state := p.State(d.At, rules); state != Live {
		return PIN{}, &StateError{state}
	}
	if err := s.take(place{LimitSends, p.AccountID, p.ApplicationID, p.To, d.At, d.ID}, limits...); err != nil {
		return PIN{}, err
	}
	s.deliveries = append(s.deliveries, begun(d))
	s.keepFirst(*p, d)
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
		d.become(o.State, o.At)
	}
	if o.Answer != nil {
		_, _ = s.answer(d.ID, *o.Answer)
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
		d.become(r.State, r.At)
		d.reported = true
	}
	s.sent(d.PINID, r.At)
	return nil
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
			list[len(list)-1].History = slices.Clone(d.History)
		}
	}
	return list, nil
}
