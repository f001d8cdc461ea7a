package pin

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
)

func TestPurge_cleans_at_once_and_then_every_interval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		id, _ := b.sent(t)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			b.Purge(ctx, time.Hour)
		}()
		synctest.Wait()
		if got := len(b.store.purges); got != 1 {
			t.Fatalf("%d steps at the start, want 1", got)
		}

		b.at(15 * time.Minute) // the PIN expires
		time.Sleep(purgeInterval)
		synctest.Wait()
		if row := b.store.row(id); row.ID == "" || row.Sealed != nil {
			t.Errorf("stored %+v, want the PIN wiped and its row kept", row)
		}
		if list, err := b.Status(t.Context(), "A", id); err != nil || len(list) != 1 {
			t.Errorf("Status = %+v, %v, want it readable during the grace", list, err)
		}

		b.at(75 * time.Minute) // the grace is over
		time.Sleep(purgeInterval)
		synctest.Wait()
		if b.store.row(id).ID == "" {
			t.Error("the row is gone at the end of the grace, want it after that")
		}
		b.moves(1)
		time.Sleep(purgeInterval)
		synctest.Wait()
		if _, err := b.Status(t.Context(), "A", id); !fault.Is(err, fault.NotFound) {
			t.Errorf("Status = %v, want NotFound after the grace", err)
		}

		stop()
		<-ended
		before := len(b.store.purges)
		time.Sleep(3 * purgeInterval)
		synctest.Wait()
		if got := len(b.store.purges); got != before {
			t.Errorf("%d steps after the end, want none", got-before)
		}
	})
}

func TestPurge_goes_on_in_steps_until_nothing_is_left(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 2*purgeStep + 1 {
		id := strconv.Itoa(i)
		b.store.pins[id] = &PIN{ID: id, AccountID: "A", Sealed: []byte{1}, ExpiresAt: noon.Add(15 * time.Minute)}
		b.store.order = append(b.store.order, id)
	}
	b.at(15 * time.Minute)
	b.purgeOnce(t.Context(), time.Hour)
	for id, p := range b.store.pins {
		if p.Sealed != nil {
			t.Fatalf("PIN %s is not wiped", id)
		}
	}
	if got := len(b.store.purges); got != 4 {
		t.Errorf("%d steps, want 4: two full, one with the rest, one that finds nothing", got)
	}
	for _, at := range b.store.purges {
		if !at.Equal(noon.Add(15 * time.Minute)) {
			t.Errorf("a step ran at %v, want %v", at, noon.Add(15*time.Minute))
		}
	}
}

func TestPurge_logs_a_store_that_is_down_and_tries_again(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		id, _ := b.sent(t)
		b.at(15 * time.Minute)
		b.store.breaks("PurgePINs", errDown)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go b.Purge(ctx, time.Hour)
		synctest.Wait()
		if got := strings.Count(b.log.String(), "expired PINs were not purged"); got != 1 || len(b.store.purges) != 1 {
			t.Errorf("%d lines after %d steps, want one of each", got, len(b.store.purges))
		}
		b.store.breaks("PurgePINs", nil)
		time.Sleep(purgeInterval)
		synctest.Wait()
		if b.store.row(id).Sealed != nil {
			t.Error("the PIN is there, want it wiped at the next try")
		}
	})
}

// TestPurge_goes_on_beside_what_fails has one of the things that a step does fail each time: the rest is done until nothing is left.
func TestPurge_goes_on_beside_what_fails(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range purgeStep + 1 {
		id := strconv.Itoa(i)
		b.store.pins[id] = &PIN{ID: id, AccountID: "A", Sealed: []byte{1}, ExpiresAt: noon.Add(15 * time.Minute)}
		b.store.order = append(b.store.order, id)
	}
	b.store.breaks("PurgePINs, in part", errDown)
	b.at(15 * time.Minute)
	b.purgeOnce(t.Context(), time.Hour)
	for id, p := range b.store.pins {
		if p.Sealed != nil {
			t.Fatalf("PIN %s is not wiped", id)
		}
	}
	if got := strings.Count(b.log.String(), "expired PINs were not purged"); got != 3 || len(b.store.purges) != 3 {
		t.Errorf("%d lines after %d steps, want three of each: one full, one with the rest, one that finds nothing", got, len(b.store.purges))
	}
}

func TestPurge_is_quiet_about_its_own_end(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.breaks("PurgePINs", context.Canceled)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	b.Purge(ctx, time.Hour)
	if b.log.String() != "" || len(b.store.purges) != 0 {
		t.Errorf("log = %q after %d steps, want neither", b.log.String(), len(b.store.purges))
	}
}
