package wire

import (
	"context"
	"crypto/sha256"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/store/cache"
)

// The stores of the rules, with what every request asks for taken from the cache.
type (
	cachedAccounts struct {
		account.Store
		cache *cache.Cache
	}
	cachedApplications struct {
		application.Store
		cache *cache.Cache
	}
	cachedMessages struct {
		message.Store
		cache *cache.Cache
	}
)

// GoodKey gives the key with that hash that is good and whose account is, and its parent, or fault.NotFound.
func (s cachedAccounts) GoodKey(ctx context.Context, hash [sha256.Size]byte) (account.Key, error) {
	return s.cache.GoodKey(ctx, hash)
}

// Application gives one application, or fault.NotFound.
func (s cachedApplications) Application(ctx context.Context, accountID, id string) (application.Application, error) {
	return s.cache.Application(ctx, accountID, id)
}

// Message gives one message of an application, or fault.NotFound.
func (s cachedMessages) Message(ctx context.Context, accountID, applicationID, id string) (message.Message, error) {
	return s.cache.Message(ctx, accountID, applicationID, id)
}
