package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/wire"
	"github.com/pinpost/pinpost/server"
)

// stopTime is how long what is in flight may take to end.
const stopTime = 30 * time.Second

type serveCommand struct {
	config.Settings `embed:""`
}

// Run serves until the process is told to stop.
func (c *serveCommand) Run(s *streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
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
	log := observe.NewLogger(s.err, level, settings.JSONLogs())
	house, err := wire.Build(ctx, settings, wire.Outside{Log: log})
	if err != nil {
		return err
	}
	err = serveHouse(ctx, house, settings, log, s)
	closing, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	return errors.Join(err, house.Close(closing))
}

func serveHouse(ctx context.Context, house *wire.House, settings config.Settings, log *slog.Logger, s *streams) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", settings.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	address := listener.Addr().String()
	if settings.Sandbox() {
		demo, err := openDemo(ctx, house, settings)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		demo.print(s.out, address)
	}
	log.Info("serving", slog.String("address", address), slog.String("mode", string(settings.Mode)),
		slog.String("version", version))
	httpServer := server.NewHTTP(house.Handler(), log)
	failed := make(chan error, 1)
	go func() { failed <- httpServer.Serve(server.Listener(listener)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping")
	house.Drain()
	stopping, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := httpServer.Shutdown(stopping); err != nil {
		return fmt.Errorf("stop: %w", errors.Join(err, httpServer.Close()))
	}
	log.Info("stopped")
	return nil
}
