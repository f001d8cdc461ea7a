//go:build postgres

package postgres

import (
	"fmt"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// TestPlaceCounts takes places over many slots, gives some back and purges the rest: the counts follow.
func TestPlaceCounts(t *testing.T) {
	t.Parallel()
	s := openIn(t, pgtest.Empty(t))
	furnish(t, s)
	const day = 24 * 60 * 60 * 1000
	for i := range int64(100) {
		p, d, limits := sample(s, i)
		d.At = time.UnixMilli(day + i*slotMillis/3)
		if err := s.CreatePIN(t.Context(), p, d, limits); err != nil {
			t.Fatal(err)
		}
		if i%7 == 0 {
			if err := s.FinishDelivery(t.Context(), untaken(d.ID)); err != nil {
				t.Fatal(err)
			}
		}
	}
	wantCounts(t, s, 85)
	for _, step := range []struct {
		now  int64
		want int
	}{{2*day + 10*slotMillis, 59}, {3 * day, 0}} { // the intervals are a day; of the first 31, 5 were given back
		if _, err := s.PurgePINs(t.Context(), time.UnixMilli(step.now), 30*24*time.Hour, 1000); err != nil {
			t.Fatal(err)
		}
		wantCounts(t, s, step.want)
	}
}

// wantCounts asks for so many places, and for counts that agree with them slot by slot.
func wantCounts(t *testing.T, s *Store, want int) {
	t.Helper()
	places, err := list(t.Context(), s, "count", readNumber, "SELECT count(*) FROM places")
	if err != nil || places[0] != int64(want) {
		t.Errorf("places: got %v, error %v; want %d", places, err, want)
	}
	wrong, err := list(t.Context(), s, "count", readNumber, fmt.Sprintf(wrongCounts, slotMillis))
	if err != nil || wrong[0] != 0 {
		t.Errorf("slots with a wrong count: got %v, error %v; want none", wrong, err)
	}
}

// untaken is the outcome of a delivery that no carrier took.
func untaken(deliveryID string) pin.Outcome {
	return pin.Outcome{DeliveryID: deliveryID, State: delivery.StateRejected, At: time.UnixMilli(1)}
}

// wrongCounts counts slots that have another number of places than is said.
const wrongCounts = `
		SELECT count(*) FROM (SELECT * FROM place_counts WHERE n <> 0) c
		FULL JOIN (SELECT tally, at / %d AS slot, count(*) AS n FROM places GROUP BY 1, 2) p USING (tally, slot) WHERE c.n IS DISTINCT FROM p.n`
