package inbox

import (
	"context"
	"fmt"
	"sync"
)

// Wait gives an entry that fits: behind the cursor f.After the oldest, and without a cursor the newest. When there is
// none it waits until one is captured, or gives ctx's error when ctx ends first, or ErrClosed.
func (i *Inbox) Wait(ctx context.Context, f Filter) (Entry, error) {
	// Who waits is known before the store is asked, so that an entry that comes in between is not missed.
	wake, leave := i.bell.enter(f)
	defer leave()
	for {
		e, found, err := i.next(ctx, f)
		if err != nil || found {
			return e, err
		}
		if err := i.sleep(ctx, wake); err != nil {
			return Entry{}, err
		}
	}
}

// Follow calls back with every entry that fits, in the order of their cursors: first those there are behind f.After,
// then each new one. It ends with ctx's error when ctx ends, with ErrClosed, or with what the call back gives.
func (i *Inbox) Follow(ctx context.Context, f Filter, each func(Entry) error) error {
	wake, leave := i.bell.enter(f)
	defer leave()
	for {
		e, found, err := i.oldest(ctx, f)
		if err != nil {
			return err
		}
		if found {
			if err := each(e); err != nil {
				return err
			}
			f.After = e.Cursor
			continue
		}
		if err := i.sleep(ctx, wake); err != nil {
			return err
		}
	}
}

// next is what Wait takes of what there is.
func (i *Inbox) next(ctx context.Context, f Filter) (Entry, bool, error) {
	if f.After > 0 {
		return i.oldest(ctx, f)
	}
	newest, err := i.store.Entries(ctx, f, 1)
	if err != nil {
		return Entry{}, false, failed(ctx, err)
	}
	if len(newest) == 0 {
		return Entry{}, false, nil
	}
	return newest[0], true, nil
}

func (i *Inbox) oldest(ctx context.Context, f Filter) (Entry, bool, error) {
	e, found, err := i.store.OldestEntry(ctx, f)
	if err != nil {
		return Entry{}, false, failed(ctx, err)
	}
	return e, found, nil
}

// failed is what a reader gets; a reading that ctx cut short is no failure of the store.
func failed(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	return fmt.Errorf("read inbox: %w", err)
}

// sleep waits for a fitting entry without any work.
func (i *Inbox) sleep(ctx context.Context, wake <-chan struct{}) error {
	select {
	case <-wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-i.closing:
		return ErrClosed
	}
}

// bell wakes those who wait for an entry. It asks the filters of those who wait in the entry's account, so that a put
// wakes nobody in vain; who does not wait costs nothing.
type bell struct {
	mu      sync.Mutex
	waiting map[string]map[*waiter]struct{} // by account
}

// waiter is one who waits. Its channel holds one call, so that ringing never blocks and a call is never lost.
type waiter struct {
	filter Filter
	wake   chan struct{}
}

// enter begins to wait for entries that fit; leave ends it.
func (b *bell) enter(f Filter) (wake <-chan struct{}, leave func()) {
	w := &waiter{filter: f, wake: make(chan struct{}, 1)}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting == nil {
		b.waiting = map[string]map[*waiter]struct{}{}
	}
	if b.waiting[f.AccountID] == nil {
		b.waiting[f.AccountID] = map[*waiter]struct{}{}
	}
	b.waiting[f.AccountID][w] = struct{}{}
	return w.wake, func() { b.leave(w) }
}

func (b *bell) leave(w *waiter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	room := b.waiting[w.filter.AccountID]
	delete(room, w)
	if len(room) == 0 {
		delete(b.waiting, w.filter.AccountID)
	}
}

// ring wakes those whom an entry fits.
func (b *bell) ring(e Entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := range b.waiting[e.AccountID] {
		if !w.filter.Fits(e) {
			continue
		}
		select {
		case w.wake <- struct{}{}:
		default: // it is awake already, and will look again
		}
	}
}
