//go:build peers

package foreign

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a peer may take for anything.
const patience = 20 * time.Second

// nodeModules names the folder that holds the npm package "smpp" 0.5.1.
const nodeModules = "PINPOST_PEERS_NODE_MODULES"

// SMSC is one that nobody of us wrote, in a process of its own.
type SMSC struct {
	port  int
	input io.Writer
	kill  func() // and wait

	mu       sync.Mutex
	binds    []Bind
	messages []Message
	counts   *Counts
	acks     int
	unbinds  int
}

// Bind is one that the SMSC let in.
type Bind struct {
	Command string `json:"command"`
	Version int    `json:"version"`
}

// Message is a message as the SMSC decoded it.
type Message struct {
	To, From, Text, Validity, Header string
	TON, NPI, Coding                 int
}

// Counts are of submit_sm, of acknowledged receipts, and of submit_sm that waited at once.
type Counts struct{ Submits, Acks, InFlight, Most int }

// line is one of those that the scripts write.
type line struct {
	Port    int       `json:"port"`
	Bind    *Bind     `json:"bind"`
	Message *Message  `json:"message"`
	Counts  *Counts   `json:"counts"`
	Ack     *struct{} `json:"ack"`
	Unbind  *struct{} `json:"unbind"`
}

// StartNode starts npm's smpp; an empty password lets anybody in.
func StartNode(t testing.TB, password string, environment ...string) *SMSC {
	t.Helper()
	folder := os.Getenv(nodeModules)
	if folder == "" {
		t.Fatalf("%s does not name the folder of npm packages", nodeModules)
	}
	cmd := exec.CommandContext(t.Context(), "node", script(t, "smsc.js"), password) //nolint:gosec // the script is ours
	cmd.Env = append(append(os.Environ(), "NODE_PATH="+folder), environment...)
	return startSMSC(t, cmd)
}

// StartPerl starts Net::SMPP.
func StartPerl(t testing.TB, arguments ...string) *SMSC {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "perl", append([]string{script(t, "smsc.pl")}, arguments...)...) //nolint:gosec // the script is ours
	return startSMSC(t, cmd)
}

func startSMSC(t testing.TB, cmd *exec.Cmd) *SMSC {
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
	f, port, read := &SMSC{input: input}, make(chan int, 1), make(chan struct{})
	go func() {
		defer close(read)
		f.read(output, port)
	}()
	f.kill = sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // this one process, which we started
		<-read
		_ = cmd.Wait()
	})
	t.Cleanup(f.kill)
	select {
	case f.port = <-port:
	case <-read:
		t.Fatalf("the SMSC ended: %s", faults.String())
	case <-time.After(patience):
		t.Fatal("the SMSC does not listen")
	}
	return f
}

func (f *SMSC) read(output io.Reader, port chan<- int) {
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		var said line
		if json.Unmarshal(lines.Bytes(), &said) != nil {
			continue
		}
		f.mu.Lock()
		switch {
		case said.Port != 0:
			port <- said.Port
		case said.Bind != nil:
			f.binds = append(f.binds, *said.Bind)
		case said.Message != nil:
			f.messages = append(f.messages, *said.Message)
		case said.Counts != nil:
			f.counts = said.Counts
		case said.Ack != nil:
			f.acks++
		case said.Unbind != nil:
			f.unbinds++
		}
		f.mu.Unlock()
	}
}

// Binds are those that it let in so far.
func (f *SMSC) Binds() []Bind {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.binds)
}

// Messages are those that it took so far.
func (f *SMSC) Messages() []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.messages)
}

// Kill ends it without a word.
func (f *SMSC) Kill() { f.kill() }

// Port is where it listens.
func (f *SMSC) Port() int { return f.port }

// Address is host:port.
func (f *SMSC) Address() string { return fmt.Sprintf("127.0.0.1:%d", f.port) }

// Received gives the messages to a destination once there are so many.
func (f *SMSC) Received(t testing.TB, to string, count int) []Message {
	t.Helper()
	var got []Message
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

// Count asks for the counts of a quiet SMSC.
func (f *SMSC) Count(t testing.TB) Counts {
	t.Helper()
	f.mu.Lock()
	f.counts = nil
	f.mu.Unlock()
	if _, err := io.WriteString(f.input, "counts\n"); err != nil {
		t.Fatal(err)
	}
	var got Counts
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

func eventually(t testing.TB, what string, seen func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !seen(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("never %s", what)
		}
	}
}
