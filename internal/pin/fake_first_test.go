package pin

import (
	"context"
	"crypto/sha256"

	"github.com/pinpost/pinpost/internal/fault"
)

// first gives what is kept of a key, or nil.
func (s *fakeStore) first(accountID string, keyHash [sha256.Size]byte) *First {
	for _, f := range s.firsts {
		if f.AccountID == accountID && f.KeyHash == keyHash {
			return f
		}
	}
	return nil
}

// refuseRepeat gives a *RepeatError when the key of a delivery is taken.
func (s *fakeStore) refuseRepeat(p PIN, d Delivery) error {
	if d.Once == nil {
		return nil
	}
	if f := s.first(p.AccountID, d.Once.KeyHash); f != nil && f.Alive(d.At) {
		return &RepeatError{*f}
	}
	return nil
}

// keepFirst keeps the key of a delivery, in the place of one that is not alive.
func (s *fakeStore) keepFirst(p PIN, d Delivery) {
	if d.Once == nil {
		return
	}
	kept := First{
		Once: *d.Once, AccountID: p.AccountID, PINID: p.ID, DeliveryID: d.ID, Channel: d.Channel, To: p.To, At: d.At,
	}
	if old := s.first(p.AccountID, d.Once.KeyHash); old != nil {
		*old = kept
		return
	}
	s.firsts = append(s.firsts, &kept)
}

func (s *fakeStore) First(_ context.Context, accountID string, keyHash [sha256.Size]byte) (First, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["First"]; err != nil {
		return First{}, err
	}
	if f := s.first(accountID, keyHash); f != nil {
		return *f, nil
	}
	return First{}, fault.NotFoundf("No such request")
}

func (s *fakeStore) KeepAnswer(_ context.Context, deliveryID string, a Answer) (Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["KeepAnswer"]; err != nil {
		return Answer{}, err
	}
	return s.answer(deliveryID, a)
}

func (s *fakeStore) answer(deliveryID string, a Answer) (Answer, error) {
	for _, f := range s.firsts {
		if f.DeliveryID == deliveryID {
			if f.Answer == nil {
				f.Answer = &a
			}
			return *f.Answer, nil
		}
	}
	return Answer{}, fault.NotFoundf("No such request")
}
