package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// control is what the harness asks a server beside what it measures, on a port of its own.
type control struct {
	session session
	carrier *carrier     // nil for a rival that keeps nothing
	handler http.Handler // of the service
}

// stats are counts since the process began, but for the memory, which is the most it ever had.
type stats struct {
	CPU     int64  `json:"cpu"` // microseconds of processor time
	Mallocs uint64 `json:"mallocs"`
	Bytes   uint64 `json:"bytes"`
	MaxRSS  int64  `json:"maxRSS"` // bytes
	Taken   int64  `json:"taken"`  // texts that the carrier took
}

func (c *control) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", c.stats)
	mux.HandleFunc("POST /prepare", c.prepare)
	return mux
}

func (c *control) stats(w http.ResponseWriter, _ *http.Request) {
	cpu, most, err := usage()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	s := stats{CPU: cpu, Mallocs: memory.Mallocs, Bytes: memory.TotalAlloc, MaxRSS: most}
	if c.carrier != nil {
		s.Taken = c.carrier.taken.Load()
	}
	_ = json.NewEncoder(w).Encode(s)
}

// preparers is how many PINs are made at a time, so that a store can take them together.
const preparers = 256

// prepare makes count PINs of an application by the service's own operation, in this process, from the phone number that is
// numbered first on. It answers a line for each: its id, its code and its number.
func (c *control) prepare(w http.ResponseWriter, r *http.Request) {
	count, err := strconv.Atoi(r.FormValue("count"))
	first, err2 := strconv.Atoi(r.FormValue("first"))
	if err != nil || err2 != nil {
		http.Error(w, "count and first must be numbers", http.StatusBadRequest)
		return
	}
	if c.carrier == nil {
		for i := range count { // any PIN is as good as any other
			_, _ = fmt.Fprintf(w, "%032X %06d %s\n", first+i, (first+i)%1e6, number(first+i))
		}
		return
	}
	app, text := c.session.App, c.session.Message
	if r.FormValue("again") != "" {
		app, text = c.session.Again, c.session.AgainText
	}
	var made notes
	err = c.send(context.WithValue(r.Context(), notesKey{}, &made), app, text, count, first)
	if err != nil || len(made.texts) != count {
		http.Error(w, fmt.Sprintf("prepared %d of %d: %v", len(made.texts), count, err), http.StatusInternalServerError)
		return
	}
	for _, t := range made.texts {
		_, _ = fmt.Fprintln(w, t.pinID, t.code, t.to)
	}
}

func (c *control) send(ctx context.Context, app, text string, count, first int) error {
	next, failed := make(chan int), make(chan error, preparers)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all sync.WaitGroup
	for range preparers {
		all.Go(func() {
			for i := range next {
				if err := c.sendOne(ctx, app, text, number(i)); err != nil {
					failed <- err
					cancel()
					return
				}
			}
		})
	}
	for i := first; i < first+count && ctx.Err() == nil; i++ {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return ctx.Err()
	}
}

func (c *control) sendOne(ctx context.Context, app, text, to string) error {
	body := `{"to":"` + to + `","applicationId":"` + app + `","messageId":"` + text + `"}`
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/2fa/1/pin", strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "App "+c.session.Key)
	r.Header.Set("Content-Type", "application/json")
	var answer kept
	c.handler.ServeHTTP(&answer, r)
	if answer.status != http.StatusOK {
		return fmt.Errorf("send answers %d %s", answer.status, answer.Bytes())
	}
	return nil
}

// kept is an answer in memory.
type kept struct {
	bytes.Buffer
	header http.Header
	status int
}

// Header gives the headers.
func (k *kept) Header() http.Header {
	if k.header == nil {
		k.header = http.Header{}
	}
	return k.header
}

// WriteHeader keeps the status.
func (k *kept) WriteHeader(status int) { k.status = status }

// spread makes phone numbers that come in no order, as those of people do: an index on them is met everywhere.
// Each count below a billion has its own; load.lua makes the same. No text leaves the process.
const (
	spread     = 7654321 // has no divisor in common with allNumbers
	allNumbers = 1_000_000_000
)

func number(i int) string { return fmt.Sprintf("4915%09d", i*spread%allNumbers) }
