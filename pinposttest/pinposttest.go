// Package pinposttest gives a test a Pinpost of its own: the very service, in the test's process, with everything in memory,
// and the means to read what it would have sent.
//
//	srv := pinposttest.New(t)
//	login := NewLogin(srv.URL, srv.Key, srv.ApplicationID, srv.MessageID) // yours
//	login.Start("33639980012")
//	message, err := srv.Sandbox.Wait(t.Context(), sandbox.WaitFilter{To: "33639980012"}, 0)
//
// No message leaves the process, and no traffic the loopback interface. Tests may run in parallel, each with a server of
// its own.
package pinposttest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/store/sqlite"
	"github.com/pinpost/pinpost/internal/wire"
	"github.com/pinpost/pinpost/server"
)

// Server is a running sandbox with an account, an application and a message. It ends with its test.
type Server struct {
	URL string // base URL, such as http://127.0.0.1:40001
	Key string // API key of the account

	ApplicationID string // of an application with the documented limits
	MessageID     string // of a message with a numeric PIN of six digits: "Your PIN is <pin>."

	Client  *client.Client  // calls the API with Key
	Sandbox *sandbox.Client // reads the inbox, plans faults and moves the clock
}

// stopTime is how long requests and calls under way may take as a test ends.
const stopTime = 10 * time.Second

// The contracts take a while to parse and are the same for all.
var (
	contract        = sync.OnceValues(spec.Load)
	sandboxContract = sync.OnceValues(spec.LoadSandbox)
)

// New starts a server for a test. What the server logs is shown when the test fails.
func New(t testing.TB) *Server {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	house := build(t, log)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	requests := server.NewHTTP(house.Handler(), log)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = requests.Serve(server.Listener(listener)) // always ends with an error; Shutdown is how it is ended
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopTime)
		defer cancel()
		house.Drain()
		if err := requests.Shutdown(ctx); err != nil {
			_ = requests.Close()
		}
		if err := house.Close(ctx); err != nil {
			t.Errorf("stop Pinpost: %v", err)
		}
		<-served
	})
	return furnish(t, house, "http://"+listener.Addr().String())
}

// build makes the service, as a sandbox.
func build(t testing.TB, log *slog.Logger) *wire.House {
	t.Helper()
	settings := config.Default()
	settings.Data = t.TempDir() // of the key that PINs are sealed under
	store, err := sqlite.OpenMemory(t.Context())
	must(t, err)
	outside := wire.Outside{Log: log, Store: store}
	outside.Contract, err = contract()
	must(t, err)
	outside.SandboxContract, err = sandboxContract()
	must(t, err)
	house, err := wire.Build(context.WithoutCancel(t.Context()), settings, outside)
	must(t, err)
	return house
}

// furnish makes what a test begins with.
func furnish(t testing.TB, house *wire.House, url string) *Server {
	t.Helper()
	ctx := t.Context()
	owner, err := house.Accounts.CreateForKeys(ctx, "test")
	must(t, err)
	_, key, err := house.Accounts.CreateKey(ctx, owner.ID, "test")
	must(t, err)
	app, err := house.Applications.Create(ctx, application.Input{AccountID: owner.ID, Name: new("Test application")})
	must(t, err)
	m, err := house.Messages.Create(ctx, message.Input{
		AccountID: owner.ID, ApplicationID: app.ID, Text: new("Your PIN is <pin>."), Placeholder: new("<pin>"),
		PINType: new(message.PINTypeNumeric), PINLength: new(6), Sender: new("Pinpost"),
	})
	must(t, err)
	// A transport of its own, so that the end of another test's server breaks nothing here.
	own := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(own.CloseIdleConnections)
	calls, err := client.New(url, client.WithAPIKey(key), client.WithHTTPClient(own))
	must(t, err)
	return &Server{
		URL: url, Key: key, ApplicationID: app.ID, MessageID: m.ID, Client: calls, Sandbox: sandbox.New(calls),
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("start Pinpost: %v", err)
	}
}
