package inbox_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var errFull = errors.New("disk is full")

func setup(tb testing.TB) (*inbox.Inbox, *entries) {
	tb.Helper()
	store := &entries{}
	box, err := inbox.New(store, func() time.Time { return noon })
	if err != nil {
		tb.Fatal(err)
	}
	return box, store
}

func text(id string) delivery.SMS {
	return delivery.SMS{
		Origin:    delivery.Origin{AccountID: "A", ApplicationID: "B", MessageID: "C", PINID: "D"},
		AttemptID: id, To: "41793026727", From: "Bank", Text: "Your PIN: 4807 €", PIN: "4807",
	}
}

func TestNew_refuses_missing_dependencies(t *testing.T) {
	t.Parallel()
	if box, err := inbox.New(nil, time.Now); box != nil || err == nil {
		t.Errorf("New without a store = %v, %v, want an error", box, err)
	}
	if box, err := inbox.New(&entries{}, nil); box != nil || err == nil {
		t.Errorf("New without a clock = %v, %v, want an error", box, err)
	}
	if box, err := inbox.New(&entries{err: errFull}, time.Now); box != nil || !errors.Is(err, errFull) {
		t.Errorf("New with a store that fails = %v, %v, want its failure", box, err)
	}
}

func TestSend_keeps_the_text_readable_and_reports_it_delivered(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	accepted, err := box.Send(t.Context(), text("a1"))
	if err != nil {
		t.Fatal(err)
	}
	if want := (delivery.Accepted{Carrier: inbox.Name, RemoteID: "a1", Parts: 1, Encoding: "GSM-7", State: delivery.StateDelivered}); !reflect.DeepEqual(accepted, want) {
		t.Errorf("Send = %+v, want %+v", accepted, want)
	}
	want := inbox.Entry{
		Origin: delivery.Origin{AccountID: "A", ApplicationID: "B", MessageID: "C", PINID: "D"}, Cursor: 2,
		ID: "a1", Channel: "SMS", To: "41793026727", From: "Bank", Text: "Your PIN: 4807 €", PIN: "4807",
		Encoding: "GSM-7", Segments: 1, At: noon,
	}
	if len(store.kept) != 1 || store.kept[0] != want {
		t.Errorf("kept %d entries: %+v, want one: %+v", len(store.kept), store.kept, want)
	}
}

func TestSend_keeps_what_the_lookup_said(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	for _, status := range []string{"NC_DESTINATION_REACHABLE", ""} {
		m := text("a1")
		m.NCStatus = status
		send(t, box, m)
		if got := store.kept[len(store.kept)-1].NCStatus; got != status {
			t.Errorf("kept %q, want %q", got, status)
		}
	}
}

func TestSend_counts_the_parts_of_a_long_text(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	long := text("a1")
	long.Text = delivery.Text(string(slices.Repeat([]rune{'ж'}, 71)))
	accepted, err := box.Send(t.Context(), long)
	if err != nil || accepted.Parts != 2 || accepted.Encoding != "UCS-2" {
		t.Errorf("Send = %+v, %v, want 2 parts in UCS-2", accepted, err)
	}
	if got := store.kept[0]; got.Segments != 2 || got.Encoding != "UCS-2" {
		t.Errorf("kept %d parts in %s, want 2 in UCS-2", got.Segments, got.Encoding)
	}
}

func TestSend_refuses_what_the_store_cannot_keep(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	store.err = errFull
	_, err := box.Send(t.Context(), text("a1"))
	if _, ok := errors.AsType[*delivery.Error](err); !ok || delivery.ClassOf(err) != delivery.Temporary || !errors.Is(err, errFull) {
		t.Errorf("Send = %v, want a temporary *delivery.Error with the cause", err)
	}
}

func TestDial_is_a_call_that_a_person_took(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	ongoing, err := box.Dial(t.Context(), delivery.Call{
		Origin:    delivery.Origin{AccountID: "A", ApplicationID: "B", MessageID: "C", PINID: "D"},
		AttemptID: "a1", To: "41793026727", From: "Bank",
		Prompt: delivery.Prompt{Phrases: []string{"Your PIN is ", ""}, PIN: "4807"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ongoing.Hangup()
	<-ongoing.Done()
	end, err := ongoing.Result()
	if want := (delivery.CallEnd{Status: delivery.CallProcessed, Answered: noon, Ended: noon, Plays: 1}); err != nil || !reflect.DeepEqual(end, want) {
		t.Errorf("Result = %+v, %v, want %+v", end, err, want)
	}
	want := inbox.Entry{
		Origin: delivery.Origin{AccountID: "A", ApplicationID: "B", MessageID: "C", PINID: "D"}, Cursor: 2,
		ID: "a1", Channel: "VOICE", To: "41793026727", From: "Bank", Text: "Your PIN is 4807",
		Spoken: "Your PIN is 4. 8. 0. 7", PIN: "4807", CallStatus: "PROCESSED", At: noon,
	}
	if len(store.kept) != 1 || store.kept[0] != want {
		t.Errorf("kept %d entries: %+v, want one: %+v", len(store.kept), store.kept, want)
	}
}

func TestDial_refuses_what_the_store_cannot_keep(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	store.err = errFull
	ongoing, err := box.Dial(t.Context(), delivery.Call{AttemptID: "a1"})
	if ongoing != nil || delivery.CallStatusOf(err) != delivery.CallError || !errors.Is(err, errFull) {
		t.Errorf("Dial = %v, %v, want no call and %s with the cause", ongoing, err, delivery.CallError)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	t.Run("ends the receipts and refuses texts from then on", func(t *testing.T) {
		t.Parallel()
		box, store := setup(t)
		for range 2 { // closing again does nothing
			if err := box.Close(t.Context()); err != nil {
				t.Fatalf("Close = %v, want nil", err)
			}
		}
		if _, open := <-box.Receipts(); open {
			t.Error("the receipts are open, want them closed")
		}
		if _, err := box.Send(t.Context(), text("late")); delivery.ClassOf(err) != delivery.Temporary || err == nil {
			t.Errorf("Send = %v, want a refusal", err)
		}
		if ongoing, err := box.Dial(t.Context(), delivery.Call{AttemptID: "late"}); ongoing != nil || !errors.Is(err, inbox.ErrClosed) {
			t.Errorf("Dial = %v, %v, want a refusal", ongoing, err)
		}
		if len(store.kept) != 0 {
			t.Errorf("kept %d entries, want none", len(store.kept))
		}
	})
	t.Run("waits for a text that is being kept", func(t *testing.T) {
		t.Parallel()
		box, store := setup(t)
		closed := make(chan error, 1)
		store.keeping = func() {
			go func() { closed <- box.Close(t.Context()) }()
			select {
			case <-closed:
				t.Error("Close returned while a text was being kept, want it to wait")
			case <-time.After(20 * time.Millisecond):
			}
		}
		if _, err := box.Send(t.Context(), text("a1")); err != nil {
			t.Errorf("Send = %v, want the text kept", err)
		}
		if err := <-closed; err != nil {
			t.Errorf("Close = %v, want nil", err)
		}
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	for _, id := range []string{"a1", "a2"} {
		if _, err := box.Send(t.Context(), text(id)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := box.List(t.Context(), inbox.Filter{AccountID: "A", To: "41793026727", PINID: "D"})
	if err != nil || len(list) != 2 || list[0].ID != "a2" || store.max != inbox.MaxEntries {
		t.Errorf("List = %d entries, %v, at most %d, want two of at most %d, newest first", len(list), err, store.max, inbox.MaxEntries)
	}
	if list, err := box.List(t.Context(), inbox.Filter{AccountID: "other"}); err != nil || len(list) != 0 {
		t.Errorf("List of another account = %d entries, %v, want none", len(list), err)
	}
	store.err = errFull
	if _, err := box.List(t.Context(), inbox.Filter{}); !errors.Is(err, errFull) {
		t.Errorf("List = %v, want the store's failure", err)
	}
}

func TestInbox_is_always_up(t *testing.T) {
	t.Parallel()
	box, _ := setup(t)
	if health := box.Health(); !health.Up || health.Detail == "" || box.Name() != "inbox" {
		t.Errorf("%s: %+v, want inbox to be up", box.Name(), health)
	}
}
