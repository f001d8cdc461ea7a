package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
)

// mostTogether is how many tasks a worker takes at once.
const mostTogether = 512

// queue hands tasks to one worker, which takes all that wait at once.
type queue[T any] struct {
	patience time.Duration
	waiting  chan *task[T]
	work     func([]*task[T])
	ending   chan struct{}
	worker   sync.WaitGroup
}

// task is one caller's part of a batch. work sets err, and whatever it changes in value.
type task[T any] struct {
	value T
	err   error
	state atomic.Int32
	done  chan struct{}
}

// Whoever changes the state from waiting has the task: the worker that takes it or the caller that gives up.
const (
	waiting int32 = iota
	taken
	givenUp
)

// start gives a queue with room for so many tasks, whose worker does work on those it takes together.
func start[T any](patience time.Duration, room int, work func([]*task[T])) *queue[T] {
	q := &queue[T]{
		patience: patience, waiting: make(chan *task[T], room), work: work, ending: make(chan struct{}),
	}
	q.worker.Go(q.run)
	return q
}

// do has a task done and waits for it, no longer than ctx and the patience allow. A task that was not taken yet when the
// wait ends is never done; of one that was taken nobody knows. It gives what the work gave as the task's error.
func (q *queue[T]) do(ctx context.Context, value T) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	one := &task[T]{value: value, done: make(chan struct{})}
	select {
	case <-q.ending:
		return errClosed
	default:
	}
	select {
	case q.waiting <- one:
	default:
		return &fault.Error{
			Kind: fault.Unavailable, Text: "The store has more to do than it can", RetryAfter: time.Second, Err: errFull,
		}
	}
	patience := time.NewTimer(q.patience)
	defer patience.Stop()
	select {
	case <-one.done:
		return one.err
	case <-ctx.Done():
		one.state.CompareAndSwap(waiting, givenUp)
		return ctx.Err()
	case <-patience.C:
		one.state.CompareAndSwap(waiting, givenUp)
		return context.DeadlineExceeded
	case <-q.ending:
	}
	// The worker answers what it has taken; of the rest nobody is left to take it.
	q.worker.Wait()
	if one.state.CompareAndSwap(waiting, givenUp) {
		return errClosed
	}
	<-one.done
	return one.err
}

var errFull = errors.New("the queue is full")

func (q *queue[T]) run() {
	for {
		select {
		case <-q.ending:
			return
		case first := <-q.waiting:
			select {
			case <-q.ending: // whoever waits is told so
				return
			default:
				q.carryOut(q.gather(first))
			}
		}
	}
}

// gather takes what waits. It lets callers that can run do so first, as they may be about to add to it; it waits for
// nobody.
func (q *queue[T]) gather(first *task[T]) []*task[T] {
	runtime.Gosched()
	runtime.Gosched()
	var all []*task[T]
	for next := first; ; {
		if next.state.CompareAndSwap(waiting, taken) {
			all = append(all, next)
		}
		if len(all) == mostTogether {
			return all
		}
		select {
		case next = <-q.waiting:
		default:
			return all
		}
	}
}

// carryOut works on tasks and tells their callers that it is done. A panic is a failure of all of them: none may be taken
// for done, and the others of the process go on.
func (q *queue[T]) carryOut(tasks []*task[T]) {
	defer func() {
		if reason := recover(); reason != nil {
			for _, one := range tasks {
				one.err = fmt.Errorf("panic: %v", reason)
			}
		}
		for _, one := range tasks {
			close(one.done)
		}
	}()
	q.work(tasks)
}

// close ends the queue once the worker has answered what it works on.
func (q *queue[T]) close() {
	close(q.ending)
	q.worker.Wait()
}
