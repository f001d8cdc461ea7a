package postgres

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

// posted is an outbox that notes what it writes, as what takes a while.
func posted(took time.Duration) (o *outbox, written func() []int64) {
	var numbers []int64
	o = newOutbox(func(outcomes []*quickFinish) {
		time.Sleep(took)
		for _, q := range outcomes {
			numbers = append(numbers, q.number.pin)
		}
	})
	return o, func() []int64 {
		o.mu.Lock()
		defer o.mu.Unlock()
		return slices.Clone(numbers)
	}
}

func finishOf(pinNumber int64) *quickFinish {
	return &quickFinish{number: deliveryNumber{pin: pinNumber}}
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const took = time.Second
		o, written := posted(took)
		begin := time.Now()
		want := func(after time.Duration, numbers ...int64) {
			t.Helper()
			synctest.Wait()
			if got, since := written(), time.Since(begin); !slices.Equal(got, numbers) || since != after {
				t.Errorf("after %v: wrote %v, want %v after %v", since, got, numbers, after)
			}
			begin = time.Now()
		}
		o.add(finishOf(1))
		time.Sleep(lull - 1)
		o.add(finishOf(2))
		time.Sleep(took + 1)
		want(lull+took, 1, 2) // both at once

		o.add(finishOf(3))
		of := func(n int64) func(pin.Outcome, deliveryNumber) bool {
			return func(_ pin.Outcome, d deliveryNumber) bool { return d.pin == n }
		}
		for _, other := range []int64{2, 4} { // written, and not there
			if err := o.see(t.Context(), of(other)); err != nil {
				t.Error(err)
			}
		}
		want(0, 1, 2)
		if err := o.see(t.Context(), of(3)); err != nil {
			t.Error(err)
		}
		want(took, 1, 2, 3) // without a lull

		o.add(finishOf(4))
		time.Sleep(lull + 1)
		o.add(finishOf(5))
		if err := o.see(t.Context(), of(4)); err != nil { // which is under way
			t.Error(err)
		}
		want(lull+took, 1, 2, 3, 4)
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := o.see(gone, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("who has left got error %v", err)
		}
		named := finishOf(6)
		named.outcome.RemoteID = "the carrier's"
		o.add(named)
		time.Sleep(took)
		want(took, 1, 2, 3, 4, 5, 6)

		o.add(finishOf(7))
		o.close()
		want(took, 1, 2, 3, 4, 5, 6, 7)
		if o.add(finishOf(8)) {
			t.Error("it takes outcomes when it is closed")
		}
		o.close()
	})
}

func TestOutbox_that_is_full(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, written := posted(time.Second)
		o.add(finishOf(0))
		time.Sleep(lull)
		synctest.Wait()
		for n := range mostPosted {
			if !o.add(finishOf(int64(n))) {
				t.Fatalf("it is full with %d", n)
			}
		}
		if o.add(finishOf(0)) {
			t.Error("it takes more than it has room for")
		}
		o.close()
		if got := len(written()); got != mostPosted+1 {
			t.Errorf("wrote %d, want %d", got, mostPosted+1)
		}
	})
}

func TestOutbox_of_what_panics(t *testing.T) {
	t.Parallel()
	o := newOutbox(func([]*quickFinish) { panic("no") })
	defer o.close()
	for range 2 { // it goes on
		lost := make(chan error, 1)
		o.add(&quickFinish{outcome: pin.Outcome{Lost: func(err error) { lost <- err }}})
		if err := <-lost; err == nil {
			t.Error("got no error")
		}
	}
}
