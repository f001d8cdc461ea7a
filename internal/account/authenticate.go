package account

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/alexedwards/argon2id"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/pinpost/pinpost/internal/fault"
)

// What the cache of good passwords holds, and how many passwords are hashed at once: each takes 19 MiB.
const (
	cacheSize   = 1024
	cacheTime   = 5 * time.Minute
	hashersMost = 2
	hasherWait  = 2 * time.Second
)

// absentHash stands in for the password of a user who does not exist, so that both answers take as long.
const absentHash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" +
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// ErrRefused says that credentials are not good; it does not say why.
var ErrRefused = errors.New("credentials are refused")

// Caller is who made a request.
type Caller struct {
	AccountID string
	KeyID     string // empty for user name and password
}

// ByKey gives the account and the key of an API key, or ErrRefused.
func (s *Service) ByKey(ctx context.Context, key string) (Caller, error) {
	var room [keyLength]byte
	k, err := s.deps.Store.GoodKey(ctx, sha256.Sum256(append(room[:0], key...)))
	if fault.Is(err, fault.NotFound) {
		return Caller{}, ErrRefused
	}
	return Caller{k.AccountID, k.ID}, err
}

// ByPassword gives the account of a user name and password, or ErrRefused. fault.Unavailable when too many passwords
// are being checked already.
func (s *Service) ByPassword(ctx context.Context, name, password string) (string, error) {
	if len(password) > MaxPasswordLength {
		return "", ErrRefused
	}
	a, err := s.deps.Store.AccountByName(ctx, name)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", err
	}
	if a.PasswordHash == "" { // nobody, or an account that keys alone open
		a.PasswordHash = absentHash
	}
	good, err := s.passwords.check(ctx, password, a.PasswordHash)
	if err != nil {
		return "", err
	}
	if !good || a.ID == "" || !a.RevokedAt.IsZero() {
		return "", ErrRefused
	}
	return a.ID, nil
}

// passwords checks passwords against their slow hashes and remembers the good ones for a while. What it remembers is a
// fast hash of password and slow hash together, so a changed password is never answered from memory.
type passwords struct {
	good  *lru.Cache[[sha256.Size]byte, time.Time] // until when
	slots chan struct{}
}

func newPasswords() *passwords {
	good, err := lru.New[[sha256.Size]byte, time.Time](cacheSize)
	if err != nil {
		panic(err) // it refuses sizes below one only
	}
	return &passwords{good: good, slots: make(chan struct{}, hashersMost)}
}

func (p *passwords) check(ctx context.Context, password, hash string) (bool, error) {
	remembered := sha256.Sum256([]byte(hash + "\x00" + password))
	if until, ok := p.good.Get(remembered); ok && time.Now().Before(until) {
		return true, nil
	}
	timer := time.NewTimer(hasherWait)
	defer timer.Stop()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-timer.C:
		return false, fault.Unavailablef(nil, "Too many passwords are being checked; try again, or use an API key")
	case <-ctx.Done():
		return false, fault.Unavailablef(ctx.Err(), "The password was not checked in time")
	}
	good, err := argon2id.ComparePasswordAndHash(password, hash)
	if err == nil && good {
		p.good.Add(remembered, time.Now().Add(cacheTime))
	}
	return good, err
}
