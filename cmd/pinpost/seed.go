package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pinpost/pinpost/internal/wire"
	"github.com/pinpost/pinpost/internal/world"
)

// readSeed reads the seed file of a setting, which may name none.
func readSeed(path string) (world.Seed, error) {
	if path == "" {
		return world.Seed{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return world.Seed{}, fmt.Errorf("read seed: %w", err)
	}
	seed, err := wire.ParseSeed(text)
	if err != nil {
		return world.Seed{}, fmt.Errorf("seed file %s: %w", path, err)
	}
	return seed, nil
}

// load keeps a seed in the demo's own world, in place of what has the same ids there. path is for the error alone.
func (d demo) load(ctx context.Context, house *wire.House, path string, seed world.Seed) error {
	if len(seed.Applications) == 0 {
		return nil
	}
	caller, err := house.Accounts.ByKey(ctx, d.Key)
	if err != nil {
		return fmt.Errorf("load seed: %w", err)
	}
	if err := house.LoadSeed(ctx, caller.AccountID, seed); err != nil {
		return fmt.Errorf("seed file %s: %w", path, err)
	}
	return nil
}
