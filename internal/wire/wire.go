// Package wire is where all concrete types meet: it puts the service together from its settings. It stands apart from
// cmd/pinpost so that tests and examples run the very service that the program runs.
package wire

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pinpost/pinpost"
	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/carrier"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/metrics"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/cache"
	"github.com/pinpost/pinpost/internal/web"
	"github.com/pinpost/pinpost/internal/world"
	"github.com/pinpost/pinpost/server"
)

// House is the service with everything in it.
type House struct {
	Accounts     *account.Service
	Applications *application.Service
	Messages     *message.Service

	pins    *pin.Service
	server  *server.Server
	lock    io.Closer // of the data folder
	store   Store
	router  *delivery.Router
	world   *sandboxWorld  // nil outside a sandbox
	console *web.Site      // nil outside a sandbox
	fleet   *carrier.Fleet // nil without a file of carriers
	worlds  *world.Service // nil outside a sandbox

	stop     context.CancelFunc // ends the cleaning
	cleaning sync.WaitGroup
	receipts chan struct{} // closed when the last receipt is stored
}

// Outside is what a house takes from the world; the zero value takes the real clock and randomness.
type Outside struct {
	Now  func() time.Time
	Rand io.Reader
	Log  *slog.Logger // required
	// SMS and Voice take messages to phones; nil when none is set up. Production alone may have them. A house that was
	// built closes them.
	SMS   delivery.Sender
	Voice delivery.Caller
	// Store keeps everything; nil opens the one of the settings. Where other houses work on it too, the settings name it all the
	// same. A house that was built closes it.
	Store Store
	// Lookup answers number lookups; nil when none is set up.
	Lookup delivery.Lookup
	// Contract is what requests and answers are checked against, SandboxContract the same for the sandbox's own paths; nil
	// takes the document as it stands.
	Contract, SandboxContract *openapi3.T
	Unchecked                 bool // as server.Deps has it
}

// Build opens the store and starts what works in the background. Close what it gives.
func Build(ctx context.Context, settings config.Settings, outside Outside) (*House, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	if settings.Sandbox() && (outside.SMS != nil || outside.Voice != nil) {
		return nil, config.ErrSandboxCarriers
	}
	if outside.Log == nil {
		return nil, errors.New("a house needs a log")
	}
	if outside.Now == nil {
		outside.Now = time.Now
	}
	if outside.Rand == nil {
		outside.Rand = rand.Reader
	}
	if err := makeFolder(settings); err != nil {
		return nil, err
	}
	lock, err := lockFolder(settings.Data)
	if err != nil {
		return nil, err
	}
	store := outside.Store
	if store == nil {
		if store, err = OpenStore(ctx, settings); err != nil {
			return nil, errors.Join(err, lock.Close())
		}
	}
	h := &House{lock: lock, store: store, router: &delivery.Router{SMS: outside.SMS, Voice: outside.Voice, Finder: outside.Lookup}}
	if err := h.man(ctx, settings, outside); err != nil {
		return nil, errors.Join(err, store.Close(), lock.Close())
	}
	if err := h.furnish(ctx, settings, outside); err != nil {
		return nil, errors.Join(err, h.router.Close(ctx), h.fleet.Close(ctx), store.Close(), lock.Close())
	}
	h.start(settings)
	return h, nil
}

// man makes the carriers that the settings describe.
func (h *House) man(ctx context.Context, settings config.Settings, outside Outside) error {
	if settings.Carriers == "" {
		return nil
	}
	if outside.SMS != nil || outside.Voice != nil || outside.Lookup != nil {
		return errors.New("a house has the carriers of its settings or those that it is given, not both")
	}
	file, err := carrier.Read(settings.Carriers)
	if err != nil {
		return err
	}
	h.fleet, err = carrier.Build(ctx, file, carrier.Deps{Now: outside.Now, Rand: outside.Rand, Log: outside.Log})
	if err != nil {
		return err
	}
	h.router.SMS, h.router.Voice, h.router.Finder = h.fleet.SMS, h.fleet.Voice, h.fleet.Lookup
	h.router.Countries = h.fleet.Countries
	return nil
}

func makeFolder(settings config.Settings) error {
	if err := os.MkdirAll(settings.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	return nil
}

// NewAccounts gives the account service on an open store, for a command beside the service: its changes are answered once
// every service on that store knows of them.
func NewAccounts(store Store, outside Outside) (*account.Service, error) {
	return account.New(account.Deps{Store: changing{store, cache.Wait}, Now: outside.Now, Rand: outside.Rand})
}

// furnish makes the rooms, from the store to the door.
func (h *House) furnish(ctx context.Context, settings config.Settings, outside Outside) (err error) {
	// A folder has one service, a database may have several.
	if h.store, err = newCached(h.store, settings.Store != ""); err != nil {
		return err
	}
	if settings.Sandbox() {
		if h.world, err = newSandboxWorld(ctx, h.store, outside); err != nil {
			return err
		}
		if err := h.capture(h.world, outside); err != nil {
			return err
		}
	} else {
		h.warn(outside.Log)
	}
	if err := h.rules(ctx, settings, outside); err != nil {
		return err
	}
	contract, err := contractOf(outside.Contract, spec.Load)
	if err != nil {
		return err
	}
	deps := server.Deps{
		PINs: h.pins, Applications: h.Applications, Messages: h.Messages, Accounts: h.Accounts,
		Neighbours: neighbours{h.store, h.router}, Metrics: metrics.New(),
		Contract: contract, Document: pinpost.OpenAPI, Log: outside.Log,
		ValidateResponses: server.ResponseValidation(settings.Responses()), Unchecked: outside.Unchecked, ShowMetrics: settings.Metrics,
	}
	if h.world != nil {
		if deps.Sandbox, err = h.sandbox(h.world, outside); err != nil {
			return err
		}
	}
	if h.fleet != nil {
		deps.Callbacks = h.fleet.Callbacks
	}
	if deps.Site, err = h.pages(settings); err != nil {
		return err
	}
	h.server, err = server.New(deps)
	return err
}

// warn says which channels reach no phone.
func (h *House) warn(log *slog.Logger) {
	switch noSMS, noVoice := h.router.SMS == nil, h.router.Voice == nil; {
	case noSMS && noVoice:
		log.Warn("no carrier is set up: every text answers MESSAGE_NOT_SENT, every call ERROR_ROUTE_NOT_AVAILABLE")
	case noSMS:
		log.Warn("no carrier is set up for texts: every text answers MESSAGE_NOT_SENT")
	case noVoice:
		log.Warn("no carrier is set up for calls: every call answers ERROR_ROUTE_NOT_AVAILABLE")
	}
}

// pages gives what a browser is shown, or nothing.
func (h *House) pages(settings config.Settings) (server.Site, error) {
	if settings.Sandbox() {
		console, err := web.NewConsole()
		h.console = console
		return console, err
	}
	if settings.Reference {
		return web.NewReference()
	}
	return nil, nil
}

// contractOf gives the contract that a test brought, or the one that is shipped.
func contractOf(brought *openapi3.T, load func() (*openapi3.T, error)) (*openapi3.T, error) {
	if brought != nil {
		return brought, nil
	}
	return load()
}

func (h *House) rules(ctx context.Context, settings config.Settings, outside Outside) (err error) {
	sealer, err := h.sealer(ctx, settings, outside)
	if err != nil {
		return err
	}
	if h.Accounts, err = account.New(account.Deps{Store: h.store, Now: outside.Now, Rand: outside.Rand}); err != nil {
		return err
	}
	if h.Applications, err = application.New(application.Deps{Store: h.store, Now: outside.Now, Rand: outside.Rand}); err != nil {
		return err
	}
	if h.Messages, err = message.New(message.Deps{
		Store: h.store, Applications: h.Applications, Now: outside.Now, Rand: outside.Rand,
	}); err != nil {
		return err
	}
	deps := pin.Deps{
		Store: h.store, Applications: h.Applications, Messages: h.Messages, Dock: h.router, Sealer: sealer,
		Now: outside.Now, Rand: outside.Rand, Log: outside.Log, CallWait: settings.CallWait,
	}
	if h.world != nil {
		deps.Sandbox = h.world
	}
	h.pins, err = pin.New(deps)
	return err
}

// sealer takes the PIN keys, and refuses keys that do not open what the store holds: a key file that was lost and made
// anew would leave every living PIN unreadable without a word.
func (h *House) sealer(ctx context.Context, settings config.Settings, outside Outside) (*pin.Sealer, error) {
	keys, err := settings.PINKeys(outside.Rand)
	if err != nil {
		return nil, err
	}
	sealer, err := pin.NewSealer(outside.Rand, keys...)
	if err != nil {
		return nil, err
	}
	sample, found, err := h.store.SealedSample(ctx)
	if err != nil {
		return nil, err
	}
	if found {
		if _, err := sealer.Open(sample); err != nil {
			return nil, fmt.Errorf("the keys in %s do not open the PINs in the store: restore the key file that belongs to it",
				settings.KeyFile())
		}
	}
	return sealer, nil
}

// receiptTakers is how many receipts are stored at once: they share commits.
const receiptTakers = 16

// start begins what works beside the requests: cleaning, and taking receipts.
func (h *House) start(settings config.Settings) {
	ctx, cancel := context.WithCancel(context.Background())
	h.stop = cancel
	h.cleaning.Go(func() { h.pins.Purge(ctx, settings.Retention) })
	h.receipts = make(chan struct{})
	go func() {
		defer close(h.receipts)
		if h.router.SMS != nil {
			var takers sync.WaitGroup
			for range receiptTakers {
				takers.Go(func() { h.pins.TakeReceipts(ctx, h.router.SMS.Receipts()) })
			}
			takers.Wait()
		}
	}()
}

// Handler answers requests.
func (h *House) Handler() http.Handler { return h.server }

// SignIn makes a sandbox's console call as somebody from the start.
func (h *House) SignIn(as web.Session) { h.console.SignIn(as) }

// Drain makes /readyz fail from now on, and ends what a sandbox would make requests wait for: faults that delay, waits for
// messages, and calls that go on for ever.
func (h *House) Drain() {
	h.server.Drain()
	if h.world != nil {
		h.world.carrier.Hangup()
	}
}

// Close lets calls under way end and receipts be stored, then stops everything and closes the store. Requests must have
// been answered before.
func (h *House) Close(ctx context.Context) error {
	if h.world != nil {
		h.world.carrier.Hangup() // a call that goes on for ever would be waited for
	}
	err := h.store.Flush(ctx) // what is lost is tried again by the rules, while they still wait for it
	err = errors.Join(err, h.pins.Close(ctx))
	err = errors.Join(err, h.router.Close(ctx), h.fleet.Close(ctx)) // ends the receipts
	if h.world != nil {
		err = errors.Join(err, h.world.box.Close(ctx), h.world.speaker.Close(ctx))
	}
	select {
	case <-h.receipts:
	case <-ctx.Done():
	}
	h.stop()
	h.cleaning.Wait()
	<-h.receipts
	return errors.Join(err, h.store.Close(), h.lock.Close())
}

// neighbours says whether store and carriers are there.
type neighbours struct {
	store  Store
	router *delivery.Router
}

// Ping fails when the store does not answer.
func (n neighbours) Ping(ctx context.Context) error { return n.store.Ping(ctx) }

// Carriers gives the health of each channel.
func (n neighbours) Carriers() map[string]delivery.Health { return n.router.Health() }
