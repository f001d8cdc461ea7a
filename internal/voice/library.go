package voice

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// forgiveness is how long a phrase that could not be spoken is not tried again, so that a program that hangs does not hold up
// every call.
const forgiveness = 10 * time.Second

var (
	errOff    = errors.New("no speech program is set up")
	errClosed = errors.New("speech has been closed")
)

// library keeps spoken phrases, and has each spoken once however many calls ask for it.
type library struct {
	engine Synthesiser
	now    func() time.Time
	life   context.Context // ends with close
	end    context.CancelFunc
	busy   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	shelf  *simplelru.LRU[Phrase, *recording]
	room   int // samples that still fit
}

// recording is a spoken phrase, or one that is being spoken.
type recording struct {
	done chan struct{} // closed when what follows is there
	pcm  []int16
	err  error
	at   time.Time
}

// maxPhrases bounds the phrases kept, however short they are.
const maxPhrases = 10000

func newLibrary(cfg Config, engine Synthesiser, now func() time.Time) *library {
	l := &library{engine: engine, now: now, room: cfg.CacheMegabytes << 20 / 2}
	l.life, l.end = context.WithCancel(context.Background())
	// The only error is a size that is not positive.
	l.shelf, _ = simplelru.NewLRU(maxPhrases, func(_ Phrase, r *recording) { l.room += len(r.pcm) })
	return l
}

// get gives a phrase as sound, which the caller must not change.
func (l *library) get(ctx context.Context, p Phrase) ([]int16, error) {
	r, err := l.find(p)
	if err != nil {
		return nil, err
	}
	select {
	case <-r.done:
		return r.pcm, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for speech: %w", ctx.Err())
	}
}

// find gives the recording of a phrase, and has it made when there is none. It is made for all who wait, so it does not end
// with the one who asked first.
func (l *library) find(p Phrase) (*recording, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r, kept := l.shelf.Get(p); kept && !l.stale(r) {
		return r, nil
	}
	if l.closed {
		return nil, errClosed
	}
	l.shelf.Remove(p)
	r := &recording{done: make(chan struct{})}
	l.shelf.Add(p, r)
	l.busy.Go(func() { l.make(p, r) })
	return r, nil
}

// stale tells that a failure is old enough to try again.
func (l *library) stale(r *recording) bool {
	select {
	case <-r.done:
		return r.err != nil && l.now().Sub(r.at) >= forgiveness
	default:
		return false
	}
}

func (l *library) make(p Phrase, r *recording) {
	defer close(r.done)
	pcm, err := l.engine.Speak(l.life, p)
	l.mu.Lock()
	defer l.mu.Unlock()
	r.err, r.at = err, l.now()
	if err != nil {
		return
	}
	r.pcm = pcm
	if kept, ok := l.shelf.Peek(p); !ok || kept != r {
		return // it was put off the shelf meanwhile, and takes no room
	}
	for l.room -= len(pcm); l.room < 0 && l.shelf.Len() > 0; {
		l.shelf.RemoveOldest()
	}
}

// close ends the phrases being spoken and waits for them.
func (l *library) close(ctx context.Context) error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.end()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		l.busy.Wait()
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the speech program: %w", ctx.Err())
	}
}
