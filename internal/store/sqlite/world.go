package sqlite

import (
	"context"
	"slices"
	"strings"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/world"
)

// A world is an account with a parent; an account without one is nobody's world.
const (
	worldsQuery = "SELECT " + accountColumns + " FROM accounts" +
		" WHERE parent_id = ? AND parent_id <> '' AND revoked_at = 0 ORDER BY created_at, seq"
	worldQuery = "SELECT " + accountColumns + " FROM accounts" +
		" WHERE id = ? AND parent_id = ? AND parent_id <> '' AND revoked_at = 0"
	// The account itself, the worlds that it opened, and those that these opened.
	worldIDsQuery = "WITH RECURSIVE below (id) AS (SELECT id FROM accounts WHERE id = ?" +
		" UNION ALL SELECT a.id FROM accounts a JOIN below b ON a.parent_id = b.id) SELECT id FROM below"
)

// The PINs of an account are those in the list, and those that are not listed yet.
const (
	accountApplications = "(SELECT seq FROM applications WHERE account_id = ?)"
	accountLines        = " FROM pin_chunks c CROSS JOIN applications a CROSS JOIN pin_list l" +
		" ON l.chunk = c.last AND l.application = a.seq WHERE a.account_id = ?"
	accountPINs = "(SELECT l.number" + accountLines +
		" UNION ALL SELECT number FROM pins WHERE number > (SELECT max(last) FROM pin_chunks) AND application IN " +
		accountApplications + ")"

	accountApplicationsQuery = "SELECT seq FROM applications WHERE account_id = ?"
)

// clearStatements remove what calls left in an account, each before what finds it.
var clearStatements = []string{
	"DELETE FROM inbox WHERE account_id = ?1",
	"DELETE FROM firsts WHERE account_id = ?1",
	"DELETE FROM remote_ids WHERE number IN " + strings.ReplaceAll(accountPINs, "?", "?1"),
	"DELETE FROM pins WHERE number IN " + strings.ReplaceAll(accountPINs, "?", "?1"),
	"DELETE FROM pin_list WHERE (chunk, application, phone, number) IN" +
		" (SELECT l.chunk, l.application, l.phone, l.number" + strings.ReplaceAll(accountLines, "?", "?1") + ")",
	"UPDATE accounts SET clock_ahead = 0 WHERE id = ?1",
}

// emptyStatements remove all that an account has.
var emptyStatements = append(slices.Clone(clearStatements),
	"DELETE FROM messages WHERE account_id = ?",
	"DELETE FROM applications WHERE account_id = ?",
)

// removeStatements remove an account that is empty.
var removeStatements = []string{
	"DELETE FROM keys WHERE account_id = ?",
	"DELETE FROM accounts WHERE id = ?",
}

// Worlds lists the worlds of an account that are not revoked, oldest first.
func (s *Store) Worlds(ctx context.Context, parentID string) ([]account.Account, error) {
	return list(ctx, s, "list worlds", FromDBAccount, worldsQuery, parentID)
}

// World gives one world of an account, or fault.NotFound; a revoked one is not found.
func (s *Store) World(ctx context.Context, parentID, id string) (account.Account, error) {
	a, err := FromDBAccount(s.readers.QueryRowContext(ctx, worldQuery, id, parentID))
	return a, s.fail("load world", absent(err, noWorld))
}

// CreateWorld keeps a new world and its key. Its parent must be there and not revoked: a world that is opened while its
// parent is closed could be listed and closed by nobody.
func (s *Store) CreateWorld(ctx context.Context, a account.Account, k account.Key) error {
	return s.write(ctx, "create world", func(tx *transaction) error {
		found, err := exists(ctx, tx, "SELECT 1 FROM accounts WHERE id = ? AND revoked_at = 0", a.ParentID)
		if err != nil {
			return err
		}
		if !found {
			return fault.NotFoundf("%s", noWorld)
		}
		if _, err := tx.ExecContext(ctx, insertInto("accounts", accountColumns), ToDBAccount(a)...); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, insertInto("keys", keyColumns), ToDBKey(k)...)
		return err
	})
}

// ResetAccount removes everything of an account but its keys, its worlds and itself, sets its clock back and keeps the
// contents instead, in one transaction. Of an unknown account it removes nothing.
func (s *Store) ResetAccount(ctx context.Context, accountID string, contents []world.Content) error {
	return s.write(ctx, "reset account", func(tx *transaction) error {
		if err := empty(ctx, tx, accountID, emptyStatements); err != nil {
			return err
		}
		return putContents(ctx, tx, contents)
	})
}

// ClearAccount removes what calls left in an account, PINs and captured messages and what limits count, and sets its clock
// back. Its applications and messages stay.
func (s *Store) ClearAccount(ctx context.Context, accountID string) error {
	return s.write(ctx, "clear account", func(tx *transaction) error {
		return empty(ctx, tx, accountID, clearStatements)
	})
}

// DeleteAccount removes an account with everything of it, its keys and its worlds too, and gives the ids of what it
// removed, its own first. Removing again removes nothing.
func (s *Store) DeleteAccount(ctx context.Context, accountID string) ([]string, error) {
	var ids []string
	err := s.write(ctx, "delete account", func(tx *transaction) (err error) {
		if ids, err = worldIDs(ctx, tx, accountID); err != nil {
			return err
		}
		for _, id := range ids {
			if err := empty(ctx, tx, id, slices.Concat(emptyStatements, removeStatements)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// worldIDs are the ids of an account, of all its worlds, and of those that these opened; of the revoked ones too.
func worldIDs(ctx context.Context, tx *transaction, accountID string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, worldIDsQuery, accountID)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(row Row) (id string, err error) {
		err = row.Scan(&id)
		return id, err
	})
}

// empty frees the places of an account and carries out statements about it, in their order.
func empty(ctx context.Context, tx *transaction, accountID string, statements []string) error {
	applications, err := queryAll(ctx, tx, number, accountApplicationsQuery, accountID)
	if err != nil {
		return err
	}
	if err := tx.open(ctx); err != nil {
		return err
	}
	tx.recent.forgetAll()
	for _, application := range applications {
		if err := tx.clearPlaces(ctx, application); err != nil {
			return err
		}
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement, accountID); err != nil {
			return err
		}
	}
	return nil
}
