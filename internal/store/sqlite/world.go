package sqlite

import (
	"context"
	"database/sql"

	"github.com/pinpost/pinpost/internal/account"
)

// A world is an account with a parent; an account without one is nobody's world.
const (
	worldsQuery = "SELECT " + accountColumns + " FROM accounts" +
		" WHERE parent_id = ? AND parent_id <> '' AND revoked_at = 0 ORDER BY created_at, seq"
	worldQuery = "SELECT " + accountColumns + " FROM accounts" +
		" WHERE id = ? AND parent_id = ? AND parent_id <> '' AND revoked_at = 0"
	worldIDsQuery = "WITH RECURSIVE below (id) AS (SELECT id FROM accounts WHERE parent_id = ?" +
		" UNION ALL SELECT a.id FROM accounts a JOIN below b ON a.parent_id = b.id) SELECT id FROM below"
)

// emptyStatements remove what an account has, each after what refers to it. The counts of places go before the places,
// so that the trigger has nothing to count down.
var emptyStatements = []string{
	"DELETE FROM inbox WHERE account_id = ?",
	"DELETE FROM deliveries WHERE pin_id IN (SELECT id FROM pins WHERE account_id = ?)",
	"DELETE FROM place_counts WHERE account_id = ?",
	"DELETE FROM places WHERE account_id = ?",
	"DELETE FROM pins WHERE account_id = ?",
	"DELETE FROM messages WHERE account_id = ?",
	"DELETE FROM applications WHERE account_id = ?",
}

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

// ResetAccount removes everything of an account but its keys, its worlds and itself. Of an unknown account it removes
// nothing.
func (s *Store) ResetAccount(ctx context.Context, accountID string) error {
	return s.write(ctx, "reset account", func(tx *sql.Tx) error { return carryOut(ctx, tx, emptyStatements, accountID) })
}

// DeleteAccount removes an account with everything of it: its keys and its worlds too. Removing again does nothing.
func (s *Store) DeleteAccount(ctx context.Context, accountID string) error {
	return s.write(ctx, "delete account", func(tx *sql.Tx) error {
		ids, err := worldIDs(ctx, tx, accountID)
		if err != nil {
			return err
		}
		for _, id := range append(ids, accountID) {
			if err := carryOut(ctx, tx, emptyStatements, id); err != nil {
				return err
			}
			if err := carryOut(ctx, tx, removeStatements, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// worldIDs are the ids of all worlds of an account, of those that these opened, and of the revoked ones too.
func worldIDs(ctx context.Context, tx *sql.Tx, accountID string) ([]string, error) {
	if accountID == "" {
		return nil, nil // every account without a parent would be its world
	}
	rows, err := tx.QueryContext(ctx, worldIDsQuery, accountID)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(row Row) (id string, err error) {
		err = row.Scan(&id)
		return id, err
	})
}

// carryOut carries out statements about one account, in their order.
func carryOut(ctx context.Context, tx *sql.Tx, statements []string, accountID string) error {
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement, accountID); err != nil {
			return err
		}
	}
	return nil
}
