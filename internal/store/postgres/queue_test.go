package postgres

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
)

// held is a queue whose worker waits to be let go, and notes what it works on.
type held struct {
	*queue[int]
	goOn    chan struct{}
	working chan struct{}
	mu      sync.Mutex
	done    []int
}

func newHeld(t *testing.T, patience time.Duration, room int) *held {
	t.Helper()
	h := &held{goOn: make(chan struct{}), working: make(chan struct{}, 100)}
	h.queue = start(patience, room, func(tasks []*task[int]) {
		h.working <- struct{}{}
		<-h.goOn
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, one := range tasks {
			h.done = append(h.done, one.value)
		}
	})
	return h
}

// busy gives the worker one task to wait in.
func (h *held) busy(t *testing.T) (wait func() error) {
	t.Helper()
	result := make(chan error, 1)
	go func() { result <- h.do(t.Context(), 0) }()
	<-h.working
	return func() error { return <-result }
}

func TestQueue_is_full(t *testing.T) {
	t.Parallel()
	h := newHeld(t, time.Minute, 1)
	first := h.busy(t)
	second := make(chan error, 1)
	go func() { second <- h.do(t.Context(), 1) }()
	for len(h.waiting) == 0 {
		time.Sleep(time.Millisecond)
	}
	err := h.do(t.Context(), 2)
	if f, is := errors.AsType[*fault.Error](err); !is || f.Kind != fault.Unavailable || f.RetryAfter == 0 {
		t.Errorf("got error %v, want one of kind Unavailable that says when to try again", err)
	}
	close(h.goOn)
	if err := errors.Join(first(), <-second); err != nil {
		t.Errorf("got error %v, want none for those that had room", err)
	}
	h.close()
}

func TestQueue_those_that_give_up_are_never_done(t *testing.T) {
	t.Parallel()
	h := newHeld(t, 50*time.Millisecond, 10)
	first := h.busy(t)
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan error, 1)
	go func() { given <- h.do(ctx, 1) }()
	for len(h.waiting) == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got error %v, want the context's", err)
	}
	if err := h.do(ctx, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: got error %v, want the context's", err)
	}
	if err := h.do(t.Context(), 3); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("out of patience: got error %v, want that the time is over", err)
	}
	if err := first(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("out of patience while it is worked on: got error %v, want that the time is over", err)
	}
	close(h.goOn)
	h.close()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.done) != 1 || h.done[0] != 0 {
		t.Errorf("done: got %v, want the first alone", h.done)
	}
}

func TestQueue_close_answers_everybody(t *testing.T) {
	t.Parallel()
	h := newHeld(t, time.Minute, 100)
	first := h.busy(t)
	results := make(chan error, 10)
	for i := range cap(results) {
		go func() { results <- h.do(t.Context(), i+1) }()
	}
	for len(h.waiting) < cap(results) {
		time.Sleep(time.Millisecond)
	}
	time.AfterFunc(10*time.Millisecond, func() { close(h.goOn) })
	h.close()
	if err := first(); err != nil {
		t.Errorf("under way: got error %v, want none", err)
	}
	for range cap(results) {
		if err := <-results; !errors.Is(err, errClosed) {
			t.Errorf("waiting: got error %v, want that the store is closed", err)
		}
	}
	if err := h.do(t.Context(), 1); !errors.Is(err, errClosed) {
		t.Errorf("after that: got error %v, want that the store is closed", err)
	}
}

func TestQueue_panic_is_a_failure_of_those_in_it(t *testing.T) {
	t.Parallel()
	q := start(time.Minute, 10, func(tasks []*task[int]) {
		if tasks[0].value == 1 {
			panic("odd")
		}
	})
	if err := q.do(t.Context(), 1); err == nil {
		t.Error("got no error, want one for a panic")
	}
	if err := q.do(t.Context(), 2); err != nil {
		t.Errorf("got error %v, want none after a panic", err)
	}
	q.close()
}
