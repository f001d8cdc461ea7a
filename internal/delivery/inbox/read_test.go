package inbox_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

func TestLast(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	if got := box.Last(); got != 1 {
		t.Errorf("Last of an empty inbox = %d, want the store's 1", got)
	}
	e, err := box.Capture(t.Context(), text("a1"))
	if err != nil || e.Cursor != 2 || box.Last() != 2 {
		t.Errorf("Last = %d after %d, %v, want 2", box.Last(), e.Cursor, err)
	}
	again, err := inbox.New(store, time.Now)
	if err != nil || again.Last() != 2 {
		t.Errorf("Last of another inbox on the store = %d, %v, want 2", again.Last(), err)
	}
	var sending sync.WaitGroup
	for range 50 {
		sending.Go(func() { send(t, box, text("many")) })
	}
	sending.Wait()
	if got := box.Last(); got != 52 {
		t.Errorf("Last = %d, want 52", got)
	}
}

func TestCapture_takes_the_time_and_the_outcome_it_is_given(t *testing.T) {
	t.Parallel()
	box, err := inbox.NewByWorld(&entries{}, func(accountID string) time.Time {
		if accountID == "A" {
			return noon.Add(time.Hour)
		}
		return noon
	})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := box.Capture(t.Context(), text("a1")); err != nil || !e.At.Equal(noon.Add(time.Hour)) {
		t.Errorf("captured at %v, %v, want the account's own time", e.At, err)
	}
	e, err := box.CaptureCall(t.Context(), delivery.Call{AttemptID: "a2"}, delivery.CallUserBusy)
	if err != nil || e.CallStatus != string(delivery.CallUserBusy) || !e.At.Equal(noon) || e.Cursor != 3 {
		t.Errorf("CaptureCall = %s at %v with cursor %d, %v, want %s at %v with 3", e.CallStatus, e.At, e.Cursor, err, delivery.CallUserBusy, noon)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	send(t, box, textOf("A", "p1"), textOf("A", "p2"), textOf("A", "p3"))
	page, err := box.Page(t.Context(), inbox.Filter{AccountID: "A"}, 2)
	if err != nil || len(page) != 2 || page[0].PINID != "p3" {
		t.Fatalf("Page = %d entries, %v, want the newest two", len(page), err)
	}
	page, err = box.Page(t.Context(), inbox.Filter{AccountID: "A", Before: page[1].Cursor}, inbox.MaxEntries+1)
	if err != nil || len(page) != 1 || page[0].PINID != "p1" || store.max != inbox.MaxEntries {
		t.Errorf("Page = %d entries of at most %d, %v, want the last of at most %d", len(page), store.max, err, inbox.MaxEntries)
	}
}

func TestGet_and_Delete(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	send(t, box, text("a1"), text("a2"))
	if e, err := box.Get(t.Context(), "A", "a1"); err != nil || e.ID != "a1" {
		t.Errorf("Get = %s, %v, want a1", e.ID, err)
	}
	if _, err := box.Delete(t.Context(), "other", "a1"); !errors.Is(err, errAbsent) {
		t.Errorf("Delete from another account = %v, want it absent", err)
	}
	if e, err := box.Delete(t.Context(), "A", "a1"); err != nil || e.ID != "a1" || store.count() != 1 {
		t.Errorf("Delete = %s, %v with %d left, want a1 removed", e.ID, err, store.count())
	}
	if _, err := box.Delete(t.Context(), "A", "a1"); !errors.Is(err, errAbsent) {
		t.Errorf("Delete again = %v, want it absent", err)
	}
	if _, err := box.Get(t.Context(), "A", "a1"); !errors.Is(err, errAbsent) {
		t.Errorf("Get = %v, want it absent", err)
	}
	store.err = errFull
	if _, err := box.Delete(t.Context(), "A", "a2"); !errors.Is(err, errFull) {
		t.Errorf("Delete = %v, want the store's failure", err)
	}
}

func TestDelete_finds_it_once(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	send(t, box, text("a1"))
	store.reading = sync.OnceFunc(func() { // somebody else is quicker
		if _, err := box.Drain(t.Context(), inbox.Filter{AccountID: "A"}); err != nil {
			t.Error(err)
		}
	})
	if _, err := box.Delete(t.Context(), "A", "a1"); !errors.Is(err, errAbsent) {
		t.Errorf("Delete = %v, want it absent", err)
	}
}

func TestDrain(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	send(t, box, textOf("A", "p1"), textOf("B", "p2"), textOf("A", "p3"))
	gone, err := box.Drain(t.Context(), inbox.Filter{AccountID: "A"})
	if err != nil || len(gone) != 2 || gone[0].PINID != "p3" || store.count() != 1 {
		t.Errorf("Drain = %d entries, %v with %d left, want p3 and p1 removed", len(gone), err, store.count())
	}
	store.err = errFull
	if _, err := box.Drain(t.Context(), inbox.Filter{AccountID: "B"}); !errors.Is(err, errFull) {
		t.Errorf("Drain = %v, want the store's failure", err)
	}
}

func TestTrim_keeps_the_newest_of_each_account(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box, store := setup(t)
		store.kept = make([]inbox.Entry, inbox.MaxKept+700)
		for n := range store.kept {
			store.kept[n].AccountID = "A"
		}
		other := textOf("B", "p")
		send(t, box, other)
		for range 998 {
			send(t, box, text("a"))
		}
		synctest.Wait()
		if want := inbox.MaxKept + 700 + 999; store.count() != want {
			t.Errorf("kept %d, want %d as long as it is not time to trim", store.count(), want)
		}
		send(t, box, text("a"))
		synctest.Wait()
		if want := inbox.MaxKept + 1; store.count() != want {
			t.Errorf("kept %d, want %d after trimming", store.count(), want)
		}
		if e := store.kept[len(store.kept)-1]; e.Cursor != box.Last() {
			t.Errorf("the newest is %d, want %d", e.Cursor, box.Last())
		}
		if err := box.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
