//go:build peers

package foreign

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// scripts are what peers are told: scenarios, settings, programs.
//
//go:embed *.xml kamailio.cfg smsc.js smsc.pl
var scripts embed.FS

// Alone runs tests where there is no network but the loopback: phones tell each other every address that they find.
// Without such a place it makes one, for which it has to be root. It gives the exit status.
func Alone(m *testing.M) int {
	if isAlone() {
		return m.Run()
	}
	script := append([]string{"-n", "sh", "-c", `ip link set lo up && exec "$0" "$@"`, os.Args[0]}, os.Args[1:]...)
	cmd := exec.CommandContext(context.Background(), "unshare", script...) //nolint:gosec // the program is this very one
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "tests in a network of their own:", err)
		return 1
	}
	return 0
}

func isAlone() bool {
	all, err := net.Interfaces()
	return err == nil && len(all) == 1 && all[0].Flags&net.FlagLoopback != 0
}

// WantAlone fails a test where there is more network than the loopback.
func WantAlone(t testing.TB) {
	t.Helper()
	if !isAlone() {
		t.Fatal("this test belongs where there is no network but the loopback: run it as .ci/carriers/run does")
	}
}

// FreePort is a port of UDP that nobody uses now.
func FreePort(t testing.TB) string {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
	return port
}

// Program is one that a test talks to.
type Program struct {
	t      testing.TB
	cmd    *exec.Cmd
	output *locked
	ended  chan error
}

type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// run starts a program, and ends it with the test.
func run(t testing.TB, name string, args ...string) *Program {
	t.Helper()
	p := &Program{t: t, cmd: exec.Command(name, args...), output: &locked{}, ended: make(chan error, 1)} //nolint:noctx,gosec // tests name the programs; it is ended below
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = p.output, p.output, t.TempDir()
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("%s is needed for this test: %v", name, err)
	}
	over := make(chan struct{})
	go func() { p.ended <- p.cmd.Wait(); close(over) }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(os.Interrupt)
		select {
		case <-over:
		case <-time.After(3 * time.Second):
			_ = p.cmd.Process.Kill()
			<-over
		}
		if t.Failed() {
			t.Logf("%s:\n%s", name, p.output)
		}
	})
	return p
}

// Kill ends the program without a word.
func (p *Program) Kill() { _ = p.cmd.Process.Kill() }

// Content wants the program to have ended well by itself.
func (p *Program) Content() {
	p.t.Helper()
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("%s is not content: %v", p.cmd.Path, err)
		}
	case <-time.After(20 * time.Second):
		p.t.Errorf("%s waits for more", p.cmd.Path)
	}
}

// Listening waits until the program has bound a port, such as 127.0.0.1:5060;udp, by binding it in vain.
func (p *Program) Listening(trunk string) {
	p.t.Helper()
	at, transport, _ := strings.Cut(trunk, ";")
	var listen net.ListenConfig
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if transport == "tcp" {
			listener, err := listen.Listen(p.t.Context(), "tcp4", at)
			if err != nil {
				return
			}
			_ = listener.Close()
			continue
		}
		conn, err := listen.ListenPacket(p.t.Context(), "udp4", at)
		if err != nil {
			return
		}
		_ = conn.Close()
	}
	p.t.Fatalf("nobody listens at %s:\n%s", trunk, p.output)
}

// script is a file with one of scripts, in which words that the test knows stand in place of others.
func script(t testing.TB, name string, words ...string) string {
	t.Helper()
	text, err := scripts.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(strings.NewReplacer(words...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
