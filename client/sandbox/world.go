package sandbox

import (
	"context"
	"net/http"

	wire "github.com/pinpost/pinpost/api/sandbox"
)

// OpenWorld opens a private world of the account and makes a key for it, which is shown this once. A client made with
// client.WithAPIKey of that key is in the world. The name, up to 64 characters, is for people and may be empty. A
// world that is opened with the key of another world is that one's, and ends with it.
//
// Errors: client.IsInvalidArgument for a name that is too long.
func (c *Client) OpenWorld(ctx context.Context, name string) (*NewWorld, error) {
	return ask(ctx, "open world", func(ctx context.Context) (*http.Response, error) {
		return c.calls.CreateWorld(ctx, nil, wire.WorldInput{Name: given(name)})
	}, func(w *NewWorld) bool { return w.WorldID != "" && w.Key != "" })
}

// Worlds lists the private worlds of the account, oldest first.
func (c *Client) Worlds(ctx context.Context) ([]World, error) {
	list, err := ask(ctx, "list worlds", func(ctx context.Context) (*http.Response, error) {
		return c.calls.ListWorlds(ctx, nil)
	}, func(l *wire.WorldList) bool { return l.Worlds != nil })
	if err != nil {
		return nil, err
	}
	return list.Worlds, nil
}

// CloseWorld removes a private world with everything in it, the worlds that were opened with its key included, and gives
// it; their keys stop working.
//
// Errors: client.IsNotFound for an unknown ID. An empty worldID is an error too, and nothing is sent.
func (c *Client) CloseWorld(ctx context.Context, worldID string) (*World, error) {
	return askFor(ctx, "close world", "worldID", worldID, func(ctx context.Context) (*http.Response, error) {
		return c.calls.DeleteWorld(ctx, worldID, nil)
	}, func(w *World) bool { return w.WorldID != "" })
}

// Clear removes PINs, limits, captured messages and faults of this world and sets its clock to real time. Applications,
// messages and keys stay. What the world has after that is given back.
func (c *Client) Clear(ctx context.Context) (*Seed, error) {
	return ask(ctx, "clear world", func(ctx context.Context) (*http.Response, error) {
		return c.calls.ResetWorld(ctx, nil, wire.ResetInput{KeepApplications: new(true)})
	}, completeSeed)
}

// Reset removes applications, messages, PINs, limits, captured messages and faults of this world, sets its clock to real
// time, and then loads seed unless it is nil. Keys stay. Without a world, it is the account's own that is reset. What the
// world has after that is given back.
//
// Errors: client.IsInvalidArgument for a seed that cannot be.
func (c *Client) Reset(ctx context.Context, seed *Seed) (*Seed, error) {
	return ask(ctx, "reset world", func(ctx context.Context) (*http.Response, error) {
		return c.calls.ResetWorld(ctx, nil, wire.ResetInput{Seed: seed})
	}, completeSeed)
}

// LoadSeed adds applications and messages with the ids that seed gives them to this world; one that is there already is
// replaced. What the world has after that is given back.
//
// Errors: client.IsInvalidArgument for a seed that cannot be.
func (c *Client) LoadSeed(ctx context.Context, seed Seed) (*Seed, error) {
	return ask(ctx, "load seed", func(ctx context.Context) (*http.Response, error) {
		return c.calls.LoadSeed(ctx, nil, seed)
	}, completeSeed)
}

// DumpSeed gives the applications and messages of this world, in the form that LoadSeed and Reset take.
func (c *Client) DumpSeed(ctx context.Context) (*Seed, error) {
	return ask(ctx, "dump seed", func(ctx context.Context) (*http.Response, error) {
		return c.calls.DumpSeed(ctx, nil)
	}, completeSeed)
}

func completeSeed(s *Seed) bool { return s.Applications != nil }
