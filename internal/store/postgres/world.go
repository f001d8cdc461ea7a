package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/world"
)

// A world is an account with a parent; an account without one is nobody's world.
const (
	worldsQuery = "SELECT " + accountColumns + " FROM accounts" +
		" WHERE parent_id = $1 AND parent_id <> '' AND revoked_at = 0 ORDER BY created_at, seq"
	worldQuery = "SELECT " + accountColumns + " FROM accounts" +
		" WHERE id = $1 AND parent_id = $2 AND parent_id <> '' AND revoked_at = 0"
	// Who opens a world holds its parent until the world is there.
	parentQuery = "SELECT id FROM accounts WHERE id = $1 AND revoked_at = 0 FOR SHARE"
	// The account itself, the worlds that it opened, and those that these opened.
	worldIDsQuery = "WITH RECURSIVE below (id, depth, seq) AS (SELECT id, 0, seq FROM accounts WHERE id = $1" +
		" UNION ALL SELECT a.id, b.depth + 1, a.seq FROM accounts a JOIN below b ON a.parent_id = b.id)" +
		" SELECT id FROM below ORDER BY depth, seq"
	lockAccountQuery = "SELECT id FROM accounts WHERE id = $1 FOR UPDATE"
)

// ofAccount are the numbers of an account's applications.
const ofAccount = "(SELECT seq FROM applications WHERE account_id = $1)"

// The locks come first: with its applications locked nobody adds a PIN, and with its PINs locked nobody adds a delivery.
const (
	lockOwnStatement = "SELECT 1 FROM applications WHERE account_id = $1 ORDER BY seq FOR UPDATE"
	lockOwnPINsQuery = "SELECT number, deliveries FROM pins WHERE application IN " + ofAccount + " ORDER BY number FOR UPDATE"
)

// clearStatements remove what calls left in an account. Its PINs leave the agenda when it comes to them.
var clearStatements = []string{
	"DELETE FROM pins WHERE application IN " + ofAccount,
	"DELETE FROM firsts WHERE account_id = $1",
	"DELETE FROM places WHERE tally IN (SELECT seq * 2 + kind FROM applications, generate_series(0, 1) kind WHERE account_id = $1)",
	"DELETE FROM place_counts WHERE tally IN (SELECT seq * 2 + kind FROM applications, generate_series(0, 1) kind WHERE account_id = $1)",
	"DELETE FROM inbox WHERE account_id = $1",
	"UPDATE accounts SET clock_ahead = 0 WHERE id = $1",
}

// furnitureStatements remove what was set up in an account that is clear.
var furnitureStatements = []string{
	"DELETE FROM messages WHERE account_id = $1",
	"DELETE FROM applications WHERE account_id = $1",
}

// removeStatements remove an account that is empty.
var removeStatements = []string{
	"DELETE FROM keys WHERE account_id = $1",
	"DELETE FROM accounts WHERE id = $1",
}

// Worlds lists the worlds of an account that are not revoked, oldest first.
func (s *Store) Worlds(ctx context.Context, parentID string) ([]account.Account, error) {
	return list(ctx, s, "list worlds", FromDBAccount, worldsQuery, parentID)
}

// World gives one world of an account, or fault.NotFound; a revoked one is not found.
func (s *Store) World(ctx context.Context, parentID, id string) (account.Account, error) {
	return one(ctx, s, "load world", noWorld, FromDBAccount, worldQuery, id, parentID)
}

// CreateWorld keeps a new world and its key. Its parent must be there and not revoked: a world that is opened while its
// parent is closed could be listed and closed by nobody.
func (s *Store) CreateWorld(ctx context.Context, a account.Account, k account.Key) error {
	return s.settle(ctx, "create world", func(ctx context.Context, tx pgx.Tx) error {
		found, err := exists(ctx, tx, parentQuery, a.ParentID)
		if err != nil {
			return err
		}
		if !found {
			return fault.NotFoundf("%s", noWorld)
		}
		if _, err := tx.Exec(ctx, insertInto("accounts", accountColumns), ToDBAccount(a)...); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, insertInto("keys", keyColumns), ToDBKey(k)...)
		return err
	})
}

// ResetAccount removes everything of an account but its keys, its worlds and itself, sets its clock back and keeps the
// contents instead, in one transaction. Of an unknown account it removes nothing.
func (s *Store) ResetAccount(ctx context.Context, accountID string, contents []world.Content) error {
	defer s.kept.forgetAll()
	if err := s.see(ctx, nil); err != nil { // outcomes of PINs that were removed would be taken for lost
		return s.fail("reset account", err)
	}
	return s.settle(ctx, "reset account", func(ctx context.Context, tx pgx.Tx) error {
		if err := clearAccount(ctx, tx, accountID); err != nil {
			return err
		}
		if err := carryOut(ctx, tx, furnitureStatements, accountID); err != nil {
			return err
		}
		return putContents(ctx, tx, contents)
	})
}

// ClearAccount removes what calls left in an account, PINs and captured messages and what limits count, and sets its clock
// back. Its applications and messages stay.
func (s *Store) ClearAccount(ctx context.Context, accountID string) error {
	defer s.kept.forgetAll()
	if err := s.see(ctx, nil); err != nil {
		return s.fail("clear account", err)
	}
	return s.write(ctx, "clear account", func(ctx context.Context, tx pgx.Tx) error {
		return clearAccount(ctx, tx, accountID)
	})
}

// DeleteAccount removes an account with everything of it, its keys and its worlds too, and gives the ids of what it
// removed, its own first. Removing again removes nothing.
func (s *Store) DeleteAccount(ctx context.Context, accountID string) ([]string, error) {
	defer s.kept.forgetAll()
	if err := s.see(ctx, nil); err != nil {
		return nil, s.fail("delete account", err)
	}
	var ids []string
	err := s.settle(ctx, "delete account", func(ctx context.Context, tx pgx.Tx) (err error) {
		if ids, err = lockWorlds(ctx, tx, accountID); err != nil {
			return err
		}
		for _, id := range ids {
			if err := clearAccount(ctx, tx, id); err != nil {
				return err
			}
			if err := carryOut(ctx, tx, slices.Concat(furnitureStatements, removeStatements), id); err != nil {
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

// lockWorlds gives the ids of an account, of all its worlds, and of those that these opened; of the revoked ones too. It
// looks again once they are locked, as a world may have been opened meanwhile under one that was not locked yet.
func lockWorlds(ctx context.Context, tx pgx.Tx, accountID string) ([]string, error) {
	locked := map[string]bool{}
	for {
		ids, err := query(ctx, tx, readText, worldIDsQuery, accountID)
		if err != nil {
			return nil, err
		}
		more := false
		for _, id := range ids {
			if locked[id] {
				continue
			}
			if _, err := query(ctx, tx, readText, lockAccountQuery, id); err != nil {
				return nil, err
			}
			locked[id], more = true, true
		}
		if !more {
			return ids, nil
		}
	}
}

// clearAccount removes what calls left in an account.
func clearAccount(ctx context.Context, tx pgx.Tx, accountID string) error {
	if err := carryOut(ctx, tx, []string{lockAccountQuery, lockOwnStatement}, accountID); err != nil {
		return err
	}
	held, err := query(ctx, tx, readDeliveries, lockOwnPINsQuery, accountID)
	if err != nil {
		return err
	}
	if err := removeRemotes(ctx, tx, held); err != nil {
		return err
	}
	return carryOut(ctx, tx, clearStatements, accountID)
}

// carryOut carries out statements about one account, in their order.
func carryOut(ctx context.Context, tx pgx.Tx, statements []string, accountID string) error {
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement, accountID); err != nil {
			return err
		}
	}
	return nil
}
