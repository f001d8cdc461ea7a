package wire_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/wire"
)

// TestHouse_knows_its_changes_at_once asks a house for what it has in memory right after it changed that, by each of its rooms.
func TestHouse_knows_its_changes_at_once(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	settings := config.Default()
	settings.Data = t.TempDir()
	house, err := wire.Build(ctx, settings, outside())
	must(t, err)
	t.Cleanup(func() { must(t, house.Close(context.Background())) })
	owner, err := house.Accounts.CreateForKeys(ctx, "owner")
	must(t, err)
	seed, err := wire.ParseSeed([]byte(seedText("", "")))
	must(t, err)
	must(t, house.LoadSeed(ctx, owner.ID, seed))
	for i := range 20 {
		key, plain, err := house.Accounts.CreateKey(ctx, owner.ID, "")
		must(t, err)
		_, err = house.Accounts.ByKey(ctx, plain)
		must(t, err)
		must(t, house.Accounts.RevokeKey(ctx, key.ID))
		if _, err := house.Accounts.ByKey(ctx, plain); !errors.Is(err, account.ErrRefused) {
			t.Errorf("a revoked key gives error %v", err)
		}

		name := fmt.Sprint("Shop ", i)
		named := func(want string) {
			t.Helper()
			a, err := house.Applications.Get(ctx, owner.ID, "a")
			must(t, err)
			m, err := house.Messages.Get(ctx, owner.ID, "a", "m")
			must(t, err)
			if a.Name != want || m.Sender != want {
				t.Errorf("application is named %q and message %q, want %q", a.Name, m.Sender, want)
			}
		}
		named("Shop")
		_, err = house.Applications.Update(ctx, "a", application.Input{AccountID: owner.ID, Name: &name})
		must(t, err)
		_, err = house.Messages.Update(ctx, "m", message.Input{AccountID: owner.ID, ApplicationID: "a", Sender: &name})
		must(t, err)
		named(name)
		must(t, house.LoadSeed(ctx, owner.ID, seed))
		named("Shop")
	}
}
