package inbox

import (
	"context"
	"fmt"
)

// Last gives the cursor of the newest entry, whichever account it is of: whatever is captured later lies behind it.
func (i *Inbox) Last() int64 { return i.marks.highest.Load() }

// List gives the entries that fit, newest first, at most MaxEntries.
func (i *Inbox) List(ctx context.Context, f Filter) ([]Entry, error) {
	return i.Page(ctx, f, MaxEntries)
}

// Page gives the entries that fit, newest first, at most limit and never more than MaxEntries. The Cursor of the last
// one is the Before of the next page.
func (i *Inbox) Page(ctx context.Context, f Filter, limit int) ([]Entry, error) {
	entries, err := i.store.Entries(ctx, f, min(limit, MaxEntries))
	if err != nil {
		return nil, fmt.Errorf("read inbox: %w", err)
	}
	return entries, nil
}

// Get gives one entry of an account, or fault.NotFound.
func (i *Inbox) Get(ctx context.Context, accountID, id string) (Entry, error) {
	return i.store.Entry(ctx, accountID, id)
}

// Delete removes one entry of an account and gives it, or fault.NotFound. Of two deletions at once one finds it.
func (i *Inbox) Delete(ctx context.Context, accountID, id string) (Entry, error) {
	for {
		e, err := i.store.Entry(ctx, accountID, id)
		if err != nil {
			return Entry{}, err
		}
		alone := Filter{AccountID: accountID, After: e.Cursor - 1, Before: e.Cursor + 1}
		gone, err := i.store.DeleteEntries(ctx, alone, 1)
		if err != nil {
			return Entry{}, fmt.Errorf("delete from inbox: %w", err)
		}
		if len(gone) == 1 {
			return gone[0], nil
		}
	}
}

// Drain removes the entries that fit, newest first, at most MaxEntries, and gives what it removed.
func (i *Inbox) Drain(ctx context.Context, f Filter) ([]Entry, error) {
	gone, err := i.store.DeleteEntries(ctx, f, MaxEntries)
	if err != nil {
		return nil, fmt.Errorf("drain inbox: %w", err)
	}
	return gone, nil
}
