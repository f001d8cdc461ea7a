package postgres

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
)

const accountsQuery = "SELECT " + accountColumns + " FROM accounts WHERE parent_id = '' ORDER BY created_at, seq"

// CreateAccount keeps a new account, or gives fault.Invalid when the name is taken.
func (s *Store) CreateAccount(ctx context.Context, a account.Account) error {
	return s.settle(ctx, "create account", func(ctx context.Context, tx pgx.Tx) error {
		statement := insertInto("accounts", accountColumns) + " ON CONFLICT (name) DO NOTHING"
		n, err := affected(ctx, tx, statement, ToDBAccount(a)...)
		if err != nil || n == 1 {
			return err
		}
		faults := fault.Members{}
		faults.Addf("name", "is taken by another account")
		return faults.Err()
	})
}

// AccountByName gives an account, a revoked one too, or fault.NotFound.
func (s *Store) AccountByName(ctx context.Context, name string) (account.Account, error) {
	return one(ctx, s, "load account", noAccount, FromDBAccount, "SELECT "+accountColumns+" FROM accounts WHERE name = $1", name)
}

// Accounts lists all accounts but worlds, oldest first.
func (s *Store) Accounts(ctx context.Context) ([]account.Account, error) {
	return list(ctx, s, "list accounts", FromDBAccount, accountsQuery)
}

// revokeWorldsStatement ends all worlds below an account: a key is looked up with its account's parent, and no further.
const revokeWorldsStatement = "WITH RECURSIVE below (id) AS (SELECT id FROM accounts WHERE name = $1" +
	" UNION ALL SELECT a.id FROM accounts a JOIN below b ON a.parent_id = b.id)" +
	" UPDATE accounts SET revoked_at = $2 WHERE id IN (SELECT id FROM below) AND parent_id <> '' AND revoked_at = 0"

// RevokeAccount ends an account and its worlds from at on, or gives fault.NotFound. Revoking again changes nothing.
func (s *Store) RevokeAccount(ctx context.Context, name string, at time.Time) error {
	return s.settle(ctx, "revoke account", func(ctx context.Context, tx pgx.Tx) error {
		// The account goes first: whoever opens a world under it waits, or is among the worlds that end.
		if err := revoke(ctx, tx, noAccount, "accounts", "name", name, at); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, revokeWorldsStatement, name, toMillis(at))
		return err
	})
}

// CreateKey keeps a new key.
func (s *Store) CreateKey(ctx context.Context, k account.Key) error {
	return s.exec(ctx, "create key", insertInto("keys", keyColumns), ToDBKey(k)...)
}

// GoodKey gives the key with that hash that is good and whose account is, and its parent, or fault.NotFound.
func (s *Store) GoodKey(ctx context.Context, hash [sha256.Size]byte) (account.Key, error) {
	return s.readers.keys.get(ctx, hash)
}

// Keys lists an account's keys, oldest first.
func (s *Store) Keys(ctx context.Context, accountID string) ([]account.Key, error) {
	return list(ctx, s, "list keys", FromDBKey,
		"SELECT "+keyColumns+" FROM keys WHERE account_id = $1 ORDER BY created_at, seq", accountID)
}

// RevokeKey ends a key from at on, or gives fault.NotFound. Revoking again changes nothing.
func (s *Store) RevokeKey(ctx context.Context, id string, at time.Time) error {
	return s.settle(ctx, "revoke key", func(ctx context.Context, tx pgx.Tx) error {
		return revoke(ctx, tx, noKey, "keys", "id", id, at)
	})
}

// revoke ends the row whose column has the value, unless it has ended already.
func revoke(ctx context.Context, tx pgx.Tx, missing, table, column, value string, at time.Time) error {
	n, err := affected(ctx, tx,
		"UPDATE "+table+" SET revoked_at = $1 WHERE "+column+" = $2 AND revoked_at = 0", toMillis(at), value)
	if err != nil || n > 0 {
		return err
	}
	found, err := exists(ctx, tx, "SELECT id FROM "+table+" WHERE "+column+" = $1", value)
	if err == nil && !found {
		return fault.NotFoundf("%s", missing)
	}
	return err
}
