package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

// trimStep is how many entries one call of TrimEntries removes at most.
const trimStep = 500

const (
	entryQuery = "SELECT " + entryColumns + " FROM inbox WHERE account_id = $1 AND id = $2 ORDER BY seq DESC LIMIT 1"

	trimStatement = `
	DELETE FROM inbox WHERE seq IN (
		SELECT seq FROM inbox WHERE account_id = $1 AND seq <= (
			SELECT seq FROM inbox WHERE account_id = $1 ORDER BY seq DESC LIMIT 1 OFFSET $2)
		ORDER BY seq LIMIT $3)`
)

// Entries gives the entries that fit, newest first, at most most.
func (s *Store) Entries(ctx context.Context, f inbox.Filter, most int) ([]inbox.Entry, error) {
	text, args := entriesQuery(entryColumns, f, "DESC", most)
	return list(ctx, s, "list inbox entries", FromDBEntry, text, args...)
}

// OldestEntry gives the entry with the lowest cursor of those that fit, and whether there is one.
func (s *Store) OldestEntry(ctx context.Context, f inbox.Filter) (inbox.Entry, bool, error) {
	text, args := entriesQuery(entryColumns, f, "ASC", 1)
	entries, err := list(ctx, s, "load inbox entry", FromDBEntry, text, args...)
	if err != nil || len(entries) == 0 {
		return inbox.Entry{}, false, err
	}
	return entries[0], true, nil
}

// Entry gives one entry of an account, the newest with that id, or fault.NotFound.
func (s *Store) Entry(ctx context.Context, accountID, id string) (inbox.Entry, error) {
	return one(ctx, s, "load inbox entry", noEntry, FromDBEntry, entryQuery, accountID, id)
}

// DeleteEntries removes the entries that fit, the newest ones, at most most, and gives what it removed, newest first.
// Entries that another call is about to remove are passed over: of many calls each gives others.
func (s *Store) DeleteEntries(ctx context.Context, f inbox.Filter, most int) ([]inbox.Entry, error) {
	text, args := entriesQuery("seq", f, "DESC", most)
	text = "DELETE FROM inbox WHERE seq IN (" + text + " FOR UPDATE SKIP LOCKED) RETURNING " + entryColumns
	var gone []inbox.Entry
	err := s.write(ctx, "delete inbox entries", func(ctx context.Context, tx pgx.Tx) (err error) {
		gone, err = query(ctx, tx, FromDBEntry, text, args...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(gone, func(a, b inbox.Entry) int { return cmp.Compare(b.Cursor, a.Cursor) })
	return gone, nil
}

// LastCursor gives the highest cursor there ever was. It is above 0 even before the first entry.
func (s *Store) LastCursor(ctx context.Context) (int64, error) {
	return one(ctx, s, "load last cursor", "", readNumber, "SELECT last FROM inbox_cursor")
}

// readNumber reads a row of one number.
func readNumber(r row) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}

// TrimEntries removes the oldest entries of an account, all but keep, at most 500 a call, and gives how many.
func (s *Store) TrimEntries(ctx context.Context, accountID string, keep int) (int, error) {
	var n int
	err := s.write(ctx, "trim inbox", func(ctx context.Context, tx pgx.Tx) (err error) {
		n, err = affected(ctx, tx, trimStatement, accountID, max(0, keep), trimStep)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// entriesQuery reads the entries that fit in rising (ASC) or falling (DESC) order of their cursors.
func entriesQuery(columns string, f inbox.Filter, direction string, most int) (string, []any) {
	var c conditions
	c.add("account_id = %s", f.AccountID)
	if f.To != "" {
		c.add("phone = %s", f.To.Digits())
	}
	if f.PINID != "" {
		c.add("pin_id = %s", f.PINID)
	}
	if f.ApplicationID != "" {
		c.add("application_id = %s", f.ApplicationID)
	}
	if f.Channel != "" {
		c.add("channel = %s", f.Channel)
	}
	if !f.Since.IsZero() {
		c.add("at >= %s", toMillis(f.Since))
	}
	if f.After > 0 {
		c.add("seq > %s", f.After)
	}
	if f.Before > 0 {
		c.add("seq < %s", f.Before)
	}
	text := "SELECT " + columns + " FROM inbox" + c.where() + " ORDER BY seq " + direction
	text += " LIMIT " + c.mark(max(0, most))
	return text, c.args
}
