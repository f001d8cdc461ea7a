package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/web"
	"github.com/pinpost/pinpost/internal/wire"
	"github.com/pinpost/pinpost/internal/world"
	"github.com/pinpost/pinpost/server"
)

// stopTime is how long everything in flight may take to end, from the signal to the exit.
const stopTime = 30 * time.Second

type serveCommand struct {
	config.Settings `embed:""`
}

// Run serves until the process is told to stop.
func (c *serveCommand) Run(s *streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	return serve(ctx, c.Settings, s)
}

// serve runs the service until ctx ends, then finishes what is in flight.
func serve(ctx context.Context, settings config.Settings, s *streams) error {
	if err := settings.Validate(); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	level, err := settings.Level()
	if err != nil {
		return err
	}
	seed, err := readSeed(settings.Seed)
	if err != nil {
		return err
	}
	if !settings.Sandbox() {
		if err := refuseSandboxFolder(settings.Data); err != nil {
			return err
		}
	}
	lines := observe.NewBatch(s.err)
	defer func() { _ = lines.Flush() }() // who reads the log sees that it failed
	log := observe.NewLogger(lines, level, settings.JSONLogs())
	relax()
	house, err := wire.Build(ctx, settings, wire.Outside{Log: log})
	if err != nil {
		return err
	}
	httpServer := server.NewHTTP(house.Handler(), log)
	err = serveHouse(ctx, house, httpServer, settings, seed, log, s)
	log.Info("stopping")
	house.Drain()
	if err = errors.Join(err, finish(httpServer, house)); err == nil {
		log.Info("stopped")
	}
	return err
}

// growth is how much the heap grows between two collections, in percent, where the environment does not say it with GOGC. What
// lives in memory is small and every request makes garbage: at Go's own 100, collecting takes a tenth of the processor.
const growth = 200

// relax collects less often than Go would by itself.
func relax() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
}

// serveHouse answers requests until ctx ends.
func serveHouse(
	ctx context.Context, house *wire.House, httpServer *http.Server, settings config.Settings, seed world.Seed,
	log *slog.Logger, s *streams,
) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", settings.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	address := listener.Addr().String()
	if settings.Sandbox() {
		demo, err := openDemo(ctx, house, settings)
		if err == nil {
			err = demo.load(ctx, house, settings.Seed, seed)
		}
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		announce(log, listener.Addr(), settings.Seed, seed)
		house.SignIn(web.Session{
			Key: demo.Key, User: demo.User, Password: demo.Password, ApplicationID: demo.ApplicationID, MessageID: demo.MessageID,
		})
		demo.print(s.out, address)
	}
	log.Info("serving", slog.String("address", address), slog.String("mode", string(settings.Mode)),
		slog.String("version", programVersion()))
	failed := make(chan error, 1)
	go func() { failed <- httpServer.Serve(server.Listener(listener)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		return nil
	}
}

// announce says what a person who starts a sandbox should know of it: who can reach it, and what was loaded.
func announce(log *slog.Logger, at net.Addr, path string, seed world.Seed) {
	if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		log.Warn("everybody who reaches this address can read all PINs of this sandbox and is given the key of its demo: "+
			"let only people reach it who may, or listen on 127.0.0.1", slog.String("address", at.String()))
	}
	if path == "" {
		return
	}
	messages := 0
	for _, a := range seed.Applications {
		messages += len(a.Messages)
	}
	log.Info("seed loaded", slog.String("file", path), slog.Int("applications", len(seed.Applications)), slog.Int("messages", messages))
}

// requests are what the HTTP server answers.
type requests interface {
	Shutdown(ctx context.Context) error
	Close() error
}

// rest is what a house does beside requests.
type rest interface {
	Close(ctx context.Context) error
}

// finish lets requests end and then the rest, all within one stopTime.
func finish(requests requests, rest rest) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	err := requests.Shutdown(ctx)
	if err != nil {
		err = fmt.Errorf("stop: %w", errors.Join(err, requests.Close()))
	}
	return errors.Join(err, rest.Close(ctx))
}
