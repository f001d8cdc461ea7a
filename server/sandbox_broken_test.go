package server_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/pinpost/pinpost"
	sandboxapi "github.com/pinpost/pinpost/api/sandbox"
	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/metrics"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/sandbox"
	"github.com/pinpost/pinpost/internal/world"
	"github.com/pinpost/pinpost/server"
)

var (
	errDisk = errors.New("disk on fire")
	errAway = fault.Unavailablef(errors.New("no route"), "The store does not answer")
)

// standsAlone are the operations that need nobody but the desk itself, and a stream, which fails after its 200.
var standsAlone = map[string]bool{
	"listScenarios": true, "listFaults": true, "createFault": true, "deleteFaults": true, "deleteFault": true, "getClock": true,
	"streamCapturedMessages": true,
}

// smallestSandbox is a body that each operation takes.
var smallestSandbox = map[string]string{
	"createFault": `{"effect":"RESET","count":1}`, "moveClock": `{"advanceMs":1}`,
	"loadSeed": `{"applications":[{"applicationId":"A","name":"n"}]}`,
}

// brokenSandbox is a sandbox in which b breaks: who calls, or else all neighbours of its desks.
func brokenSandbox(t *testing.T, b broken, accounts bool) *server.Server {
	t.Helper()
	store := brokenStore{b}
	applications, err := application.New(application.Deps{Store: store, Now: time.Now, Rand: rand.Reader})
	must(t, err)
	messages, err := message.New(message.Deps{Store: store, Applications: applications, Now: time.Now, Rand: rand.Reader})
	must(t, err)
	worlds, err := world.New(world.Deps{
		Store: store, Keys: brokenAccounts{b}, Applications: applications, Messages: messages, Now: time.Now, Rand: rand.Reader,
	})
	must(t, err)
	clocks, err := sandbox.NewClocks(t.Context(), time.Now, brokenClocks{b})
	must(t, err)
	deps := server.Deps{
		PINs: brokenPINs{b}, Applications: applications, Messages: messages, Accounts: brokenAccounts{b}, Neighbours: b,
		Metrics: metrics.New(), Contract: closedContract(t), Document: pinpost.OpenAPI, ShowMetrics: true,
		Log: observe.NewLogger(canary.Log(), slog.LevelDebug, true), ValidateResponses: server.ResponsesFail,
		Sandbox: &server.Sandbox{
			Inbox: brokenInbox{b}, Worlds: worlds, Faults: sandbox.NewFaults(rand.Reader), Clocks: clocks,
			Contract: closedSandboxContract(t), Document: sandboxapi.OpenAPI,
		},
	}
	if accounts {
		deps.Accounts = lostAccounts{brokenAccounts{b}}
	}
	s, err := server.New(deps)
	must(t, err)
	return s
}

// lostAccounts cannot tell who calls.
type lostAccounts struct{ brokenAccounts }

func (b lostAccounts) ByKey(context.Context, string) (account.Caller, error) {
	return account.Caller{}, b.fail()
}

// brokenInbox reads and removes nothing.
type brokenInbox struct{ broken }

func (b brokenInbox) Last() int64 { return 1 }

func (b brokenInbox) List(context.Context, inbox.Filter) ([]inbox.Entry, error) { return nil, b.fail() }

func (b brokenInbox) Page(context.Context, inbox.Filter, int) ([]inbox.Entry, error) {
	return nil, b.fail()
}

func (b brokenInbox) Get(context.Context, string, string) (inbox.Entry, error) {
	return inbox.Entry{}, b.fail()
}

func (b brokenInbox) Delete(context.Context, string, string) (inbox.Entry, error) {
	return inbox.Entry{}, b.fail()
}

func (b brokenInbox) Drain(context.Context, inbox.Filter) ([]inbox.Entry, error) {
	return nil, b.fail()
}

func (b brokenInbox) Wait(context.Context, inbox.Filter) (inbox.Entry, error) {
	return inbox.Entry{}, b.fail()
}

func (b brokenInbox) Follow(context.Context, inbox.Filter, func(inbox.Entry) error) error {
	return b.fail()
}

// MakeKey makes no key.
func (b brokenAccounts) MakeKey(string, string) (account.Key, string, error) {
	return account.Key{}, "", b.fail()
}

// brokenClocks cannot be moved.
type brokenClocks struct{ broken }

func (brokenClocks) ClocksAhead(context.Context) (map[string]time.Duration, error) { return nil, nil }

func (b brokenClocks) SetClockAhead(context.Context, string, time.Duration) error { return b.fail() }

// brokenStore keeps and gives nothing.
type brokenStore struct{ broken }

func (b brokenStore) CreateWorld(context.Context, account.Account, account.Key) error {
	return b.fail()
}

func (b brokenStore) Worlds(context.Context, string) ([]account.Account, error) { return nil, b.fail() }

func (b brokenStore) World(context.Context, string, string) (account.Account, error) {
	return account.Account{}, b.fail()
}

func (b brokenStore) ResetAccount(context.Context, string, []world.Content) error { return b.fail() }
func (b brokenStore) ClearAccount(context.Context, string) error                  { return b.fail() }

func (b brokenStore) DeleteAccount(context.Context, string) ([]string, error) { return nil, b.fail() }

func (b brokenStore) PutSeed(context.Context, []world.Content) error { return b.fail() }

func (b brokenStore) CreateApplication(context.Context, application.Application) error {
	return b.fail()
}

func (b brokenStore) Application(context.Context, string, string) (application.Application, error) {
	return application.Application{}, b.fail()
}

func (b brokenStore) Applications(context.Context, string) ([]application.Application, error) {
	return nil, b.fail()
}

func (b brokenStore) UpdateApplication(context.Context, string, string, func(*application.Application) error) (application.Application, error) {
	return application.Application{}, b.fail()
}

func (b brokenStore) CreateMessage(context.Context, message.Message) error { return b.fail() }

func (b brokenStore) Message(context.Context, string, string, string) (message.Message, error) {
	return message.Message{}, b.fail()
}

func (b brokenStore) Messages(context.Context, string, string) ([]message.Message, error) {
	return nil, b.fail()
}

func (b brokenStore) UpdateMessage(context.Context, string, string, string, func(*message.Message) error) (message.Message, error) {
	return message.Message{}, b.fail()
}
