package world_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/random"
	"github.com/pinpost/pinpost/internal/store/sqlite"
	"github.com/pinpost/pinpost/internal/world"
)

func TestMain(m *testing.M) { os.Exit(canary.Main(m)) }

// bench is the service on a real store, with two accounts.
type bench struct {
	*world.Service
	t        *testing.T
	deps     world.Deps
	store    *sqlite.Store
	accounts *account.Service
	ana, ben string // account ids
}

func setup(t *testing.T) *bench {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "pinpost.db"))
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	// Each thing is made a second after the one before, so that an order by time is seen.
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	tick := func() time.Time { now = now.Add(time.Second); return now }
	accounts, err := account.New(account.Deps{Store: store, Now: tick, Rand: rand.Reader})
	must(t, err)
	applications, err := application.New(application.Deps{Store: store, Now: tick, Rand: rand.Reader})
	must(t, err)
	messages, err := message.New(message.Deps{Store: store, Applications: applications, Now: tick, Rand: rand.Reader})
	must(t, err)
	deps := world.Deps{
		Store: store, Keys: accounts, Applications: applications, Messages: messages, Now: tick, Rand: rand.Reader,
	}
	service, err := world.New(deps)
	must(t, err)
	b := &bench{Service: service, t: t, deps: deps, store: store, accounts: accounts}
	b.ana, b.ben = b.account("ana"), b.account("ben")
	return b
}

// on is the service on another store.
func (b *bench) on(store world.Store) *world.Service {
	b.t.Helper()
	deps := b.deps
	deps.Store = store
	service, err := world.New(deps)
	must(b.t, err)
	return service
}

// account keeps an account without the cost of hashing a password.
func (b *bench) account(name string) string {
	b.t.Helper()
	id, err := random.ID(rand.Reader)
	must(b.t, err)
	must(b.t, b.store.CreateAccount(b.t.Context(), account.Account{ID: id, Name: name, PasswordHash: "$none$", CreatedAt: time.Now()}))
	return id
}

// open opens a world and gives its id and key.
func (b *bench) open(owner, name string) (id, key string) {
	b.t.Helper()
	w, key, err := b.Open(b.t.Context(), owner, name)
	must(b.t, err)
	canary.Watch(key)
	return w.ID, key
}

// dumped gives what a world has, in the form of a seed: application and message ids with name and text.
func (b *bench) dumped(accountID string) map[string]map[string]string {
	b.t.Helper()
	contents, err := b.Dump(b.t.Context(), accountID)
	must(b.t, err)
	all := map[string]map[string]string{}
	for _, c := range contents {
		if c.Application.AccountID != accountID {
			b.t.Errorf("application %s is of account %s, want %s", c.Application.ID, c.Application.AccountID, accountID)
		}
		key := c.Application.ID + " " + c.Application.Name
		all[key] = map[string]string{}
		for _, m := range c.Messages {
			all[key][m.ID] = m.Text
		}
	}
	return all
}

// seedOf is an application with messages whose texts are given by id.
func seedOf(id, name string, messages ...string) world.SeedApplication {
	a := world.SeedApplication{ID: id, Input: application.Input{Name: &name}}
	for _, m := range messages {
		a.Messages = append(a.Messages, world.SeedMessage{ID: m, Input: message.Input{
			Text: new(name + " <pin>"), Placeholder: new("<pin>"), PINType: new(message.PINTypeNumeric),
			PINLength: new(6), Sender: new("Shop"),
		}})
	}
	return a
}

func seed(applications ...world.SeedApplication) world.Seed {
	return world.Seed{Applications: applications}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func wantKind(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if !fault.Is(err, want) {
		t.Errorf("%s gives %v, want a failure of kind %d", what, err, want)
	}
}

// membersOf are the members that an error names.
func membersOf(t *testing.T, err error) map[string][]string {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.Invalid {
		t.Fatalf("got %v, want an invalid request", err)
	}
	return f.Members
}
