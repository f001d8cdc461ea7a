package sqlite

import (
	"context"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

// PutEntry keeps an entry; it is durable when the call returns.
func (s *Store) PutEntry(ctx context.Context, e inbox.Entry) error {
	return s.exec(ctx, "put inbox entry", insertInto("inbox", entryColumns), ToDBEntry(e)...)
}

// Entries gives the entries that fit, newest first, at most most.
func (s *Store) Entries(ctx context.Context, f inbox.Filter, most int) ([]inbox.Entry, error) {
	query, args := entriesQuery(f, most)
	return list(ctx, s, "list inbox entries", FromDBEntry, query, args...)
}

func entriesQuery(f inbox.Filter, most int) (string, []any) {
	var c conditions
	if f.AccountID != "" {
		c.add("account_id = ?", f.AccountID)
	}
	if f.To != "" {
		c.add("phone = ?", f.To.Digits())
	}
	if f.PINID != "" {
		c.add("pin_id = ?", f.PINID)
	}
	query := "SELECT " + entryColumns + " FROM inbox" + c.where() + " ORDER BY at DESC, seq DESC LIMIT ?"
	return query, append(c.args, max(0, most)) // SQLite takes a negative limit for none
}
