package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
	"github.com/pinpost/pinpost/internal/canary"
)

// asProgram makes the test binary behave as pinpost, so that tests can run, signal and kill the real program.
const asProgram = "PINPOST_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	if paths := os.Getenv(asClient); paths != "" {
		callUpstream(paths)
	}
	os.Exit(canary.Main(m))
}

// process is a running "pinpost serve".
type process struct {
	cmd     *exec.Cmd
	banner  string // what it printed for a person
	address string
	key     string
	log     *bytes.Buffer
}

var (
	addressLine = regexp.MustCompile(`Pinpost sandbox on (\S+)`)
	keyLine     = regexp.MustCompile(`API key\s+(\S+)`)
)

// start runs "pinpost serve" on a free port and waits until it serves.
func start(t *testing.T, data string, args ...string) *process {
	t.Helper()
	p := &process{log: &bytes.Buffer{}}
	p.cmd = exec.CommandContext(t.Context(), os.Args[0],
		append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--log-format", "json"}, args...)...)
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Stderr = io.MultiWriter(p.log, canary.Log())
	out, err := p.cmd.StdoutPipe()
	must(t, err)
	must(t, p.cmd.Start())
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })

	var printed strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(&printed, lines.Text())
		if strings.Contains(lines.Text(), "/sandbox/inbox") { // the last line of the banner
			break
		}
	}
	p.banner = printed.String()
	address, key := addressLine.FindStringSubmatch(p.banner), keyLine.FindStringSubmatch(p.banner)
	if address == nil || key == nil {
		t.Fatalf("serve printed no address or key:\n%s", p.banner)
	}
	p.address, p.key = address[1], key[1]
	canary.Watch(p.key)
	return p
}

// client calls the process as its demo account.
func (p *process) client(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New(p.address, client.WithAPIKey(p.key))
	must(t, err)
	return c
}

// captured reads the inbox, newest first.
func (p *process) captured(t *testing.T, pinID string) []sandbox.Message {
	t.Helper()
	page, err := sandbox.New(p.client(t)).List(t.Context(), sandbox.ListFilter{PINID: pinID})
	must(t, err)
	return page.Messages
}

// kill ends the process at once, as kill -9 does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	must(t, p.cmd.Process.Kill())
	_ = p.cmd.Wait()
}

// wait waits for the process to end by itself and gives its exit status.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	ended := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(20 * time.Second):
		t.Fatal("the process did not end")
		return -1
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
