package wire

import (
	"context"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/sandbox"
	"github.com/pinpost/pinpost/internal/store/cache"
	"github.com/pinpost/pinpost/internal/store/postgres"
	"github.com/pinpost/pinpost/internal/store/sqlite"
	"github.com/pinpost/pinpost/internal/world"
)

// Store keeps everything: what the rules of all rooms need, and what a house needs besides.
type Store interface {
	account.Store
	application.Store
	message.Store
	pin.Store
	inbox.Store
	world.Store
	sandbox.ClockStore
	cache.Source
	// Ping fails when the store cannot be read or written.
	Ping(ctx context.Context) error
	// SealedSample gives the PIN with a sealed code that lives longest, of whatever account, and whether there is one.
	SealedSample(ctx context.Context) (pin.PIN, bool, error)
	// Flush waits until all outcomes that were handed over are stored, or known to be lost.
	Flush(ctx context.Context) error
	// Close ends the store.
	Close() error
}

var (
	_ Store = (*sqlite.Store)(nil)
	_ Store = (*postgres.Store)(nil)
)

// OpenStore opens the store of the settings: a PostgreSQL database, or the file in the data folder, which it makes when it
// is not there.
func OpenStore(ctx context.Context, settings config.Settings) (Store, error) {
	if settings.Store != "" {
		return postgres.Open(ctx, settings.Store)
	}
	if err := makeFolder(settings); err != nil {
		return nil, err
	}
	var options []sqlite.Option
	if settings.Synchronous == config.SynchronousNormal {
		options = append(options, sqlite.WithSynchronousNormal())
	}
	return sqlite.Open(ctx, settings.Database(), options...)
}
