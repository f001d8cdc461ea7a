// Package cache keeps in memory what every request asks for and hardly anybody changes: keys, applications and messages.
//
// What it gives is never older than a change that was answered before the call came. The store counts a generation up with
// every change of these, whoever makes it, in this process or another, and the cache gives only what it found in the generation
// of now. It asks for that at most once in a Lease: until then it takes the last answer for granted. So a change ends the lease
// of its own process with Changed, and where other processes have caches it is answered only after Wait, when theirs have
// ended too. No two clocks have to agree. Calls that come while no lease runs share one question.
package cache

import (
	"context"
	"crypto/sha256"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
)

// Source is a store that counts its changes.
type Source interface {
	// Generation is a number that is another one after each change of accounts, keys, applications or messages.
	Generation(ctx context.Context) (int64, error)
	// GoodKey is that of account.Store.
	GoodKey(ctx context.Context, hash [sha256.Size]byte) (account.Key, error)
	// Application is that of application.Store.
	Application(ctx context.Context, accountID, id string) (application.Application, error)
	// Message is that of message.Store.
	Message(ctx context.Context, accountID, applicationID, id string) (message.Message, error)
}

// size is how many of each are kept. The least recently used make room.
const size = 10_000

// Cache stands before a store. It keeps what was found, and nothing of what was not.
type Cache struct {
	source       Source
	generations  generations
	keys         *lru.Cache[[sha256.Size]byte, entry[account.Key]]
	applications *lru.Cache[applicationID, entry[application.Application]]
	messages     *lru.Cache[messageID, entry[message.Message]]
}

type (
	applicationID struct{ account, application string }
	messageID     struct{ account, application, message string }
)

// Keys of the cache keep nothing else in memory: the texts of ids that are asked for are parts of paths and of whole bodies.

func ownHash(hash [sha256.Size]byte) [sha256.Size]byte { return hash }

func ownApplication(id applicationID) applicationID {
	return applicationID{strings.Clone(id.account), strings.Clone(id.application)}
}

func ownMessage(id messageID) messageID {
	return messageID{strings.Clone(id.account), strings.Clone(id.application), strings.Clone(id.message)}
}

// entry is a value, and the generation that it was found in or before.
type entry[V any] struct {
	generation int64
	value      V
}

// New gives an empty cache.
func New(source Source) (*Cache, error) {
	c := &Cache{source: source, generations: generations{ask: source.Generation}}
	var err error
	if c.keys, err = lru.New[[sha256.Size]byte, entry[account.Key]](size); err != nil {
		return nil, err
	}
	if c.applications, err = lru.New[applicationID, entry[application.Application]](size); err != nil {
		return nil, err
	}
	c.messages, err = lru.New[messageID, entry[message.Message]](size)
	return c, err
}

// Changed ends the lease. Whoever changes accounts, keys, applications or messages in this process calls it before the change is
// answered, also when it failed: the store may have made it all the same.
func (c *Cache) Changed() { c.generations.changed() }

// GoodKey gives the key with that hash that is good and whose account is, and its parent, or fault.NotFound.
func (c *Cache) GoodKey(ctx context.Context, hash [sha256.Size]byte) (account.Key, error) {
	return get(ctx, c, c.keys, hash, ownHash, func() (account.Key, error) { return c.source.GoodKey(ctx, hash) })
}

// Application gives one application, or fault.NotFound.
func (c *Cache) Application(ctx context.Context, accountID, id string) (application.Application, error) {
	return get(ctx, c, c.applications, applicationID{accountID, id}, ownApplication, func() (application.Application, error) {
		return c.source.Application(ctx, accountID, id)
	})
}

// Message gives one message of an application, or fault.NotFound.
func (c *Cache) Message(ctx context.Context, accountID, applicationID, id string) (message.Message, error) {
	return get(ctx, c, c.messages, messageID{accountID, applicationID, id}, ownMessage, func() (message.Message, error) {
		return c.source.Message(ctx, accountID, applicationID, id)
	})
}

func get[K comparable, V any](
	ctx context.Context, c *Cache, kept *lru.Cache[K, entry[V]], key K, own func(K) K, load func() (V, error),
) (V, error) {
	generation, err := c.generations.now(ctx)
	if err != nil {
		var none V
		return none, err
	}
	if found, ok := kept.Get(key); ok && found.generation == generation {
		return found.value, nil
	}
	value, err := load()
	if err == nil {
		// It was read after the generation was: if it changed in between, the next call sees another generation.
		kept.Add(own(key), entry[V]{generation, value})
	}
	return value, err
}
