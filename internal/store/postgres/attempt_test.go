//go:build postgres

package postgres

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

// TestAttempt_panic has somebody who compares panic, among others that do not: the panic is that caller's alone, and counts
// nothing.
func TestAttempt_panic(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]Option{"grouped": nil, "alone": {WithoutGroupCommit()}} {
		s := replicas(t, 1, opts...)[0]
		for i := range int64(crowd) {
			if err := keep(s, i); err != nil {
				t.Fatal(err)
			}
		}
		panics, errs := together(t, func(i int) (is bool, err error) {
			p, d, limits := sample(s, int64(i))
			checks := limits[0]
			checks.Kind, checks.Interval = pin.LimitChecks, time.Second
			defer func() { is = recover() == "odd" }()
			_, err = s.Attempt(t.Context(), p.ID, d.At, pin.Rules{MaxAttempts: 3}, checks, func(pin.PIN) (bool, error) {
				if i%4 == 0 {
					panic("odd")
				}
				return true, nil
			})
			return false, err
		})
		if panics != crowd/4 || len(errs) != 0 {
			t.Errorf("%s: got %d panics, errors %v; want %d and none", name, panics, errs, crowd/4)
		}
		for i := range crowd {
			p, _, _ := sample(s, int64(i))
			got, err := s.PIN(t.Context(), p.AccountID, p.ID)
			if err != nil || (got.Attempts == 0) != (i%4 == 0) || got.VerifiedAt.IsZero() != (i%4 == 0) {
				t.Errorf("%s: PIN %d: got %+v, error %v; want it counted unless it panicked", name, i, got, err)
			}
		}
	}
}
