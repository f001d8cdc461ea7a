package sqlite

import (
	"cmp"
	"context"
	"slices"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

// trimStep is how many entries one call of TrimEntries removes at most.
const trimStep = 500

const (
	entryQuery = "SELECT " + entryColumns + " FROM inbox WHERE account_id = ? AND id = ? ORDER BY seq DESC LIMIT 1"

	// AUTOINCREMENT keeps the highest number here, whatever is removed.
	lastCursorQuery = "SELECT seq FROM sqlite_sequence WHERE name = 'inbox'"

	trimStatement = `
	DELETE FROM inbox WHERE seq IN (
		SELECT seq FROM inbox WHERE account_id = ?1 AND seq <= (
			SELECT seq FROM inbox WHERE account_id = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)
		ORDER BY seq LIMIT ?3)`
)

var insertEntryStatement = insertInto("inbox", entryMembers+", pin_number")

// PutEntry keeps an entry and gives its cursor; it is durable when the call returns.
func (s *Store) PutEntry(ctx context.Context, e inbox.Entry) (int64, error) {
	var cursor int64
	number, _ := s.pinNumber(e.PINID) // of an id that is none, 0, which no PIN has
	err := s.write(ctx, "put inbox entry", func(tx *transaction) error {
		result, err := tx.ExecContext(ctx, insertEntryStatement, append(ToDBEntry(e), number)...)
		if err != nil {
			return err
		}
		cursor, err = result.LastInsertId()
		return err
	})
	if err != nil {
		return 0, err
	}
	return cursor, nil
}

// Entries gives the entries that fit, newest first, at most most.
func (s *Store) Entries(ctx context.Context, f inbox.Filter, most int) ([]inbox.Entry, error) {
	query, args := entriesQuery(entryColumns, f, "DESC", most)
	return list(ctx, s, "list inbox entries", FromDBEntry, query, args...)
}

// OldestEntry gives the entry with the lowest cursor of those that fit, and whether there is one.
func (s *Store) OldestEntry(ctx context.Context, f inbox.Filter) (inbox.Entry, bool, error) {
	query, args := entriesQuery(entryColumns, f, "ASC", 1)
	entries, err := list(ctx, s, "load inbox entry", FromDBEntry, query, args...)
	if err != nil || len(entries) == 0 {
		return inbox.Entry{}, false, err
	}
	return entries[0], true, nil
}

// Entry gives one entry of an account, the newest with that id, or fault.NotFound.
func (s *Store) Entry(ctx context.Context, accountID, id string) (inbox.Entry, error) {
	e, err := FromDBEntry(s.readers.QueryRowContext(ctx, entryQuery, accountID, id))
	return e, s.fail("load inbox entry", absent(err, noEntry))
}

// DeleteEntries removes the entries that fit, the newest ones, at most most, and gives what it removed, newest first.
func (s *Store) DeleteEntries(ctx context.Context, f inbox.Filter, most int) ([]inbox.Entry, error) {
	query, args := deleteEntriesStatement(f, most)
	var gone []inbox.Entry
	err := s.write(ctx, "delete inbox entries", func(tx *transaction) error {
		rows, err := tx.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		gone, err = collect(rows, FromDBEntry)
		return err
	})
	if err != nil {
		return nil, err
	}
	// SQLite promises no order of what RETURNING gives.
	slices.SortFunc(gone, func(a, b inbox.Entry) int { return cmp.Compare(b.Cursor, a.Cursor) })
	return gone, nil
}

// LastCursor gives the highest cursor there ever was. It is above 0 even before the first entry.
func (s *Store) LastCursor(ctx context.Context) (int64, error) {
	var last int64
	err := s.readers.QueryRowContext(ctx, lastCursorQuery).Scan(&last)
	return last, s.fail("load last cursor", err)
}

// TrimEntries removes the oldest entries of an account, all but keep, at most 500 a call, and gives how many.
func (s *Store) TrimEntries(ctx context.Context, accountID string, keep int) (int, error) {
	var n int
	err := s.write(ctx, "trim inbox", func(tx *transaction) (err error) {
		n, err = affected(ctx, tx, trimStatement, accountID, max(0, keep), trimStep)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func deleteEntriesStatement(f inbox.Filter, most int) (string, []any) {
	query, args := entriesQuery("seq", f, "DESC", most)
	return "DELETE FROM inbox WHERE seq IN (" + query + ") RETURNING " + entryColumns, args
}

// entriesQuery reads the entries that fit in rising (ASC) or falling (DESC) order of their cursors.
func entriesQuery(columns string, f inbox.Filter, direction string, most int) (string, []any) {
	var c conditions
	c.add("account_id = ?", f.AccountID)
	if f.To != "" {
		c.add("phone = ?", f.To.Digits())
	}
	if f.PINID != "" {
		c.add("pin_id = ?", f.PINID)
	}
	if f.ApplicationID != "" {
		c.add("+application_id = ?", f.ApplicationID)
	}
	if f.Channel != "" {
		c.add("+channel = ?", f.Channel)
	}
	if !f.Since.IsZero() {
		c.add("+at >= ?", toMillis(f.Since)) // the plus keeps SQLite from the index by time, which spans all accounts
	}
	if f.After > 0 {
		c.add("seq > ?", f.After)
	}
	if f.Before > 0 {
		c.add("seq < ?", f.Before)
	}
	query := "SELECT " + columns + " FROM inbox" + c.where() + " ORDER BY seq " + direction + " LIMIT ?"
	return query, append(c.args, max(0, most)) // SQLite takes a negative limit for none
}
