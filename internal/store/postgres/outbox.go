package postgres

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

const (
	lull       = 10 * time.Millisecond // that outcomes wait for others
	mostPosted = 16_384                // outcomes that wait
)

// outbox has the outcomes that nobody waits for, and writes many of them at a time: the message is out, its PIN on disk, and
// the outcome of a process that dies is found abandoned. Whoever is to see them waits until they are written.
type outbox struct {
	write  func([]*quickFinish)
	begun  chan struct{} // has something when the first outcome of a post came
	hurry  chan struct{} // has something when somebody waits
	ending sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	gathering *post
	writing   *post // nil when none is
}

// post is outcomes that are written together.
type post struct {
	outcomes []*quickFinish
	written  chan struct{}
}

func newPost() *post { return &post{written: make(chan struct{})} }

// newOutbox gives an outbox whose outcomes write writes, which says itself what is lost.
func newOutbox(write func([]*quickFinish)) *outbox {
	o := &outbox{write: write, begun: make(chan struct{}, 1), hurry: make(chan struct{}, 1), gathering: newPost()}
	o.ending.Go(o.run)
	return o
}

// add takes an outcome, or gives false when it has too many or is closed. One with an id of the carrier's is written at once: a
// receipt may look for it on another replica.
func (o *outbox) add(q *quickFinish) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || len(o.gathering.outcomes) == mostPosted {
		return false
	}
	o.gathering.outcomes = append(o.gathering.outcomes, q)
	if len(o.gathering.outcomes) == 1 {
		signal(o.begun)
	}
	if len(o.gathering.outcomes) == mostTogether || q.outcome.RemoteID != "" && q.outcome.RemoteID != q.outcome.DeliveryID {
		signal(o.hurry)
	}
	return true
}

// signal says something once to whoever listens next.
func signal(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

func (o *outbox) run() {
	for range o.begun {
		pause := time.NewTimer(lull)
		select {
		case <-pause.C:
		case <-o.hurry:
		}
		pause.Stop()
		o.mu.Lock()
		all := o.gathering
		o.gathering, o.writing = newPost(), all
		o.mu.Unlock()
		for some := range slices.Chunk(all.outcomes, mostTogether) {
			o.carryOut(some)
		}
		o.mu.Lock()
		o.writing = nil
		o.mu.Unlock()
		close(all.written)
	}
}

// carryOut writes outcomes. A panic is a failure of all of them.
func (o *outbox) carryOut(outcomes []*quickFinish) {
	defer func() {
		if reason := recover(); reason != nil {
			for _, q := range outcomes {
				q.outcome.Lost(fmt.Errorf("finish delivery: panic: %v", reason))
			}
		}
	}()
	o.write(outcomes)
}

// see waits until the outcomes are written that were added before and that is is true of, or all when it is nil.
func (o *outbox) see(ctx context.Context, is func(pin.Outcome, deliveryNumber) bool) error {
	has := func(p *post) bool {
		return p != nil && slices.ContainsFunc(p.outcomes, func(q *quickFinish) bool { return is == nil || is(q.outcome, q.number) })
	}
	o.mu.Lock()
	awaited := o.gathering // which is written last
	switch {
	case has(awaited):
		signal(o.hurry)
	case has(o.writing):
		awaited = o.writing
	default:
		o.mu.Unlock()
		return nil
	}
	o.mu.Unlock()
	select {
	case <-awaited.written:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close writes what there is, and takes nothing more.
func (o *outbox) close() {
	o.mu.Lock()
	if !o.closed {
		o.closed = true
		close(o.begun) // what was said before is heard all the same
		signal(o.hurry)
	}
	o.mu.Unlock()
	o.ending.Wait()
}
