package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/random"
)

// Bounds of names and passwords.
const (
	MaxNameLength     = 64
	MinPasswordLength = 12
	MaxPasswordLength = 256
)

// hashing takes about 30 ms and 19 MiB: OWASP's second recommendation for argon2id.
var hashing = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Deps are what the service works with.
type Deps struct {
	Store Store
	Now   func() time.Time
	Rand  io.Reader
}

// Service creates, lists and revokes accounts and keys, and checks credentials.
type Service struct {
	deps      Deps
	passwords *passwords
}

// New checks the dependencies.
func New(deps Deps) (*Service, error) {
	if deps.Store == nil || deps.Now == nil || deps.Rand == nil {
		return nil, errors.New("account service needs Store, Now and Rand")
	}
	return &Service{deps, newPasswords()}, nil
}

// Create keeps a new account with Basic credentials name and password.
func (s *Service) Create(ctx context.Context, name, password string) (Account, error) {
	if err := validate(name, password); err != nil {
		return Account{}, err
	}
	id, err := random.ID(s.deps.Rand)
	if err != nil {
		return Account{}, err
	}
	hash, err := argon2id.CreateHash(password, hashing)
	if err != nil {
		return Account{}, fmt.Errorf("hash password: %w", err)
	}
	a := Account{ID: id, Name: name, PasswordHash: hash, CreatedAt: s.deps.Now()}
	if err := s.deps.Store.CreateAccount(ctx, a); err != nil {
		return Account{}, err
	}
	return a, nil
}

// CreateForKeys keeps a new account that has no password: keys alone open it.
func (s *Service) CreateForKeys(ctx context.Context, name string) (Account, error) {
	faults := fault.Members{}
	validateName(name, faults)
	if err := faults.Err(); err != nil {
		return Account{}, err
	}
	id, err := random.ID(s.deps.Rand)
	if err != nil {
		return Account{}, err
	}
	a := Account{ID: id, Name: name, CreatedAt: s.deps.Now()}
	return a, s.deps.Store.CreateAccount(ctx, a)
}

func validate(name, password string) error {
	faults := fault.Members{}
	validateName(name, faults)
	if len(password) < MinPasswordLength || len(password) > MaxPasswordLength {
		faults.Addf("password", "must have %d to %d bytes", MinPasswordLength, MaxPasswordLength)
	}
	return faults.Err()
}

func validateName(name string, faults fault.Members) {
	if name == "" || utf8.RuneCountInString(name) > MaxNameLength {
		faults.Addf("name", "must have 1 to %d characters", MaxNameLength)
	}
	if !utf8.ValidString(name) || strings.TrimSpace(name) != name {
		faults.Addf("name", "must be UTF-8 without spaces at its ends")
	}
	if strings.ContainsRune(name, ':') || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		faults.Addf("name", "must be visible characters without a colon")
	}
}

// List gives all accounts, oldest first.
func (s *Service) List(ctx context.Context) ([]Account, error) { return s.deps.Store.Accounts(ctx) }

// Find gives an account by its name, or fault.NotFound.
func (s *Service) Find(ctx context.Context, name string) (Account, error) {
	return s.deps.Store.AccountByName(ctx, name)
}

// Revoke ends an account: its password and all its keys stop working at once.
func (s *Service) Revoke(ctx context.Context, name string) error {
	return s.deps.Store.RevokeAccount(ctx, name, s.deps.Now())
}

// keyLength is how many characters a key has: 32 hex digits, a hyphen and a UUID.
const keyLength = 32 + 1 + 36

// CreateKey makes a key of keyLength characters. It is shown this once; its hash is kept.
func (s *Service) CreateKey(ctx context.Context, accountID, name string) (Key, string, error) {
	k, plain, err := s.MakeKey(accountID, name)
	if err != nil {
		return Key{}, "", err
	}
	if err := s.deps.Store.CreateKey(ctx, k); err != nil {
		return Key{}, "", fmt.Errorf("create key: %w", err)
	}
	return k, plain, nil
}

// MakeKey makes a key like CreateKey, for a caller who keeps its hash together with something else.
func (s *Service) MakeKey(accountID, name string) (Key, string, error) {
	if utf8.RuneCountInString(name) > MaxNameLength {
		faults := fault.Members{}
		faults.Addf("name", "must be at most %d characters", MaxNameLength)
		return Key{}, "", faults.Err()
	}
	id, err := random.ID(s.deps.Rand)
	if err != nil {
		return Key{}, "", err
	}
	plain, err := s.drawKey()
	if err != nil {
		return Key{}, "", err
	}
	return Key{ID: id, AccountID: accountID, Name: name, Hash: sha256.Sum256([]byte(plain)), CreatedAt: s.deps.Now()}, plain, nil
}

func (s *Service) drawKey() (string, error) {
	var head [16]byte
	if _, err := io.ReadFull(s.deps.Rand, head[:]); err != nil {
		return "", fmt.Errorf("draw key: %w", err)
	}
	tail, err := uuid.NewRandomFromReader(s.deps.Rand)
	if err != nil {
		return "", fmt.Errorf("draw key: %w", err)
	}
	return hex.EncodeToString(head[:]) + "-" + tail.String(), nil
}

// Keys lists an account's keys, oldest first.
func (s *Service) Keys(ctx context.Context, accountID string) ([]Key, error) {
	return s.deps.Store.Keys(ctx, accountID)
}

// RevokeKey ends a key by its id.
func (s *Service) RevokeKey(ctx context.Context, id string) error {
	return s.deps.Store.RevokeKey(ctx, id, s.deps.Now())
}
