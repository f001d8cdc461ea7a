package pin

import (
	"context"
	"crypto/sha256"
	"sync"
)

// turn names what requests take turns for: the key of an account.
type turn struct {
	accountID string
	keyHash   [sha256.Size]byte
}

// turns lets requests with the same key go one after the other.
type turns struct {
	mu    sync.Mutex
	lines map[turn]*line
}

// line is the requests with one key: the one whose turn it is, and those that wait.
type line struct {
	head chan struct{} // holds the one whose turn it is
	size int
}

// take waits for a turn, or until ctx ends. The caller gives the turn back.
func (t *turns) take(ctx context.Context, of turn) (release func(), err error) {
	t.mu.Lock()
	if t.lines == nil {
		t.lines = map[turn]*line{}
	}
	l := t.lines[of]
	if l == nil {
		l = &line{head: make(chan struct{}, 1)}
		t.lines[of] = l
	}
	l.size++
	t.mu.Unlock()
	select {
	case l.head <- struct{}{}:
		return func() { <-l.head; t.leave(of, l) }, nil
	case <-ctx.Done():
		t.leave(of, l)
		return nil, ctx.Err()
	}
}

// leave forgets the line when nobody is left in it.
func (t *turns) leave(of turn, l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.size--; l.size == 0 {
		delete(t.lines, of)
	}
}
