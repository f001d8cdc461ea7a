package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

// patience is when a test gives up that waits for something.
const patience = 30 * time.Second

// inboxWaitingChecks hold an inbox on top of the store against what waiting promises.
var inboxWaitingChecks = []check{
	{"many waits are each woken by their own text", waitCrowd},
	{"a text that came before is given at once", waitBefore},
	{"a text that comes as a wait begins is not missed", waitRace},
	{"a follower misses nothing and sees it in order", waitFollow},
}

// box is an inbox on the world's store.
func (w *world) box() *inbox.Inbox {
	w.t.Helper()
	box := must(inbox.New(w, func() time.Time { return start }))(w.t)
	w.t.Cleanup(func() { ok(w.t, box.Close(context.Background())) })
	return box
}

func (w *world) text(pinID string) delivery.SMS {
	return delivery.SMS{
		Origin:    delivery.Origin{AccountID: w.account.ID, ApplicationID: w.app.ID, MessageID: w.message.ID, PINID: pinID},
		AttemptID: w.id(), To: ana, From: "Shop", Text: "Your PIN is 123456", PIN: "123456",
	}
}

func waitCrowd(t *testing.T, w *world) {
	box := w.box()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	behind := box.Last()
	var sending sync.WaitGroup
	defer sending.Wait()
	for i := range crowd {
		sending.Go(func() {
			if _, err := box.Send(ctx, w.text(fmt.Sprint("P", i))); err != nil {
				t.Errorf("send %d: got error %v, want none", i, err)
			}
		})
	}
	for i, err := range together(func(i int) error {
		f := inbox.Filter{AccountID: w.account.ID, PINID: fmt.Sprint("P", i)}
		if i%2 == 0 {
			f.After = behind
		}
		e, err := box.Wait(ctx, f)
		if err == nil && e.PINID != f.PINID {
			return fmt.Errorf("got the entry of %s", e.PINID)
		}
		return err
	}) {
		if err != nil {
			t.Errorf("wait %d: got error %v, want its own text", i, err)
		}
	}
}

func waitBefore(t *testing.T, w *world) {
	box := w.box()
	behind := box.Last()
	texts := []delivery.SMS{w.text("P"), w.text("P")}
	for _, m := range texts {
		must(box.Send(t.Context(), m))(t)
	}
	oldest := must(box.Wait(t.Context(), inbox.Filter{AccountID: w.account.ID, After: behind}))(t)
	equal(t, "oldest behind the cursor", oldest.ID, texts[0].AttemptID)
	newest := must(box.Wait(t.Context(), w.whole()))(t)
	equal(t, "newest", newest.ID, texts[1].AttemptID)
	equal(t, "last cursor", box.Last(), newest.Cursor)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := box.Wait(ctx, inbox.Filter{AccountID: w.account.ID, After: newest.Cursor}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait for what does not come: got error %v, want the context's", err)
	}
}

func waitRace(t *testing.T, w *world) {
	box := w.box()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for i := range 200 {
		pinID, behind := fmt.Sprint("P", i), box.Last()
		var both sync.WaitGroup
		for _, after := range []int64{0, behind} {
			both.Go(func() {
				e, err := box.Wait(ctx, inbox.Filter{AccountID: w.account.ID, PINID: pinID, After: after})
				if err != nil || e.PINID != pinID {
					t.Errorf("wait %d behind %d: got the entry of %q, error %v; want it of %s", i, after, e.PINID, err, pinID)
				}
			})
		}
		both.Go(func() {
			if _, err := box.Send(ctx, w.text(pinID)); err != nil {
				t.Errorf("send %d: got error %v, want none", i, err)
			}
		})
		both.Wait()
		if t.Failed() {
			return
		}
	}
}

func waitFollow(t *testing.T, w *world) {
	box := w.box()
	first := must(box.Capture(t.Context(), w.text("P")))(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var sending sync.WaitGroup
	defer sending.Wait()
	for range crowd {
		sending.Go(func() {
			if _, err := box.Send(ctx, w.text("P")); err != nil {
				t.Errorf("got error %v, want none", err)
			}
		})
	}
	done := errors.New("seen all")
	last, seen := first.Cursor, 0
	err := box.Follow(ctx, inbox.Filter{AccountID: w.account.ID, After: first.Cursor}, func(e inbox.Entry) error {
		if e.Cursor <= last {
			t.Errorf("cursor: got %d after %d, want it to rise", e.Cursor, last)
		}
		last = e.Cursor
		if seen++; seen == crowd {
			return done
		}
		return nil
	})
	if !errors.Is(err, done) || seen != crowd {
		t.Errorf("got %d entries, error %v; want %d", seen, err, crowd)
	}
}
