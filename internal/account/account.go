// Package account says who may call: accounts, the user name and password of each, and their API keys.
//
// Source pages: https://dev.infobip.com/docs/api-key-create and http://2-fa.github.io/http-api.html.
package account

import (
	"context"
	"crypto/sha256"
	"time"
)

// Account owns applications, messages, PINs and keys. Its name and password are its Basic credentials. An account with a
// parent is a world: a private place for tests, which has keys and no password.
type Account struct {
	ID           string // 32 upper-case hex digits
	Name         string // the user name: 1 to 64 visible characters without a colon
	PasswordHash string // argon2id in PHC form; a world has none
	ParentID     string // of a world, the account that opened it
	WorldName    string // what a world's owner calls it; may be empty
	CreatedAt    time.Time
	RevokedAt    time.Time // zero while the account may call
}

// Key is an API key; only its hash is kept.
type Key struct {
	ID        string // 32 upper-case hex digits, to name it by
	AccountID string
	Name      string // whatever its owner calls it; may be empty
	Hash      [sha256.Size]byte
	CreatedAt time.Time
	RevokedAt time.Time // zero while the key is good
}

// Store keeps accounts and keys.
type Store interface {
	// CreateAccount keeps a new account, or gives fault.Invalid when the name is taken.
	CreateAccount(ctx context.Context, a Account) error
	// AccountByName gives an account, a revoked one too, or fault.NotFound.
	AccountByName(ctx context.Context, name string) (Account, error)
	// Accounts lists all accounts but worlds, oldest first.
	Accounts(ctx context.Context) ([]Account, error)
	// RevokeAccount ends an account from at on, or gives fault.NotFound. Revoking again changes nothing.
	RevokeAccount(ctx context.Context, name string, at time.Time) error
	// CreateKey keeps a new key.
	CreateKey(ctx context.Context, k Key) error
	// GoodKey gives the key with that hash that is good and whose account is, and its parent, or fault.NotFound.
	GoodKey(ctx context.Context, hash [sha256.Size]byte) (Key, error)
	// Keys lists an account's keys, oldest first.
	Keys(ctx context.Context, accountID string) ([]Key, error)
	// RevokeKey ends a key from at on, or gives fault.NotFound. Revoking again changes nothing.
	RevokeKey(ctx context.Context, id string, at time.Time) error
}
