package sandbox_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/wire"
)

// Numbers of the scenarios, and one that is of none.
const (
	anyone  = "41793026727"
	another = "41793026728"
	slow    = "33639980600"
)

// Ids that the seed chooses.
const (
	shop   = "5A0B0000000000000000000000000001"
	plain  = "5A0B0000000000000000000000000002"
	nobody = "5A0B0000000000000000000000000009" // chosen by no seed
)

func seed() sandbox.Seed {
	return sandbox.Seed{Applications: []sandbox.SeedApplication{{
		ApplicationID: shop, Name: "Shop",
		Configuration: &sandbox.Configuration{
			InitiationAttempts: new(int32(1000)), VerificationAttempts: new(int32(1000)), PinTimeToLive: new(int64(900_000)),
		},
		Messages: []sandbox.SeedMessage{{
			MessageID: plain, PinType: sandbox.PINTypeNumeric, PinLength: 8, PinPlaceholder: "<pin>",
			MessageText: "<pin> is your PIN.", Sender: "Shop",
		}},
	}}}
}

// guest is somebody with an account on a service of its own, which has the application of the seed.
type guest struct {
	address, key string
	server       *httptest.Server
	house        *wire.House
	pins         *client.Client // shows each fault as it is
	box          *sandbox.Client
}

// newGuest runs a sandbox in this process.
func newGuest() (g *guest, stop func(), err error) {
	ctx := context.Background()
	settings := config.Default()
	if settings.Data, err = os.MkdirTemp("", "pinpost"); err != nil {
		return nil, nil, err
	}
	g = &guest{}
	if g.house, err = wire.Build(ctx, settings, wire.Outside{Log: observe.NewLogger(canary.Log(), slog.LevelDebug, true)}); err != nil {
		return nil, nil, err
	}
	account, err := g.house.Accounts.Create(ctx, "guest", "a long password")
	if err != nil {
		return nil, nil, err
	}
	if _, g.key, err = g.house.Accounts.CreateKey(ctx, account.ID, ""); err != nil {
		return nil, nil, err
	}
	canary.Watch(g.key, anyone, another)
	g.server = httptest.NewServer(g.house.Handler())
	g.address = g.server.URL
	if g.pins, err = client.New(g.address, client.WithAPIKey(g.key), client.WithRetries(0)); err != nil {
		return nil, nil, err
	}
	g.box = sandbox.New(g.pins)
	stop = func() {
		g.house.Drain() // ends streams and waits
		g.server.Close()
		check(errors.Join(g.house.Close(ctx), os.RemoveAll(settings.Data)))
	}
	_, err = g.box.LoadSeed(ctx, seed())
	return g, stop, err
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func setup(t *testing.T) *guest {
	t.Helper()
	g, stop, err := newGuest()
	must(t, err)
	t.Cleanup(stop)
	return g
}

// as gives a client of the same service with other options.
func (g *guest) as(t *testing.T, options ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(g.address, options...)
	must(t, err)
	return c
}

// send sends a PIN over SMS and gives its id and the cursor of its message.
func (g *guest) send(t *testing.T, to string) (pinID, cursor string) {
	t.Helper()
	return send(t, g.pins, to)
}

func send(t *testing.T, c *client.Client, to string) (pinID, cursor string) {
	t.Helper()
	req := api.SendPinOverSmsRequest{To: to, ApplicationID: shop, MessageID: plain}
	var header http.Header
	sent, err := c.SendPIN(t.Context(), req, client.ReadHeader(&header))
	must(t, err)
	return sent.PinID, sandbox.Cursor(header)
}
