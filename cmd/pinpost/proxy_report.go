package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/contract"
	"github.com/pinpost/pinpost/internal/proxy"
	"github.com/pinpost/pinpost/internal/proxy/page"
	"github.com/pinpost/pinpost/internal/record"
)

// proxyReports are where the findings of a proxy go.
type proxyReports struct {
	command   *proxyCommand
	streams   *streams
	log       *slog.Logger
	reporters []proxy.Reporter
	ends      []func() error // in order
}

// open opens what is reported to. It is to be closed even when there is an error.
func (r *proxyReports) open(ctx context.Context, doc *openapi3.T, at string) error {
	return errors.Join(r.openLines(), r.openRecording(), r.openPage(ctx, doc, at))
}

// close closes it, the page last: who looks at it then sees the end.
func (r *proxyReports) close() error {
	var errs []error
	for _, end := range r.ends {
		errs = append(errs, end())
	}
	return errors.Join(errs...)
}

func (r *proxyReports) openLines() error {
	switch r.command.JSONLines {
	case "":
	case "-":
		r.reporters = append(r.reporters, proxy.Lines{To: r.streams.out})
	default:
		file, err := os.Create(r.command.JSONLines)
		if err != nil {
			return err
		}
		r.ends = append(r.ends, file.Close)
		r.reporters = append(r.reporters, proxy.Lines{To: file})
	}
	return nil
}

func (r *proxyReports) openRecording() error {
	if r.command.Record == "" {
		return nil
	}
	recorder, err := record.New(r.command.Record)
	if err != nil {
		return err
	}
	r.reporters = append(r.reporters, recording{recorder})
	r.ends = append(r.ends, func() error {
		summary, err := recorder.Close()
		people := r.command.people(r.streams)
		_, printed := fmt.Fprintf(people, "%d cases recorded in %s\n", summary.Cases, r.command.Record)
		for _, reason := range slices.Sorted(maps.Keys(summary.LeftOut)) {
			_, failed := fmt.Fprintf(people, "  %d exchanges are left out: %s\n", summary.LeftOut[reason], reason)
			printed = errors.Join(printed, failed)
		}
		return errors.Join(err, printed)
	})
	return nil
}

// recording hands to the recorder what can be a case: exchanges with a right answer, be it to a wrong request.
type recording struct{ to *record.Recorder }

// Exchange records one.
func (r recording) Exchange(x proxy.Exchange) error {
	wrong := func(v conform.Violation) bool { return v.In == conform.InResponse }
	if x.Operation == "" || slices.ContainsFunc(x.Violations, wrong) {
		return nil
	}
	req, resp := x.Content()
	return r.to.Exchange(x.Operation, req, resp)
}

// End does nothing: the recording is written when it is closed.
func (recording) End(proxy.Summary) error { return nil }

func (r *proxyReports) openPage(ctx context.Context, doc *openapi3.T, at string) error {
	if r.command.Page == "" {
		return nil
	}
	about := page.About{Upstream: r.command.Upstream, Proxy: at, Closed: r.command.Schemas == contract.SchemasClosed, Began: time.Now()}
	for id, op := range spec.Operations(doc) {
		about.Operations = append(about.Operations, page.Operation{ID: id, Method: op.Method, Path: op.Path})
	}
	shown, err := page.New(about)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, r.command.Page)
	if err != nil {
		return fmt.Errorf("page: %w; --page moves it, --page \"\" leaves it out", err)
	}
	r.log.Info("page on " + address(listener))
	httpServer := newProxyServer(shown, r.log)
	go func() { _ = httpServer.Serve(listener) }()
	r.reporters = append(r.reporters, shown)
	r.ends = append(r.ends, func() error { return stopServer(ctx, httpServer) })
	return nil
}
