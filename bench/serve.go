package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/server"
)

// ready is the line that a server prints when it can be called.
type ready struct {
	Address string  `json:"address"` // what is measured
	Control string  `json:"control"` // what the harness asks beside it
	Session session `json:"session"`
}

const stopTime = 30 * time.Second

// serve is one server, until its standard input ends: no rival outlives a harness that was killed.
func serve(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("bench serve", flag.ContinueOnError)
	what := flags.String("what", "", "bare, kin or pinpost")
	f := houseFlags{}
	f.add(flags)
	flags.SetOutput(errOut)
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		stop()
	}()
	s := session{Key: "bench", App: "8F0792F86035A9F4290821F1EE6BC06A", Message: "F66D67327326FCCB027BEAA916B94542"}
	s.Again, s.AgainText = s.App, s.Message
	plain := func(h http.Handler) *http.Server { return &http.Server{Handler: h, ReadHeaderTimeout: stopTime} }
	none := func(l net.Listener) net.Listener { return l }
	switch *what {
	case "bare":
		return serveOn(ctx, plain(bare(s)), none, &control{session: s}, out)
	case "kin":
		handler, err := kin(s)
		if err != nil {
			return err
		}
		return serveOn(ctx, plain(handler), none, &control{session: s}, out)
	case "pinpost":
		return serveHouse(ctx, f, out, errOut)
	}
	return fmt.Errorf("there is nothing called %q to serve", *what)
}

func (f *houseFlags) add(flags *flag.FlagSet) {
	flags.StringVar(&f.store, "store", "sqlite", "name of the store")
	flags.StringVar(&f.address, "address", "", "where the store is")
	flags.StringVar(&f.data, "data", "", "data folder")
	flags.BoolVar(&f.unchecked, "unchecked", false, "check neither requests nor answers against the contract")
}

// serveHouse is the service, as cmd/pinpost serves it.
func serveHouse(ctx context.Context, f houseFlags, out, errOut io.Writer) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // as pinpost serve does
	}
	c, lines := newCarrier(), observe.NewBatch(errOut)
	defer func() { _ = lines.Flush() }()
	house, log, err := build(ctx, f, c, lines)
	if err != nil {
		return err
	}
	s, err := enter(ctx, house, f.data)
	if err == nil {
		err = serveOn(ctx, server.NewHTTP(house.Handler(), log), server.Listener,
			&control{session: s, carrier: c, handler: house.Handler()}, out)
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return errors.Join(err, house.Close(closing))
}

// serveOn serves what is measured, and the control beside it, on ports of loopback.
func serveOn(ctx context.Context, measured *http.Server, bounds func(net.Listener) net.Listener, c *control, out io.Writer) error {
	var listeners [2]net.Listener
	for i := range listeners {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer func() { _ = l.Close() }()
		listeners[i] = l
	}
	listeners[0] = bounds(listeners[0])
	beside := &http.Server{Handler: c.routes(), ReadHeaderTimeout: stopTime}
	failed := make(chan error, len(listeners))
	go func() { failed <- measured.Serve(listeners[0]) }()
	go func() { failed <- beside.Serve(listeners[1]) }()
	line, err := json.Marshal(ready{listeners[0].Addr().String(), listeners[1].Addr().String(), c.session})
	if err == nil {
		_, err = fmt.Fprintf(out, "%s\n", line)
	}
	if err == nil {
		select {
		case err = <-failed:
		case <-ctx.Done():
		}
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return errors.Join(err, measured.Shutdown(closing), beside.Close())
}
