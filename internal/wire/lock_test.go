//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package wire_test

import (
	"context"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/wire"
)

// TestBuild_refuses_a_folder_in_use wants one house on a folder at a time, and a store to be opened beside it.
func TestBuild_refuses_a_folder_in_use(t *testing.T) {
	t.Parallel()
	settings := config.Default()
	settings.Data = t.TempDir()
	for range 2 {
		house, err := wire.Build(t.Context(), settings, outside())
		must(t, err)
		for range 2 {
			second, err := wire.Build(t.Context(), settings, outside())
			if second != nil || err == nil || !strings.Contains(err.Error(), "another pinpost serves from "+settings.Data) {
				t.Errorf("a second house on the folder: %v, want it refused", err)
			}
		}
		store, err := wire.OpenStore(t.Context(), settings)
		must(t, err)
		must(t, store.Ping(t.Context()))
		must(t, store.Close())
		must(t, house.Close(context.Background()))
	}
}
