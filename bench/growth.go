package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// grow measures each store that is among the rivals with more and more live PINs in it, beside bare Echo, while PINs fall due
// and are purged. The sizes share one data folder: each adds what the one before lacks.
func (o options) grow(ctx context.Context, r *results) error {
	seen := map[string]bool{}
	for _, rival := range o.rivals {
		if rival.store == "" || seen[rival.store] {
			continue
		}
		seen[rival.store] = true
		rival.unchecked = false
		next, have := firstOfTurns, 0
		for _, live := range o.growth {
			grown := rival
			grown.title = fmt.Sprintf("%s, %s live PINs", rival.title, thousands(live))
			var err error
			if next, err = o.growTo(ctx, grown, have, live, next, r); err != nil {
				return fmt.Errorf("with %d live PINs: %w", live, err)
			}
			have = live
		}
	}
	return nil
}

// firstOfTurns is where the phone numbers of turns begin, above those of all live PINs; firstDue where those begin that fall
// due.
const (
	firstOfTurns = 200_000_000
	firstDue     = 900_000_000
)

// growTo fills up to a number of live PINs, and has the races at that size.
func (o options) growTo(ctx context.Context, grown rival, have, live, next int, r *results) (_ int, err error) {
	dir := filepath.Join(o.dir, grown.name)
	filled, err := o.fill(ctx, grown, dir, have, live, next, r)
	if err != nil {
		return 0, err
	}
	var field []*child
	defer func() {
		for _, c := range field {
			err = errors.Join(err, c.close())
		}
	}()
	for _, one := range []rival{rivals[0], grown} {
		c, err := start(ctx, one, filepath.Join(o.dir, one.name))
		if err != nil {
			return 0, err
		}
		c.next = next
		field = append(field, c)
	}
	if err := o.race(ctx, field, r); err != nil {
		return 0, err
	}
	service := field[1]
	if _, err := service.call(ctx, http.MethodGet, service.Address+"/2fa/1/pin/"+filled.Due+"/status", ""); o.purge > 0 &&
		(err == nil || !strings.Contains(err.Error(), "answers 404")) {
		return 0, errors.Join(errors.New("a PIN that was due is still there: the purge did not run"), err)
	}
	return service.next, nil
}

// fill runs this program to fill the store, so that the memory it takes is not the service's.
func (o options) fill(ctx context.Context, grown rival, dir string, have, live, next int, r *results) (f filled, err error) {
	b, err := storeNamed(grown.store)
	if err != nil {
		return f, err
	}
	if err := makeDir(dir); err != nil {
		return f, err
	}
	store, err := b.start(ctx, dir)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, store.stop()) }()
	self, err := os.Executable()
	if err != nil {
		return f, err
	}
	// A warm turn and some time around each turn, twice for bare Echo.
	races := len(o.operations) * len(o.connections)
	window := time.Duration(races*2*(o.rounds*(o.seconds+2)+3)) * time.Second
	//nolint:gosec // the program is this one
	cmd := exec.CommandContext(ctx, self, "fill", "-store", grown.store, "-address", store.address, "-data", filepath.Join(dir, "data"),
		"-from", strconv.Itoa(have), "-to", strconv.Itoa(live), "-purge", strconv.Itoa(o.purge), "-window", window.String(),
		"-due", strconv.Itoa(firstDue+(next-firstOfTurns)%(allNumbers-firstDue)/2))
	cmd.Stderr = r.progress
	out, err := cmd.Output()
	if err != nil {
		return f, fmt.Errorf("fill: %w", err)
	}
	if err := json.Unmarshal(out, &f); err != nil {
		return f, fmt.Errorf("fill says %s: %w", out, err)
	}
	_, err = fmt.Fprintf(r.progress, "%s: %d PINs made in %.0f s\n", grown.title, f.Made, f.Seconds)
	return f, err
}

// thousands writes a number with spaces, as people read it.
func thousands(n int) string {
	text := strconv.Itoa(n)
	var parts []string
	for len(text) > 3 {
		parts = append(parts, text[len(text)-3:])
		text = text[:len(text)-3]
	}
	parts = append(parts, text)
	slices.Reverse(parts)
	return strings.Join(parts, " ")
}
