package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/canary"
)

func TestMain(m *testing.M) { os.Exit(canary.Main(m)) }

// serving serves a rival in this process, and gives it as the harness has it.
func serving(t *testing.T, r rival, dir string) *child {
	t.Helper()
	c := &child{rival: r, dir: dir, next: firstOfTurns}
	in, feed := io.Pipe()
	out, line := io.Pipe()
	ended := make(chan error, 1)
	args := []string{"-what", r.serve, "-store", "sqlite", "-data", filepath.Join(dir, "data"), "-unchecked=" + strconv.FormatBool(r.unchecked)}
	go func() { ended <- serve(context.WithoutCancel(t.Context()), args, in, line, canary.Log()) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		must(t, feed.Close())
		must(t, <-ended)
	})
	text, err := bufio.NewReader(out).ReadBytes('\n')
	must(t, err)
	must(t, json.Unmarshal(text, &c.ready))
	return c
}

// TestRivals_answer_alike wants each operation of each rival to do what is measured, and all answers to have the same members.
func TestRivals_answer_alike(t *testing.T) {
	t.Parallel()
	answers := map[string]map[string]string{}
	for _, r := range rivals {
		if r.store == "postgres" {
			continue // its store is held to the same by its own tests, and CI's Go tests have no PostgreSQL
		}
		c := serving(t, r, t.TempDir())
		for _, op := range operations {
			answer, err := c.prove(t.Context(), op)
			must(t, err)
			var members map[string]any
			must(t, json.Unmarshal(answer, &members))
			if answers[op.name] == nil {
				answers[op.name] = map[string]string{}
			}
			answers[op.name][r.name] = strings.Join(slices.Sorted(maps.Keys(members)), " ")
		}
	}
	for op, members := range answers {
		for name, got := range members {
			if want := members["bare"]; got != want {
				t.Errorf("%s of %s answers %s, and that of bare Echo %s", op, name, got, want)
			}
		}
	}
}

// TestChild_prepare wants PINs that can be verified, each noted once, and counts that go with them.
func TestChild_prepare(t *testing.T) {
	t.Parallel()
	c := serving(t, rivals[2], t.TempDir())
	for _, again := range []bool{false, true} {
		path, err := c.prepare(t.Context(), 20, again)
		must(t, err)
		text, err := os.ReadFile(path)
		must(t, err)
		lines := strings.Fields(string(text))
		if len(lines) != 60 {
			t.Fatalf("prepared %s, want 20 lines of three words", text)
		}
		if again {
			continue
		}
		if c.proveVerified(t.Context(), []byte(strings.Join(lines[:3], " "))) == nil {
			t.Error("a PIN that nobody verified is verified")
		}
		_, err = c.call(t.Context(), http.MethodPost, c.Address+"/2fa/1/pin/"+lines[0]+"/verify", `{"pin":"`+lines[1]+`"}`)
		must(t, err)
		must(t, c.proveVerified(t.Context(), []byte(strings.Join(lines[:3], " "))))
	}
	s, err := c.settle(t.Context())
	must(t, err)
	if s.Taken != 40 || s.CPU == 0 || s.Mallocs == 0 || s.MaxRSS < 1<<20 {
		t.Errorf("the counts are %+v", s)
	}
}

// TestFill wants PINs that are live and can be sent again, and ones that the purge removes.
func TestFill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out strings.Builder
	args := []string{"-data", filepath.Join(dir, "data"), "-from", "10", "-to", "60", "-purge", "5", "-window", "2s", "-due", "900000000"}
	must(t, fill(t.Context(), args, &out, io.Discard))
	var f filled
	must(t, json.Unmarshal([]byte(out.String()), &f))
	if f.Made != 70 || len(f.Due) != 32 {
		t.Fatalf("fill says %s", &out)
	}
	c := serving(t, rivals[2], dir)
	for {
		_, err := c.call(t.Context(), http.MethodGet, c.Address+"/2fa/1/pin/"+f.Due+"/status", "")
		if err != nil && strings.Contains(err.Error(), "answers 404") {
			break
		}
		must(t, err)
	}
	answer, err := c.call(t.Context(), http.MethodGet, c.Address+"/2fa/1/applications/"+c.Session.App+"/verifications?sent=true&msisdn="+number(59), "")
	must(t, err)
	if !strings.Contains(string(answer), `"verified":false`) {
		t.Errorf("of a live PIN the service says %s", answer)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
