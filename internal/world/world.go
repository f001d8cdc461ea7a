// Package world keeps a sandbox's tests apart. A world is an account of its own under the account that opened it, so that
// applications, messages, PINs, limits and captured messages are separate without any further rule.
package world

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/random"
)

// Store keeps worlds and what is loaded into them.
type Store interface {
	// CreateWorld keeps a new world and its key, or gives fault.NotFound when the account that opens it is gone.
	CreateWorld(ctx context.Context, a account.Account, k account.Key) error
	// Worlds lists the worlds of an account, oldest first.
	Worlds(ctx context.Context, parentID string) ([]account.Account, error)
	// World gives one world of an account, or fault.NotFound.
	World(ctx context.Context, parentID, id string) (account.Account, error)
	// ResetAccount removes everything of an account but its keys, sets its clock back to real time and keeps the contents
	// instead: all of that, or nothing. Nobody sees the account in between.
	ResetAccount(ctx context.Context, accountID string, contents []Content) error
	// ClearAccount does the same, but leaves applications and messages as they are.
	ClearAccount(ctx context.Context, accountID string) error
	// DeleteAccount removes an account with everything of it and its worlds, and gives the ids of all accounts that it
	// removed, the account itself first; none when there is no such account.
	DeleteAccount(ctx context.Context, accountID string) ([]string, error)
	// PutSeed keeps applications and their messages, each in place of the account's one with its id: all of them, or
	// none.
	PutSeed(ctx context.Context, contents []Content) error
}

// Keys makes API keys.
type Keys interface {
	// MakeKey makes a key for an account and shows it this once.
	MakeKey(accountID, name string) (account.Key, string, error)
}

// Deps are what the service works with.
type Deps struct {
	Store        Store
	Keys         Keys
	Applications *application.Service
	Messages     *message.Service
	Now          func() time.Time
	Rand         io.Reader
}

// Service opens, closes, resets, loads and dumps worlds.
type Service struct{ deps Deps }

// New checks the dependencies.
func New(deps Deps) (*Service, error) {
	switch {
	case deps.Store == nil, deps.Keys == nil, deps.Applications == nil, deps.Messages == nil:
		return nil, errors.New("world service needs Store, Keys, Applications and Messages")
	case deps.Now == nil, deps.Rand == nil:
		return nil, errors.New("world service needs Now and Rand")
	}
	return &Service{deps}, nil
}

// World is a private world.
type World struct{ ID, Name string }

// Open makes a world under an account or under a world, and a key for it. fault.NotFound when that was closed meanwhile.
func (s *Service) Open(ctx context.Context, ownerID, name string) (World, string, error) {
	if strings.ContainsRune(name, 0) { // not every store can keep it
		faults := fault.Members{}
		faults.Addf("name", "must not have the character U+0000")
		return World{}, "", faults.Err()
	}
	id, err := random.ID(s.deps.Rand)
	if err != nil {
		return World{}, "", err
	}
	// The name has a colon, so that nobody can authenticate with it.
	a := account.Account{ID: id, Name: "world:" + id, ParentID: ownerID, WorldName: name, CreatedAt: s.deps.Now()}
	k, plain, err := s.deps.Keys.MakeKey(id, "world")
	if err != nil {
		return World{}, "", fmt.Errorf("open world: %w", err)
	}
	if err := s.deps.Store.CreateWorld(ctx, a, k); err != nil {
		return World{}, "", fmt.Errorf("open world: %w", err)
	}
	return World{id, name}, plain, nil
}

// Find gives a world of an account, or fault.NotFound.
func (s *Service) Find(ctx context.Context, accountID, id string) (World, error) {
	a, err := s.deps.Store.World(ctx, accountID, id)
	return World{a.ID, a.WorldName}, err
}

// List gives the worlds of an account, oldest first.
func (s *Service) List(ctx context.Context, accountID string) ([]World, error) {
	accounts, err := s.deps.Store.Worlds(ctx, accountID)
	worlds := make([]World, len(accounts))
	for i, a := range accounts {
		worlds[i] = World{a.ID, a.WorldName}
	}
	return worlds, err
}

// Close removes a world of an account with everything in it, and the worlds below it: those that were opened with its
// key. It gives the world and the ids of all that it removed, its own first. fault.NotFound when another call was faster.
func (s *Service) Close(ctx context.Context, accountID, id string) (World, []string, error) {
	w, err := s.Find(ctx, accountID, id)
	if err != nil {
		return World{}, nil, err
	}
	closed, err := s.deps.Store.DeleteAccount(ctx, w.ID)
	if err == nil && len(closed) == 0 {
		err = fault.NotFoundf("World with given ID cannot be found")
	}
	return w, closed, err
}
