package wire

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/store/cache"
	"github.com/pinpost/pinpost/internal/world"
)

// cached is the store of a house: what every request asks for is taken from the cache, and changes end its lease.
type cached struct {
	changing
	cache *cache.Cache
}

// newCached puts a cache before a store. Where other processes have caches before it too, changes wait until theirs know.
func newCached(store Store, shared bool) (*cached, error) {
	kept, err := cache.New(store)
	if err != nil {
		return nil, err
	}
	changed := kept.Changed
	if shared {
		changed = func() {
			kept.Changed()
			cache.Wait()
		}
	}
	return &cached{changing{store, changed}, kept}, nil
}

// GoodKey gives the key with that hash that is good and whose account is, and its parent, or fault.NotFound.
func (s *cached) GoodKey(ctx context.Context, hash [sha256.Size]byte) (account.Key, error) {
	return s.cache.GoodKey(ctx, hash)
}

// Application gives one application, or fault.NotFound.
func (s *cached) Application(ctx context.Context, accountID, id string) (application.Application, error) {
	return s.cache.Application(ctx, accountID, id)
}

// Message gives one message of an application, or fault.NotFound.
func (s *cached) Message(ctx context.Context, accountID, applicationID, id string) (message.Message, error) {
	return s.cache.Message(ctx, accountID, applicationID, id)
}

// changing is a store that calls changed before it answers a change of what caches keep, or of an account. It does so after an
// error too, which may hide a change that was made; and it waits even when its caller's time is over, as a late answer is
// better than one that caches contradict.
type changing struct {
	Store
	changed func()
}

func (s changing) CreateAccount(ctx context.Context, a account.Account) error {
	defer s.changed()
	return s.Store.CreateAccount(ctx, a)
}

func (s changing) RevokeAccount(ctx context.Context, name string, at time.Time) error {
	defer s.changed()
	return s.Store.RevokeAccount(ctx, name, at)
}

func (s changing) CreateKey(ctx context.Context, k account.Key) error {
	defer s.changed()
	return s.Store.CreateKey(ctx, k)
}

func (s changing) RevokeKey(ctx context.Context, id string, at time.Time) error {
	defer s.changed()
	return s.Store.RevokeKey(ctx, id, at)
}

func (s changing) CreateApplication(ctx context.Context, a application.Application) error {
	defer s.changed()
	return s.Store.CreateApplication(ctx, a)
}

func (s changing) UpdateApplication(
	ctx context.Context, accountID, id string, change func(*application.Application) error,
) (application.Application, error) {
	defer s.changed()
	return s.Store.UpdateApplication(ctx, accountID, id, change)
}

func (s changing) CreateMessage(ctx context.Context, m message.Message) error {
	defer s.changed()
	return s.Store.CreateMessage(ctx, m)
}

func (s changing) UpdateMessage(
	ctx context.Context, accountID, applicationID, id string, change func(*message.Message) error,
) (message.Message, error) {
	defer s.changed()
	return s.Store.UpdateMessage(ctx, accountID, applicationID, id, change)
}

func (s changing) CreateWorld(ctx context.Context, a account.Account, k account.Key) error {
	defer s.changed()
	return s.Store.CreateWorld(ctx, a, k)
}

func (s changing) ResetAccount(ctx context.Context, accountID string, contents []world.Content) error {
	defer s.changed()
	return s.Store.ResetAccount(ctx, accountID, contents)
}

func (s changing) ClearAccount(ctx context.Context, accountID string) error {
	defer s.changed()
	return s.Store.ClearAccount(ctx, accountID)
}

func (s changing) DeleteAccount(ctx context.Context, accountID string) ([]string, error) {
	defer s.changed()
	return s.Store.DeleteAccount(ctx, accountID)
}

func (s changing) PutSeed(ctx context.Context, contents []world.Content) error {
	defer s.changed()
	return s.Store.PutSeed(ctx, contents)
}

func (s changing) SetClockAhead(ctx context.Context, accountID string, ahead time.Duration) error {
	defer s.changed()
	return s.Store.SetClockAhead(ctx, accountID, ahead)
}
