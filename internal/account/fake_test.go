package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/random"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var errBusy = fault.Unavailablef(io.EOF, "The store is busy")

// fakeStore keeps accounts and keys in memory, in the order they came.
type fakeStore struct {
	mu       sync.Mutex
	accounts []Account
	keys     []Key
	err      error
}

func (s *fakeStore) named(name string) *Account {
	i := slices.IndexFunc(s.accounts, func(a Account) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return &s.accounts[i]
}

func (s *fakeStore) CreateAccount(_ context.Context, a Account) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if s.named(a.Name) != nil {
		return fault.Invalidf("The name is taken")
	}
	s.accounts = append(s.accounts, a)
	return nil
}

func (s *fakeStore) AccountByName(_ context.Context, name string) (Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return Account{}, s.err
	}
	if a := s.named(name); a != nil {
		return *a, nil
	}
	return Account{}, fault.NotFoundf("No such account")
}

func (s *fakeStore) Accounts(context.Context) ([]Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	accounts := slices.Clone(s.accounts)
	return slices.DeleteFunc(accounts, func(a Account) bool { return a.ParentID != "" }), s.err
}

func (s *fakeStore) RevokeAccount(_ context.Context, name string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.named(name)
	if a == nil {
		return fault.NotFoundf("No such account")
	}
	if a.RevokedAt.IsZero() {
		a.RevokedAt = at
	}
	return s.err
}

func (s *fakeStore) CreateKey(_ context.Context, k Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.keys = append(s.keys, k)
	}
	return s.err
}

func (s *fakeStore) GoodKey(_ context.Context, hash [sha256.Size]byte) (Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return Key{}, s.err
	}
	for _, k := range s.keys {
		if k.Hash != hash || !k.RevokedAt.IsZero() {
			continue
		}
		for _, a := range s.accounts {
			if a.ID == k.AccountID && a.RevokedAt.IsZero() {
				return k, nil
			}
		}
	}
	return Key{}, fault.NotFoundf("No such key")
}

func (s *fakeStore) Keys(_ context.Context, accountID string) ([]Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var own []Key
	for _, k := range s.keys {
		if k.AccountID == accountID {
			own = append(own, k)
		}
	}
	return own, s.err
}

func (s *fakeStore) RevokeKey(_ context.Context, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, k := range s.keys {
		if k.ID == id {
			if k.RevokedAt.IsZero() {
				s.keys[i].RevokedAt = at
			}
			return nil
		}
	}
	return fault.NotFoundf("No such key")
}

func setup(t *testing.T) (*Service, *fakeStore) {
	t.Helper()
	store := &fakeStore{}
	service, err := New(Deps{Store: store, Now: func() time.Time { return noon }, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return service, store
}

const password = "correct horse battery"

// slowHash is the hash of the password above; one is enough for all tests, for it is slow.
var slowHash = sync.OnceValues(func() (string, error) { return argon2id.CreateHash(password, hashing) })

// have puts an account with the password above into the store.
func have(t *testing.T, s *fakeStore, name string) Account {
	t.Helper()
	hash, err := slowHash()
	if err != nil {
		t.Fatal(err)
	}
	id, err := random.ID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := Account{ID: id, Name: name, PasswordHash: hash, CreatedAt: noon}
	if err := s.CreateAccount(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return a
}
