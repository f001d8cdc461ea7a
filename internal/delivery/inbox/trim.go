package inbox

import (
	"context"
	"sync"
)

// MaxKept is about how many entries of an account are kept; the oldest go first.
const MaxKept = 10_000

// trimEvery is how many entries are put between two trimmings.
const trimEvery = 1000

// trimmer keeps accounts from filling the disk. After every so many entries it trims the accounts that they were of,
// beside the caller.
type trimmer struct {
	store  Store
	ctx    context.Context // ends with the inbox; it is the goroutines' own, no caller's
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu     sync.Mutex
	puts   int
	fuller map[string]struct{} // accounts that grew since the last trimming
}

func (t *trimmer) open(store Store) {
	t.store, t.fuller = store, map[string]struct{}{}
	t.ctx, t.cancel = context.WithCancel(context.Background())
}

// count notes an entry of an account. Callers make sure that it does not run once close does.
func (t *trimmer) count(accountID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fuller[accountID] = struct{}{}
	if t.puts++; t.puts < trimEvery {
		return
	}
	accounts := t.fuller
	t.puts, t.fuller = 0, map[string]struct{}{}
	t.work.Go(func() {
		for id := range accounts {
			t.trim(id)
		}
	})
}

// trim goes step by step, so that senders get their turn at the store in between. A failure leaves the rest to the next
// trimming.
func (t *trimmer) trim(accountID string) {
	for t.ctx.Err() == nil {
		n, err := t.store.TrimEntries(t.ctx, accountID, MaxKept)
		if err != nil || n == 0 {
			return
		}
	}
}

// close ends the trimming under way, and waits for it.
func (t *trimmer) close() {
	t.cancel()
	t.work.Wait()
}
