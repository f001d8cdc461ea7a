package observe

import (
	"io"
	"sync"
	"time"
)

// How long a line may wait for others, and how many bytes wait at most.
const (
	batchTime = 10 * time.Millisecond
	batchSize = 64 << 10
)

// Batch writes the lines of a busy service together: a write for each costs as much as all else that becomes of a line. A line
// of a request waits for batchTime at most; a warning, an error or a line of no request is written at once, and all before it.
// Whoever kills the process may lose what waits. Flush before the end.
type Batch struct {
	to    io.Writer
	mu    sync.Mutex
	lines []byte
	timed bool // a flush is to come
}

// NewBatch gives a writer for NewLogger. Writes to the one behind it come one after the other.
func NewBatch(to io.Writer) *Batch { return &Batch{to: to} }

// Write keeps lines, and gives the error of those that it writes because there are too many.
func (b *Batch) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, p...)
	if len(b.lines) >= batchSize {
		return len(p), b.write()
	}
	if !b.timed {
		b.timed = true
		time.AfterFunc(batchTime, func() { _ = b.Flush() }) // nobody is there to hear of it
	}
	return len(p), nil
}

// Flush writes what waits.
func (b *Batch) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timed = false
	return b.write()
}

func (b *Batch) write() error {
	if len(b.lines) == 0 {
		return nil
	}
	_, err := b.to.Write(b.lines)
	b.lines = b.lines[:0]
	return err
}
