package wire

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/sandbox"
	"github.com/pinpost/pinpost/internal/store/sqlite"
	"github.com/pinpost/pinpost/internal/world"
)

// changes are the names of methods that change something.
var changes = regexp.MustCompile("^(Clear|Create|Delete|Put|Reset|Revoke|Set|Update)")

// TestChanging_tells_of_every_change calls every method of the stores that set something up, on a store that fails: each that may
// change something tells of it all the same, and no other does.
func TestChanging_tells_of_every_change(t *testing.T) {
	t.Parallel()
	store, err := sqlite.OpenMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = store.Close()
	told := 0
	s := reflect.ValueOf(changing{store, func() { told++ }})
	for _, rooms := range []reflect.Type{
		reflect.TypeFor[account.Store](), reflect.TypeFor[application.Store](), reflect.TypeFor[message.Store](),
		reflect.TypeFor[world.Store](), reflect.TypeFor[sandbox.ClockStore](),
	} {
		for m := range rooms.Methods() {
			told = 0
			with := []reflect.Value{reflect.ValueOf(t.Context())}
			for i := 1; i < m.Type.NumIn(); i++ {
				with = append(with, reflect.Zero(m.Type.In(i)))
			}
			answers := s.MethodByName(m.Name).Call(with)
			if answers[len(answers)-1].IsNil() {
				t.Errorf("%s.%s: does not fail", rooms, m.Name)
			}
			want := 0
			if changes.MatchString(m.Name) {
				want = 1
			}
			if told != want {
				t.Errorf("%s.%s: told %d times, want %d", rooms, m.Name, told, want)
			}
		}
	}
}

// TestCached_of_two_services works on one store as two services and a command beside them: what one of them answered, the
// others know.
func TestCached_of_two_services(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pinpost.db")
	open := func() Store {
		store, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	}
	var services []Store
	for range 2 {
		service, err := newCached(open(), true)
		if err != nil {
			t.Fatal(err)
		}
		services = append(services, service)
	}
	command, err := NewAccounts(open(), Outside{Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	revokers := []func(ctx context.Context, id string) error{
		func(ctx context.Context, id string) error { return services[0].RevokeKey(ctx, id, time.Now()) },
		func(ctx context.Context, id string) error { return services[1].RevokeKey(ctx, id, time.Now()) },
		command.RevokeKey,
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(services[0].CreateAccount(t.Context(), account.Account{ID: "A", Name: "acme", CreatedAt: time.Now()}))
	for i := range 30 {
		hash := sha256.Sum256([]byte{byte(i)})
		id := string(rune('a' + i))
		must(services[i%2].CreateKey(t.Context(), account.Key{ID: id, AccountID: "A", Hash: hash, CreatedAt: time.Now()}))
		for _, s := range services {
			_, err := s.GoodKey(t.Context(), hash)
			must(err)
		}
		must(revokers[i%len(revokers)](t.Context(), id))
		for n, s := range services {
			if _, err := s.GoodKey(t.Context(), hash); !fault.Is(err, fault.NotFound) {
				t.Errorf("round %d: service %d gives a key that was revoked before, error %v", i, n, err)
			}
		}
	}
}
