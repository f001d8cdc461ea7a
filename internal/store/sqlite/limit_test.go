package sqlite

import (
	"fmt"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

// TestPlaceCounts takes places over many slots, gives some back and purges the rest: the counts follow.
func TestPlaceCounts(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	keepPIN(t, s, "sealed")
	const day = 24 * 60 * 60 * 1000
	err := s.write(t.Context(), "fill", func(tx *transaction) error {
		limits := []pin.Limit{{
			Kind: pin.LimitSends, AccountID: "account", ApplicationID: "application", Max: 1000, Interval: time.Hour,
		}}
		for i := range 100 {
			at := time.UnixMilli(day + int64(i)*slotMillis/3)
			if err := takePlaces(t.Context(), tx, event{"385915551234", at, fmt.Sprint(i)}, limits); err != nil {
				return err
			}
			if i%7 == 0 {
				if err := freePlaces(t.Context(), tx, fmt.Sprint(i)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantCounts(t, s, 85)
	if _, err := s.PurgePINs(t.Context(), time.UnixMilli(day+10*slotMillis), time.Hour, 1000); err != nil {
		t.Fatal(err)
	}
	wantCounts(t, s, 59) // 31 events are over, 5 of which were given back
	if _, err := s.PurgePINs(t.Context(), time.UnixMilli(2*day), time.Hour, 1000); err != nil {
		t.Fatal(err)
	}
	wantCounts(t, s, 0)
}

// wantCounts asks for so many places, and for counts that agree with them slot by slot.
func wantCounts(t *testing.T, s *Store, want int) {
	t.Helper()
	var places, wrong int
	if err := s.readers.QueryRowContext(t.Context(), "SELECT count(*) FROM places").Scan(&places); err != nil {
		t.Fatal(err)
	}
	if places != want {
		t.Errorf("places: got %d, want %d", places, want)
	}
	query := fmt.Sprintf(`
		SELECT count(*) FROM place_counts c
		FULL JOIN (SELECT account_id, application_id, kind, at / %d AS slot, count(*) AS n FROM places GROUP BY 1, 2, 3, 4) p
			USING (account_id, application_id, kind, slot) WHERE c.n IS NOT p.n`, slotMillis)
	if err := s.readers.QueryRowContext(t.Context(), query).Scan(&wrong); err != nil {
		t.Fatal(err)
	}
	if wrong != 0 {
		t.Errorf("slots with a wrong count: got %d, want 0", wrong)
	}
}
