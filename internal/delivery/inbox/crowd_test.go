package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

// crowd is how many wait at once.
const crowd = 1000

// waiting lets a crowd wait, each as filter says, until ctx ends. woken counts those who got an entry.
func waiting(ctx context.Context, tb testing.TB, box *inbox.Inbox, filter func(n int) inbox.Filter) (woken *atomic.Int64, all *sync.WaitGroup) {
	tb.Helper()
	woken, all = &atomic.Int64{}, &sync.WaitGroup{}
	for n := range crowd {
		all.Go(func() {
			f := filter(n)
			switch e, err := box.Wait(ctx, f); {
			case err == nil && f.Fits(e):
				woken.Add(1)
			case !errors.Is(err, context.Canceled):
				tb.Errorf("waiter %d got PIN %s of account %s, %v; want one that fits or the context's end", n, e.PINID, e.AccountID, err)
			}
		})
	}
	return woken, all
}

// unfitting are filters that no text of textOf fits, some with a cursor.
func unfitting(n int) inbox.Filter {
	f := inbox.Filter{AccountID: "A", After: int64(n % 2)}
	switch n % 6 {
	case 0:
		f.AccountID, f.PINID = fmt.Sprint("A", n%10), "nobody's"
	case 1:
		f.PINID = fmt.Sprint("of ", n)
	case 2:
		f.To = "41793026746"
	case 3:
		f.ApplicationID = "another"
	case 4:
		f.Channel = inbox.ChannelVoice
	case 5:
		f.Since = noon.Add(time.Hour)
	}
	return f
}

// TestWait_of_a_crowd_costs_nothing lets a thousand wait while texts come that are not theirs. Time passes in a bubble only
// while all of them sleep, so nobody looks again and again.
func TestWait_of_a_crowd_costs_nothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box, store := setup(t)
		ctx, hangUp := context.WithCancel(t.Context())
		woken, all := waiting(ctx, t, box, unfitting)
		synctest.Wait()
		if got := store.read(); got != crowd {
			t.Errorf("%d waiters read %d times as they begin, want once each", crowd, got)
		}
		for n := range 300 {
			time.Sleep(time.Second)
			send(t, box, textOf(fmt.Sprint("A", n%10), fmt.Sprint("p", n)), textOf("A", fmt.Sprint("p", n)))
		}
		time.Sleep(time.Hour)
		if got := store.read(); got != crowd || woken.Load() != 0 {
			t.Errorf("%d waiters read %d times and %d woke after 600 texts of others, want no reading more and nobody", crowd, got, woken.Load())
		}
		hangUp()
		all.Wait()
	})
}

func TestWait_one_text_wakes_those_whom_it_fits(t *testing.T) {
	t.Parallel()
	kinds := []struct {
		filter inbox.Filter
		fits   bool
	}{
		{inbox.Filter{AccountID: "A", PINID: "p1"}, true},
		{inbox.Filter{AccountID: "A", PINID: "p1", After: 1}, true},
		{inbox.Filter{AccountID: "A", To: "41793026727", ApplicationID: "B", Channel: inbox.ChannelSMS}, true},
		{inbox.Filter{AccountID: "A", Since: noon}, true},
		{inbox.Filter{AccountID: "B", PINID: "p1"}, false},
		{inbox.Filter{AccountID: "A", PINID: "p2"}, false},
		{inbox.Filter{AccountID: "A", PINID: "p1", To: "41793026746"}, false},
		{inbox.Filter{AccountID: "A", PINID: "p1", Channel: inbox.ChannelVoice}, false},
		{inbox.Filter{AccountID: "A", PINID: "p1", ApplicationID: "another"}, false},
		{inbox.Filter{AccountID: "A", PINID: "p1", Since: noon.Add(time.Millisecond)}, false},
		{inbox.Filter{AccountID: "A", PINID: "p1", After: 1000}, false},
		{inbox.Filter{AccountID: "A", PINID: "p1", Before: 2}, false},
	}
	fitting := 0
	for n := range crowd {
		if kinds[n%len(kinds)].fits {
			fitting++
		}
	}
	synctest.Test(t, func(t *testing.T) {
		box, store := setup(t)
		ctx, hangUp := context.WithCancel(t.Context())
		woken, all := waiting(ctx, t, box, func(n int) inbox.Filter { return kinds[n%len(kinds)].filter })
		synctest.Wait()
		send(t, box, textOf("A", "p1"))
		synctest.Wait()
		if got := woken.Load(); got != int64(fitting) {
			t.Errorf("%d of %d woke, want the %d whom the text fits", got, crowd, fitting)
		}
		if got := store.read() - crowd; got != fitting {
			t.Errorf("they read %d times more, want once for each of the %d who woke", got, fitting)
		}
		hangUp()
		all.Wait()
	})
}

// TestWait_misses_nothing_that_comes_as_it_begins lets a text and waits for it begin at once, again and again, so that the
// text comes before, while and after each wait looks and falls asleep.
func TestWait_misses_nothing_that_comes_as_it_begins(t *testing.T) {
	t.Parallel()
	box, store := setup(t)
	dawdle := func() { time.Sleep(rand.N(100 * time.Microsecond)) }
	store.keeping, store.reading = dawdle, dawdle // a reader hears of what it read a while later
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for n := range 500 {
		pinID, behind := fmt.Sprint("p", n), box.Last()
		begin := make(chan struct{})
		var both sync.WaitGroup
		for _, after := range []int64{0, 0, behind, behind} {
			both.Go(func() {
				<-begin
				e, err := box.Wait(ctx, inbox.Filter{AccountID: "A", PINID: pinID, After: after})
				if err != nil || e.PINID != pinID {
					t.Errorf("Wait %d behind %d = %s, %v, want %s", n, after, e.PINID, err, pinID)
				}
			})
		}
		both.Go(func() {
			<-begin
			send(t, box, textOf("A", pinID))
		})
		close(begin)
		both.Wait()
		store.empty()
		if t.Failed() {
			return
		}
	}
}
