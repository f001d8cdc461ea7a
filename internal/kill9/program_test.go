//go:build peers || postgres

package kill9

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
)

// startTime is how long a program may take until it serves.
const startTime = 20 * time.Second

// binary is the program, as TestMain has built it.
var binary string

func TestMain(m *testing.M) {
	status, err := run(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// run builds the program, and lets the tests run where they have a database if they need one.
func run(tests func() int) (int, error) {
	folder, err := os.MkdirTemp("", "pinpost-kill9")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "pinpost")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/pinpost/pinpost/cmd/pinpost").CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build the program: %w: %s", err, out)
	}
	return withDatabase(tests), nil
}

// outage counts the beginnings and ends of the times that something is away; it is away while the count is odd.
type outage struct{ count atomic.Int64 }

func (o *outage) turn() { o.count.Add(1) }

func (o *outage) away() bool { return o.count.Load()%2 == 1 }

// hit tells whether it was away at any time since the count was read.
func (o *outage) hit(before int64) bool { return before%2 == 1 || o.count.Load() != before }

// program is a "pinpost serve" that is killed and started again, on the same port.
type program struct {
	data    string
	address string
	args    []string
	log     string // file
	cmd     *exec.Cmd
	ended   chan struct{}
	outage  outage
	client  *client.Client
	pool    *http.Transport // of the client

	answered atomic.Int64 // calls, over all starts
	refused  atomic.Int64 // with 503
}

// newProgram gives a program on a data folder of its own, which starts when it is told to.
func newProgram(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{
		data: t.TempDir(), address: freeAddress(t), args: args, log: filepath.Join(t.TempDir(), "log"),
		pool: &http.Transport{MaxIdleConnsPerHost: clients},
	}
	p.outage.turn()
	t.Cleanup(func() {
		p.kill()
		if !t.Failed() {
			return
		}
		if text, err := os.ReadFile(p.log); err == nil {
			t.Logf("the log of the program at %s ends with:\n%s", p.address, text[max(0, len(text)-4000):])
		}
	})
	return p
}

// ports keeps the programs of this process from trying the same ones.
var ports atomic.Int64

// freeAddress finds a port that no connection is given by chance while the program is away.
func freeAddress(t *testing.T) string {
	t.Helper()
	const lowest, many = 12_000, 18_000
	for range many {
		address := fmt.Sprintf("127.0.0.1:%d", lowest+(int64(os.Getpid())*31+ports.Add(7))%many)
		if listener, err := net.Listen("tcp", address); err == nil {
			must(t, listener.Close())
			return address
		}
	}
	t.Fatal("there is no free port")
	return ""
}

// launch starts the process.
func (p *program) launch(t *testing.T) {
	t.Helper()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	defer log.Close()
	args := append([]string{"serve", "--data", p.data, "--listen", p.address, "--log-format", "json", "--log-level", "warn"}, p.args...)
	p.cmd = exec.Command(binary, args...)
	p.cmd.Stderr = log
	must(t, p.cmd.Start())
	p.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) { _ = cmd.Wait(); close(ended) }(p.cmd, p.ended)
}

// start starts the process and waits until it serves.
func (p *program) start(t *testing.T) {
	t.Helper()
	p.launch(t)
	asks := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for end := time.Now().Add(startTime); ; time.Sleep(5 * time.Millisecond) {
		answer, err := asks.Get("http://" + p.address + "/readyz")
		if err == nil {
			_ = answer.Body.Close()
		}
		select {
		case <-p.ended:
			t.Fatalf("the program at %s ended as it started: %v", p.address, p.cmd.ProcessState)
		default:
		}
		if err == nil && answer.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the program at %s does not serve after %v: %v", p.address, startTime, err)
		}
	}
	p.outage.turn()
}

// kill ends the process as kill -9 does, if there is one.
func (p *program) kill() {
	if p.cmd == nil {
		return
	}
	if !p.outage.away() {
		p.outage.turn()
	}
	_ = p.cmd.Process.Kill()
	<-p.ended
	p.pool.CloseIdleConnections() // or a request might be sent to one that is dead
}

// key is that of the demo account.
func (p *program) key(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.data, "demo.json"))
	must(t, err)
	var demo struct{ Key string }
	must(t, json.Unmarshal(text, &demo))
	return demo.Key
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
