package smpp

import (
	"context"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

// The pauses after an SMSC asked to slow down.
const (
	brakeFirst  = 100 * time.Millisecond
	brakeMost   = 5 * time.Second
	brakeLogGap = 10 * time.Second
)

// brake holds all messages back for a while after the SMSC said that we are too fast; each time longer, until one passes.
type brake struct {
	now func() time.Time

	mu     sync.Mutex
	pause  time.Duration // the last one; 0 when the SMSC is content
	until  time.Time
	status pdu.Status
	logged time.Time
	hits   int // since logged
}

// hit notes that the SMSC asked to slow down. Those that were under way together count once. The count is how often since
// the last time that it is to be logged, or 0 when it is not to be logged now.
func (b *brake) hit(status pdu.Status) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if !now.Before(b.until) {
		b.pause = min(max(2*b.pause, brakeFirst), brakeMost)
		b.until = now.Add(b.pause)
	}
	b.status = status
	b.hits++
	if now.Sub(b.logged) < brakeLogGap {
		return 0
	}
	count := b.hits
	b.logged, b.hits = now, 0
	return count
}

// ease notes that a message passed.
func (b *brake) ease() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pause == 0 || b.now().Before(b.until) {
		return
	}
	if b.pause /= 2; b.pause < brakeFirst {
		b.pause = 0
	}
}

// slowed tells whether the SMSC asked to slow down lately.
func (b *brake) slowed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pause > 0
}

// left is how long messages are still held back, and what the SMSC said.
func (b *brake) left() (time.Duration, pdu.Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until.Sub(b.now()), b.status
}

// wait passes the pause. It fails at once when the pause is longer than ctx lasts.
func (b *brake) wait(ctx context.Context, carrier string) error {
	for {
		left, status := b.left()
		if left <= 0 {
			return nil
		}
		held := &delivery.Error{Class: delivery.Throttled, Carrier: carrier, Code: status.String(), RetryAfter: left}
		if deadline, limited := ctx.Deadline(); limited && time.Until(deadline) < left {
			return held
		}
		if err := sleep(ctx, left); err != nil {
			held.Err = err
			return held
		}
	}
}

// sleep passes a time, or ends with ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
