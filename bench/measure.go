package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

func (o options) script() string { return filepath.Join(o.dir, "load.lua") }

// measure makes the folder, measures, and prints the table.
func measure(ctx context.Context, o options, out, errOut io.Writer) (err error) {
	if _, err := exec.LookPath("wrk"); err != nil {
		return errors.New("the load generator wrk is missing: Debian has a package of this name")
	}
	if err := o.leaveOut(errOut); err != nil {
		return err
	}
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	// Made here and removed at the end: a folder that was there may hold something else.
	if err := os.Mkdir(o.dir, 0o700); err != nil {
		return fmt.Errorf("the folder for databases and logs is made anew: remove what an earlier run left, or name another with -dir: %w", err)
	}
	if err := makeDir(o.dir); err != nil {
		return err
	}
	if err := os.WriteFile(o.script(), script, 0o600); err != nil {
		return err
	}
	facts, err := lookAtMachine(o.dir)
	if err != nil {
		return err
	}
	r := &results{progress: errOut}
	if len(o.growth) > 0 {
		err = o.grow(ctx, r)
	} else {
		err = o.compare(ctx, r)
	}
	err = errors.Join(err, r.save(o.record, facts)) // a long run that fails late has not been for nothing
	if err != nil {
		return fmt.Errorf("%w (what was written is in %s)", err, o.dir)
	}
	if _, err := fmt.Fprintf(out, "%s\n%s", facts, r.table()); err != nil {
		return err
	}
	return os.RemoveAll(o.dir)
}

// leaveOut drops rivals whose store this machine does not have, unless they were asked for by name.
func (o *options) leaveOut(errOut io.Writer) (err error) {
	o.rivals = slices.DeleteFunc(o.rivals, func(r rival) bool {
		if r.store == "" || stores[r.store].missing() == nil {
			return false
		}
		if o.named {
			err = errors.Join(err, stores[r.store].missing())
		}
		_, _ = fmt.Fprintf(errOut, "%s is left out: %v\n", r.title, stores[r.store].missing())
		return true
	})
	return err
}

// compare has all rivals up at once and lets them take turns.
func (o options) compare(ctx context.Context, r *results) (err error) {
	var field []*child
	defer func() {
		for _, c := range field {
			err = errors.Join(err, c.close())
		}
	}()
	for _, rival := range o.rivals {
		c, err := start(ctx, rival, filepath.Join(o.dir, rival.name))
		if err != nil {
			return err
		}
		field = append(field, c)
	}
	return o.race(ctx, field, r)
}

// race measures each operation at each number of connections, in rounds in which each child has a turn.
func (o options) race(ctx context.Context, field []*child, r *results) error {
	for _, op := range o.operations {
		for _, c := range field {
			if _, err := c.prove(ctx, op); err != nil {
				return err
			}
		}
		for _, connections := range o.connections {
			pace := map[*child]float64{}
			for _, c := range field {
				warm, err := o.turn(ctx, c, op, connections, time.Second, 8000)
				if err != nil && !errors.Is(err, errTooFew) {
					return err
				}
				pace[c] = warm.perSecond()
			}
			for round := range o.rounds {
				if err := o.round(ctx, field, pace, op, connections, round, r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// round gives each child a turn, in an order that moves on with the rounds.
func (o options) round(
	ctx context.Context, field []*child, pace map[*child]float64, op operation, connections, number int, r *results,
) error {
	for i := range field {
		c := field[(i+number)%len(field)]
		t, err := o.turn(ctx, c, op, connections, o.long(), pace[c])
		for tries := 0; errors.Is(err, errTooFew) && tries < 3; tries++ {
			pace[c] *= 2
			t, err = o.turn(ctx, c, op, connections, o.long(), pace[c])
		}
		if err != nil {
			return err
		}
		pace[c] = max(pace[c], t.perSecond())
		t.Round = number
		r.add(t)
	}
	return nil
}

// errTooFew says that a turn was faster than its PINs were made for; the turn does not count.
var errTooFew = errors.New("there were too few PINs for the turn")

// resends is about how often each PIN is sent again in a turn: nobody asks for a PIN much more often.
const resends = 2

// turn measures one child once. pace is how many requests a second may come.
func (o options) turn(ctx context.Context, c *child, op operation, connections int, long time.Duration, pace float64) (t turn, err error) {
	pins := ""
	switch op.pins {
	case freshPINs:
		pins, err = c.prepare(ctx, int(pace*long.Seconds()*1.5)+1000, false)
	case anyPINs:
		pins, err = c.prepare(ctx, int(pace*long.Seconds())/resends+1000, true)
	}
	if err != nil {
		return t, err
	}
	before, err := c.settle(ctx)
	if err != nil {
		return t, err
	}
	t = turn{Rival: c.name, Title: c.title, Operation: op.name, Connections: connections, threads: min(o.threads, connections)}
	if t.load, err = o.blast(ctx, c, op, connections, long, pins); err != nil {
		return t, err
	}
	after, err := c.stats(ctx)
	if err != nil {
		return t, err
	}
	t.share(before, after)
	if err := os.Truncate(c.logPath(), 0); err != nil { // the lines are written, and nobody reads gigabytes of them
		return t, err
	}
	if t.Again > 0 {
		return t, errTooFew
	}
	return t, c.judge(ctx, t, op, pins, after.Taken-before.Taken)
}

// judge refuses a turn that was not all right answers.
func (c *child) judge(ctx context.Context, t turn, op operation, pins string, taken int64) error {
	if t.Refused > 0 || t.Broken > 0 {
		return fmt.Errorf("%s: %s at %d connections: %d answers were no 2xx, %d did not come",
			c.name, op.name, t.Connections, t.Refused, t.Broken)
	}
	if c.store == "" {
		return nil
	}
	// What is under way when the time is over is taken by the carrier, and its answers are not counted.
	if most := t.Requests + int64(t.Connections); op.carried && (taken < t.Requests || taken > most) {
		return fmt.Errorf("%s: %s: the carrier took %d texts of %d requests", c.name, op.name, taken, t.Requests)
	}
	if op.pins == freshPINs {
		text, err := os.ReadFile(pins)
		if err != nil {
			return err
		}
		// Not the first line: wrk has that request made to look at it, and does not send it.
		return c.proveVerified(ctx, bytes.Split(text, []byte("\n"))[t.threads])
	}
	return nil
}

// results are all turns so far.
type results struct {
	turns    []turn
	progress io.Writer
}

// turn is what one child did in one round.
type turn struct {
	Rival       string `json:"rival"`
	Title       string `json:"title"`
	Operation   string `json:"operation"`
	Connections int    `json:"connections"`
	Round       int    `json:"round"`
	threads     int
	load
	PerSecond float64 `json:"perSecond"`
	CPU       float64 `json:"cpu"`    // microseconds a request, of the server's process
	Allocs    float64 `json:"allocs"` // a request
	Bytes     float64 `json:"bytes"`  // allocated for a request
	MaxRSS    int64   `json:"maxRSS"` // bytes, since the process began
}

// share says what a request took of the process.
func (t *turn) share(before, after stats) {
	n := float64(t.Requests)
	t.PerSecond = t.perSecond()
	t.CPU = float64(after.CPU-before.CPU) / n
	t.Allocs = float64(after.Mallocs-before.Mallocs) / n
	t.Bytes = float64(after.Bytes-before.Bytes) / n
	t.MaxRSS = after.MaxRSS
}

func (r *results) add(t turn) {
	r.turns = append(r.turns, t)
	_, _ = fmt.Fprintf(r.progress, "%s at %d, round %d, %s: %.0f/s, p99 %.1f ms\n",
		t.Operation, t.Connections, t.Round+1, t.Title, t.PerSecond, float64(t.P99)/1000)
}

// save adds every turn to a file, each as a line of JSON, after one for the machine.
func (r *results) save(path string, facts machine) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(f)
	err = lines.Encode(facts)
	for t := range slices.Values(r.turns) {
		err = errors.Join(err, lines.Encode(t))
	}
	return errors.Join(err, f.Close())
}
