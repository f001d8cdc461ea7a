package account

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/pinpost/pinpost/internal/fault"
)

var idForm = regexp.MustCompile(`^[0-9A-F]{32}$`)

func TestNew_refuses_missing_dependencies(t *testing.T) {
	t.Parallel()
	whole := Deps{Store: &fakeStore{}, Now: time.Now, Rand: rand.Reader}
	if _, err := New(whole); err != nil {
		t.Errorf("New with everything = %v, want nil", err)
	}
	tests := map[string]func(*Deps){
		"Store": func(d *Deps) { d.Store = nil },
		"Now":   func(d *Deps) { d.Now = nil },
		"Rand":  func(d *Deps) { d.Rand = nil },
	}
	for name, without := range tests {
		deps := whole
		without(&deps)
		if service, err := New(deps); service != nil || err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("New without %s = %v, %v, want an error that names it", name, service, err)
		}
	}
}

func TestCreate_keeps_a_slow_hash_of_the_password(t *testing.T) {
	t.Parallel()
	service, store := setup(t)
	a, err := service.Create(t.Context(), "shop", password)
	if err != nil {
		t.Fatal(err)
	}
	if !idForm.MatchString(a.ID) || a.Name != "shop" || !a.CreatedAt.Equal(noon) || !a.RevokedAt.IsZero() {
		t.Errorf("Create = %+v, want shop, made at %v, with an id of 32 upper-case hex digits", a, noon)
	}
	good, params, err := argon2id.CheckHash(password, a.PasswordHash)
	if err != nil || !good || *params != *hashing {
		t.Errorf("hash %q: good %t with %+v, %v, want good with %+v", a.PasswordHash, good, params, err, hashing)
	}
	if shown := fmt.Sprintf("%+v", store.accounts); strings.Contains(shown, password) {
		t.Errorf("the store holds %s, want no password", shown)
	}
	if len(store.accounts) != 1 || store.accounts[0] != a {
		t.Errorf("kept %+v, want %+v", store.accounts, a)
	}
	other, err := service.Create(t.Context(), "bank", password)
	if err != nil || other.PasswordHash == a.PasswordHash || other.ID == a.ID {
		t.Errorf("Create = %+v, %v, want another id and, for the same password, another salt", other, err)
	}
}

func TestCreate_validates(t *testing.T) {
	t.Parallel()
	const length, visible, bytesWanted = "must have 1 to 64 characters", "must be visible characters without a colon", "must have 12 to 256 bytes"
	tests := map[string]struct {
		name, password, member string
		want                   []string
	}{
		"no name":                   {"", password, "name", []string{length}},
		"64 characters":             {strings.Repeat("é", 64), password, "", nil},
		"65 characters":             {strings.Repeat("é", 65), password, "name", []string{length}},
		"a name with a space":       {"My shop", password, "", nil},
		"a name in another script":  {"магазин", password, "", nil},
		"an address as a name":      {"ops@shop.example", password, "", nil},
		"a colon":                   {"my:shop", password, "name", []string{visible}},
		"a line break":              {"my\nshop", password, "name", []string{visible}},
		"a NUL":                     {"shop\x00", password, "name", []string{visible}},
		"an invisible joiner":       {"sh\u200dop", password, "name", []string{visible}},
		"a right-to-left override":  {"shop\u202e", password, "name", []string{visible}},
		"long and with a colon":     {strings.Repeat(":", 65), password, "name", []string{length, visible}},
		"11 bytes of password":      {"shop", strings.Repeat("p", 11), "password", []string{bytesWanted}},
		"12 bytes of password":      {"shop", strings.Repeat("p", 12), "", nil},
		"6 characters of two bytes": {"shop", strings.Repeat("é", 6), "", nil},
		"256 bytes of password":     {"shop", strings.Repeat("p", 256), "", nil},
		"257 bytes of password":     {"shop", strings.Repeat("p", 257), "password", []string{bytesWanted}},
		"no password":               {"shop", "", "password", []string{bytesWanted}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, store := setup(t)
			_, err := service.Create(t.Context(), tt.name, tt.password)
			if tt.member == "" {
				if err != nil || len(store.accounts) != 1 {
					t.Errorf("Create = %v with %d kept, want it kept", err, len(store.accounts))
				}
				return
			}
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Kind != fault.Invalid || !slices.Equal(f.Members[tt.member], tt.want) || len(f.Members) != 1 {
				t.Errorf("Create = %#v, want %s alone: %q", err, tt.member, tt.want)
			}
			if len(tt.password) > 1 && strings.Contains(err.Error(), tt.password) {
				t.Errorf("error %q holds the password", err)
			}
			if len(store.accounts) != 0 {
				t.Errorf("kept %d, want none", len(store.accounts))
			}
		})
	}
}

func TestCreate_reports_name_and_password_at_once(t *testing.T) {
	t.Parallel()
	service, _ := setup(t)
	_, err := service.Create(t.Context(), ":", "short")
	if want := "Wrong members: name, password (name: must be visible characters without a colon)"; err == nil || err.Error() != want {
		t.Errorf("Create = %v, want %q", err, want)
	}
}

func TestCreate_refuses_a_name_that_is_taken(t *testing.T) {
	t.Parallel()
	service, store := setup(t)
	have(t, store, "shop")
	if _, err := service.Create(t.Context(), "shop", password); !fault.Is(err, fault.Invalid) {
		t.Errorf("Create = %v, want Invalid", err)
	}
}

func TestCreateForKeys_takes_no_password(t *testing.T) {
	t.Parallel()
	service, _ := setup(t)
	a, err := service.CreateForKeys(t.Context(), "ci")
	if err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"", "a long password"} {
		if _, err := service.ByPassword(t.Context(), "ci", password); !errors.Is(err, ErrRefused) {
			t.Errorf("ByPassword with %q gives %v, want it refused", password, err)
		}
	}
	_, key, err := service.CreateKey(t.Context(), a.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if caller, err := service.ByKey(t.Context(), key); err != nil || caller.AccountID != a.ID {
		t.Errorf("ByKey gives %+v, %v, want the account", caller, err)
	}
	if _, err := service.CreateForKeys(t.Context(), "a:b"); err == nil {
		t.Error("a name with a colon is taken")
	}
}

func TestCreateKey_has_the_documented_form(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	service, store := setup(t)
	seen := map[string]bool{}
	for range 50 {
		k, plain, err := service.CreateKey(t.Context(), "A", "for the till")
		if err != nil {
			t.Fatal(err)
		}
		if len(plain) != 69 || !form.MatchString(plain) || seen[plain] {
			t.Fatalf("key = %q of %d characters, want a new one of 69 like %s", plain, len(plain), form)
		}
		seen[plain] = true
		want := Key{ID: k.ID, AccountID: "A", Name: "for the till", Hash: sha256.Sum256([]byte(plain)), CreatedAt: noon}
		if k != want || !idForm.MatchString(k.ID) || store.keys[len(store.keys)-1] != want {
			t.Fatalf("CreateKey = %+v, want %+v kept", k, want)
		}
		if shown := fmt.Sprintf("%+v", k); strings.Contains(shown, plain) || strings.Contains(shown, plain[:32]) {
			t.Fatalf("the store holds %s, want no plain key", shown)
		}
	}
}

func TestCreateKey_name(t *testing.T) {
	t.Parallel()
	service, store := setup(t)
	for name, good := range map[string]bool{"": true, strings.Repeat("é", 64): true, strings.Repeat("é", 65): false} {
		_, plain, err := service.CreateKey(t.Context(), "A", name)
		if good != (err == nil) || good != (plain != "") || (!good && !fault.Is(err, fault.Invalid)) {
			t.Errorf("CreateKey named %q = %q, %v, want good = %t", name, plain, err, good)
		}
	}
	if len(store.keys) != 2 {
		t.Errorf("kept %d keys, want 2", len(store.keys))
	}
}

func TestService_fails_with_its_neighbours(t *testing.T) {
	t.Parallel()
	t.Run("a store that is busy", func(t *testing.T) {
		t.Parallel()
		service, store := setup(t)
		store.err = errBusy
		_, accountErr := service.Create(t.Context(), "shop", password)
		_, plain, keyErr := service.CreateKey(t.Context(), "A", "")
		_, byKeyErr := service.ByKey(t.Context(), "key")
		_, byPasswordErr := service.ByPassword(t.Context(), "shop", password)
		for what, err := range map[string]error{
			"Create": accountErr, "CreateKey": keyErr, "ByKey": byKeyErr, "ByPassword": byPasswordErr,
		} {
			if !fault.Is(err, fault.Unavailable) || errors.Is(err, ErrRefused) {
				t.Errorf("%s = %v, want the store's kind kept", what, err)
			}
		}
		if plain != "" {
			t.Errorf("key = %q, want none that nobody can use", plain)
		}
	})
	for name, given := range map[string]int{"no bytes": 0, "bytes for the id alone": 16, "bytes up to the UUID": 32, "half a UUID": 40} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := io.MultiReader(bytes.NewReader(make([]byte, given)), iotest.ErrReader(io.ErrClosedPipe))
			store := &fakeStore{}
			service, err := New(Deps{Store: store, Now: time.Now, Rand: source})
			if err != nil {
				t.Fatal(err)
			}
			_, plain, err := service.CreateKey(t.Context(), "A", "")
			if !errors.Is(err, io.ErrClosedPipe) || plain != "" || len(store.keys) != 0 {
				t.Errorf("CreateKey = %q, %v with %d kept, want the source's failure and none", plain, err, len(store.keys))
			}
		})
	}
}

func TestList_Find_Keys_and_revocation(t *testing.T) {
	t.Parallel()
	service, store := setup(t)
	shop, bank := have(t, store, "shop"), have(t, store, "bank")
	k, _, err := service.CreateKey(t.Context(), shop.ID, "till")
	if err != nil {
		t.Fatal(err)
	}
	if list, err := service.List(t.Context()); err != nil || !slices.Equal(list, []Account{shop, bank}) {
		t.Errorf("List = %+v, %v, want shop and bank", list, err)
	}
	if found, err := service.Find(t.Context(), "bank"); err != nil || found != bank {
		t.Errorf("Find = %+v, %v, want bank", found, err)
	}
	if _, err := service.Find(t.Context(), "stall"); !fault.Is(err, fault.NotFound) {
		t.Errorf("Find = %v, want NotFound", err)
	}
	if keys, err := service.Keys(t.Context(), shop.ID); err != nil || !slices.Equal(keys, []Key{k}) {
		t.Errorf("Keys = %+v, %v, want the one", keys, err)
	}
	if keys, err := service.Keys(t.Context(), bank.ID); err != nil || len(keys) != 0 {
		t.Errorf("Keys of bank = %+v, %v, want none", keys, err)
	}
	if err := service.RevokeKey(t.Context(), k.ID); err != nil || !store.keys[0].RevokedAt.Equal(noon) {
		t.Errorf("RevokeKey = %v at %v, want nil at %v", err, store.keys[0].RevokedAt, noon)
	}
	if err := service.Revoke(t.Context(), "shop"); err != nil || !store.accounts[0].RevokedAt.Equal(noon) {
		t.Errorf("Revoke = %v at %v, want nil at %v", err, store.accounts[0].RevokedAt, noon)
	}
	if err := service.RevokeKey(t.Context(), "none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("RevokeKey = %v, want NotFound", err)
	}
	if err := service.Revoke(t.Context(), "none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("Revoke = %v, want NotFound", err)
	}
}
