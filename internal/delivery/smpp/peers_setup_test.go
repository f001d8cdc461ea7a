//go:build peers

package smpp_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/smpp"
)

// nodeModules names the folder that holds the npm package "smpp" 0.5.1.
const nodeModules = "PINPOST_PEERS_NODE_MODULES"

// foreign is an SMSC that nobody of us wrote, in a process of its own.
type foreign struct {
	port  int
	input io.Writer

	mu       sync.Mutex
	binds    []foreignBind
	messages []foreignMessage
	counts   *foreignCounts
	acks     int
	unbinds  int
}

type foreignBind struct {
	Command string `json:"command"`
	Version int    `json:"version"`
}

// foreignMessage is a message as the SMSC decoded it.
type foreignMessage struct {
	To, From, Text, Validity, Header string
	TON, NPI, Coding                 int
}

type foreignCounts struct{ Submits, Acks, InFlight, Most int }

type foreignLine struct {
	Port    int             `json:"port"`
	Bind    *foreignBind    `json:"bind"`
	Message *foreignMessage `json:"message"`
	Counts  *foreignCounts  `json:"counts"`
	Ack     *struct{}       `json:"ack"`
	Unbind  *struct{}       `json:"unbind"`
}

// startNode starts the SMSC of testdata/smsc.js.
func startNode(t *testing.T, password string, environment ...string) *foreign {
	t.Helper()
	folder := os.Getenv(nodeModules)
	if folder == "" {
		t.Fatalf("%s does not name the folder of npm packages", nodeModules)
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "smsc.js"), password)
	cmd.Env = append(append(os.Environ(), "NODE_PATH="+folder), environment...)
	return startForeign(t, cmd)
}

// startPerl starts the SMSC of testdata/smsc.pl.
func startPerl(t *testing.T, arguments ...string) *foreign {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "perl", append([]string{filepath.Join("testdata", "smsc.pl")}, arguments...)...)
	return startForeign(t, cmd)
}

func startForeign(t *testing.T, cmd *exec.Cmd) *foreign {
	t.Helper()
	var faults strings.Builder
	cmd.Stderr = &faults
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the SMSC: %v", err)
	}
	f, port, read := &foreign{input: input}, make(chan int, 1), make(chan struct{})
	go func() {
		defer close(read)
		f.read(output, port)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // this one process, which we started
		<-read
		_ = cmd.Wait()
	})
	select {
	case f.port = <-port:
	case <-read:
		t.Fatalf("the SMSC ended: %s", faults.String())
	case <-time.After(patience):
		t.Fatal("the SMSC does not listen")
	}
	return f
}

func (f *foreign) read(output io.Reader, port chan<- int) {
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		var line foreignLine
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		f.mu.Lock()
		switch {
		case line.Port != 0:
			port <- line.Port
		case line.Bind != nil:
			f.binds = append(f.binds, *line.Bind)
		case line.Message != nil:
			f.messages = append(f.messages, *line.Message)
		case line.Counts != nil:
			f.counts = line.Counts
		case line.Ack != nil:
			f.acks++
		case line.Unbind != nil:
			f.unbinds++
		}
		f.mu.Unlock()
	}
}

func (f *foreign) address() string { return fmt.Sprintf("127.0.0.1:%d", f.port) }

// received gives the messages to a destination once there are so many.
func (f *foreign) received(t *testing.T, to string, count int) []foreignMessage {
	t.Helper()
	var got []foreignMessage
	eventually(t, fmt.Sprintf("%d messages", count), func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		got = nil
		for _, m := range f.messages {
			if m.To == to {
				got = append(got, m)
			}
		}
		return len(got) >= count
	})
	return got
}

// count asks for the counts of a quiet SMSC.
func (f *foreign) count(t *testing.T) foreignCounts {
	t.Helper()
	f.mu.Lock()
	f.counts = nil
	f.mu.Unlock()
	if _, err := io.WriteString(f.input, "counts\n"); err != nil {
		t.Fatal(err)
	}
	var got foreignCounts
	eventually(t, "counts", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.counts != nil {
			got = *f.counts
		}
		return f.counts != nil
	})
	return got
}

func eventually(t *testing.T, what string, seen func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !seen(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("never %s", what)
		}
	}
}

// bindTo starts a carrier for a foreign SMSC and waits until it is bound.
func bindTo(t *testing.T, f *foreign, change func(*smpp.Config, *smpp.Deps)) bench {
	t.Helper()
	b := bench{log: &logBook{}}
	b.carrier = start(t, f.address(), b.log, change)
	b.until(t, "bound", func() bool { return b.carrier.Health().Up })
	return b
}
