package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/contract"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/proxy"
)

type proxyCommand struct {
	Upstream  *url.URL `help:"Address of the service that requests are passed to." required:"" env:"PINPOST_UPSTREAM"`
	Listen    string   `help:"Address and port that clients call instead of the service." default:"127.0.0.1:8081" env:"PINPOST_LISTEN"`
	Page      string   `help:"Address and port of the live page; empty for none." default:"127.0.0.1:8082"`
	Schemas   string   `help:"Whether answers may have members that the contract does not declare: closed or open." enum:"closed,open" default:"closed"`
	JSONLines string   `name:"json-lines" help:"Write each violation, and the summary, as a line of JSON to this file; - is standard output, and what is for people then goes to standard error." placeholder:"FILE"`
	Record    string   `help:"Write what passed as test cases to this new folder, with secrets replaced." placeholder:"FOLDER" type:"path"`
	LogFormat string   `help:"Form of the log lines: text or json." enum:"text,json" default:"text" env:"PINPOST_LOG_FORMAT"`
	Command   []string `arg:"" optional:"" passthrough:"" help:"Command to run, with PINPOST_URL set to the proxy's address; the proxy ends with it."`
}

// errViolations ends the command after it has reported.
var errViolations = errors.New("violations")

// Validate refuses what cannot be proxied, before anything is opened.
func (c *proxyCommand) Validate() error {
	u := c.Upstream
	if u == nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("--upstream must be an address such as https://host or http://127.0.0.1:8080")
	}
	return nil
}

// Run passes requests until the process is told to stop, or the command has ended.
func (c *proxyCommand) Run(s *streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	log := observe.NewLogger(s.err, slog.LevelInfo, c.LogFormat == "json")
	doc, err := spec.Load()
	if err != nil {
		return err
	}
	listener, err := listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	reports := &proxyReports{command: c, streams: s, log: log, reporters: []proxy.Reporter{proxy.Log{To: log}}}
	if err = reports.open(ctx, doc, address(listener)); err != nil {
		return errors.Join(err, listener.Close(), reports.close())
	}
	p, err := proxy.New(doc, proxy.Options{
		Upstream: c.Upstream, Closed: c.Schemas == contract.SchemasClosed, Log: log, Reporters: reports.reporters,
	})
	if err != nil {
		return errors.Join(err, listener.Close(), reports.close())
	}
	err = c.pass(ctx, listener, p, s, log)
	summary, failed := p.Close()
	err = errors.Join(err, failed, summary.Print(c.people(s)), reports.close())
	switch {
	case err != nil:
		return err
	case summary.Violations > 0:
		return errViolations
	case summary.Exchanges == 0:
		return errors.New("no request of the contract passed, so nothing is proved: let clients call the proxy")
	}
	return nil
}

func listen(ctx context.Context, on string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", on)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return listener, nil
}

func address(listener net.Listener) string { return "http://" + listener.Addr().String() }

// newProxyServer gives a server whose requests and answers may stream for as long as the two ends like.
func newProxyServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: time.Minute, DisableGeneralOptionsHandler: true,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// pass serves until ctx ends or the command has ended.
func (c *proxyCommand) pass(ctx context.Context, listener net.Listener, p *proxy.Proxy, s *streams, log *slog.Logger) (err error) {
	log.Info("proxy on "+address(listener), slog.String("upstream", c.Upstream.String()))
	httpServer := newProxyServer(p, log)
	failed := make(chan error, 1)
	go func() { failed <- httpServer.Serve(listener) }()
	if len(c.Command) > 0 {
		err = c.run(ctx, address(listener), s)
	} else {
		select {
		case err = <-failed:
			return fmt.Errorf("serve: %w", err)
		case <-ctx.Done():
		}
	}
	return errors.Join(err, stopServer(ctx, httpServer))
}

// stopServer lets requests end, for a while; then it ends streams that nobody ends.
func stopServer(ctx context.Context, httpServer *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), proxyStopTime)
	defer cancel()
	if httpServer.Shutdown(ctx) != nil {
		return httpServer.Close()
	}
	return nil
}

// people is where they read: standard output belongs to the lines of JSON when they are asked for there.
func (c *proxyCommand) people(s *streams) io.Writer {
	if c.JSONLines == "-" {
		return s.err
	}
	return s.out
}

// proxyStopTime is how long requests may take to end once the proxy is told to stop.
const proxyStopTime = 10 * time.Second

// run runs the command that was given.
func (c *proxyCommand) run(ctx context.Context, address string, s *streams) error {
	words := slices.DeleteFunc(slices.Clone(c.Command), func(word string) bool { return word == "--" })
	command := exec.CommandContext(ctx, words[0], words[1:]...) //nolint:gosec // it is the operator's command
	command.Env = append(os.Environ(), "PINPOST_URL="+address)
	command.Stdin, command.Stdout, command.Stderr = s.in, c.people(s), s.err
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = proxyStopTime
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w", words[0], err)
	}
	return nil
}
