//go:build postgres

package postgres

import (
	"context"
	"testing"

	"github.com/pinpost/pinpost/internal/fault"
)

// TestBatch_one_failure_is_not_the_others has one PIN among many that cannot be written: its id is taken.
func TestBatch_one_failure_is_not_the_others(t *testing.T) {
	t.Parallel()
	s := replicas(t, 1)[0]
	other, taken, limits := sample(s, 1000)
	if err := s.CreatePIN(t.Context(), other, taken, limits); err != nil {
		t.Fatal(err)
	}
	kept, errs := together(t, func(i int) (bool, error) {
		p, d, limits := sample(s, int64(i))
		switch i {
		case 10:
			p.ID, d.ID = other.ID, taken.ID
		case 20:
			p.From = "a\x00b"
		case 30:
			p.MessageID = "nowhere"
		}
		err := s.CreatePIN(t.Context(), p, d, limits)
		return err == nil, err
	})
	if kept != crowd-3 || len(errs) != 3 {
		t.Fatalf("got %d kept, errors %v; want %d and 3", kept, errs, crowd-3)
	}
	kinds := map[fault.Kind]int{}
	for _, err := range errs {
		kinds[fault.KindOf(err)]++
	}
	if kinds[fault.Internal] != 1 || kinds[fault.Invalid] != 1 || kinds[fault.Unavailable] != 1 {
		t.Errorf("got errors %v, want one of each kind: internal, invalid, unavailable", errs)
	}
}

// TestBatch_cancelled_callers has every other caller give up at once; the rest must not notice.
func TestBatch_cancelled_callers(t *testing.T) {
	t.Parallel()
	s := replicas(t, 1)[0]
	_, errs := together(t, func(i int) (bool, error) {
		p, d, limits := sample(s, int64(i))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if i%2 == 0 {
			go cancel()
		}
		err := s.CreatePIN(ctx, p, d, limits)
		if i%2 == 0 {
			if err != nil && !fault.Is(err, fault.Unavailable) {
				return false, err
			}
			return true, nil
		}
		return true, err
	})
	if len(errs) != 0 {
		t.Errorf("got errors %v, want none", errs)
	}
}
