package cache_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/store/cache"
)

// source is a store that counts what it is asked for.
type source struct {
	generation atomic.Int64
	asked      atomic.Int64 // for the generation
	loaded     atomic.Int64 // for anything else
	held       chan struct{}
	takes      func() // before and after it looks for the generation; nil when it takes no time
	fails      error
}

func (s *source) Generation(context.Context) (int64, error) {
	s.asked.Add(1)
	if s.held != nil {
		<-s.held
	}
	if s.takes != nil {
		s.takes()
		defer s.takes()
	}
	return s.generation.Load(), s.fails
}

func (s *source) GoodKey(_ context.Context, hash [sha256.Size]byte) (account.Key, error) {
	s.loaded.Add(1)
	return account.Key{ID: s.name(), Hash: hash}, nil
}

func (s *source) Application(_ context.Context, accountID, id string) (application.Application, error) {
	s.loaded.Add(1)
	if id == "absent" {
		return application.Application{}, errors.New("absent")
	}
	return application.Application{ID: id, AccountID: accountID, Name: s.name()}, nil
}

func (s *source) Message(_ context.Context, accountID, applicationID, id string) (message.Message, error) {
	s.loaded.Add(1)
	return message.Message{ID: id, AccountID: accountID, ApplicationID: applicationID, Text: s.name()}, nil
}

func (s *source) name() string { return fmt.Sprint("generation ", s.generation.Load()) }

func newCache(t testing.TB, s *source) *cache.Cache {
	t.Helper()
	c, err := cache.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCache(t *testing.T) {
	t.Parallel()
	s := &source{}
	c := newCache(t, s)
	look := func(loads int64) {
		t.Helper()
		before := s.loaded.Load()
		a, err := c.Application(t.Context(), "account", "application")
		if err != nil || a.Name != s.name() || a.ID != "application" || a.AccountID != "account" {
			t.Errorf("application: got %+v, error %v", a, err)
		}
		m, err := c.Message(t.Context(), "account", "application", "message")
		if err != nil || m.Text != s.name() || m.ID != "message" || m.ApplicationID != "application" {
			t.Errorf("message: got %+v, error %v", m, err)
		}
		hash := sha256.Sum256([]byte("key"))
		k, err := c.GoodKey(t.Context(), hash)
		if err != nil || k.ID != s.name() || k.Hash != hash {
			t.Errorf("key: got %+v, error %v", k, err)
		}
		if got := s.loaded.Load() - before; got != loads {
			t.Errorf("%d were asked of the store, want %d", got, loads)
		}
	}
	look(3)
	look(0)
	s.generation.Add(1) // something was changed in this process
	c.Changed()
	look(3)
	look(0)
	c.Changed() // and here nothing was, after all
	look(0)
	other, err := c.Application(t.Context(), "another account", "application")
	if err != nil || other.AccountID != "another account" {
		t.Errorf("another account's: got %+v, error %v", other, err)
	}
}

func TestCache_keeps_nothing_of_what_is_not_there(t *testing.T) {
	t.Parallel()
	s := &source{}
	c := newCache(t, s)
	for range 2 {
		if _, err := c.Application(t.Context(), "account", "absent"); err == nil {
			t.Error("got no error")
		}
	}
	if got := s.loaded.Load(); got != 2 {
		t.Errorf("the store was asked %d times, want 2", got)
	}
}

func TestCache_of_a_store_that_fails(t *testing.T) {
	t.Parallel()
	s := &source{}
	c := newCache(t, s)
	if _, err := c.Application(t.Context(), "account", "application"); err != nil {
		t.Fatal(err)
	}
	s.fails = errors.New("down")
	c.Changed()
	if _, err := c.Application(t.Context(), "account", "application"); !errors.Is(err, s.fails) {
		t.Errorf("got error %v, want that of the store: what is kept may be out of date", err)
	}
}

// TestCache_shares_questions holds the first question up: all who come meanwhile share the second, which is asked after they
// came.
func TestCache_shares_questions(t *testing.T) {
	t.Parallel()
	s := &source{held: make(chan struct{})}
	c := newCache(t, s)
	var all sync.WaitGroup
	ask := func() {
		if _, err := c.Application(t.Context(), "account", "application"); err != nil {
			t.Error(err)
		}
	}
	all.Go(ask)
	for s.asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	const crowd = 100
	var came atomic.Int64
	for range crowd {
		all.Go(func() { came.Add(1); ask() })
	}
	for came.Load() < crowd {
		time.Sleep(time.Millisecond)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := c.Application(gone, "account", "application"); !errors.Is(err, context.Canceled) {
		t.Errorf("who has left is answered with error %v", err)
	}
	time.Sleep(20 * time.Millisecond) // most of the crowd waits by then
	close(s.held)
	all.Wait()
	if got := s.asked.Load(); got > crowd/2 {
		t.Errorf("the store was asked %d times by a crowd of %d", got, crowd)
	}
}
