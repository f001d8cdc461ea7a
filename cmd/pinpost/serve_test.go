package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client/sandbox"
	"github.com/pinpost/pinpost/internal/canary"
)

// TestMainJob copies the commands that serve prints into a shell: send, resend, resend by voice, read, verify.
func TestMainJob(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	var commands []string
	for line := range strings.Lines(p.banner) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "export ") || strings.HasPrefix(line, "PIN_ID=") || strings.HasPrefix(line, "go run ") {
			commands = append(commands, strings.ReplaceAll(line, "go run ./cmd/pinpost", os.Args[0]))
		}
	}
	if len(commands) != 7 {
		t.Fatalf("serve printed %d commands, want 7:\n%s", len(commands), p.banner)
	}
	commands = append(commands, `echo "PIN_ID $PIN_ID"`)
	shell := exec.CommandContext(t.Context(), "sh", "-ec", strings.Join(commands, "\n"))
	shell.Env = append(os.Environ(), asProgram+"=1")
	shell.Stderr = canary.Log()
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("the printed commands fail: %v\n%s", err, out)
	}
	for _, want := range []string{`"smsStatus": "MESSAGE_SENT"`, `"callStatus": "PROCESSED"`, `"verified": true`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the printed commands do not answer %s:\n%s", want, out)
		}
	}
	_, pinID, _ := strings.Cut(string(out), "PIN_ID ")
	messages := p.captured(t, strings.TrimSpace(pinID))
	if len(messages) != 3 {
		t.Fatalf("the inbox has %d messages, want 3", len(messages))
	}
	for i, channel := range []sandbox.Channel{sandbox.ChannelVoice, sandbox.ChannelSMS, sandbox.ChannelSMS} { // newest first
		m := messages[i]
		if m.Channel != channel || m.Pin != messages[0].Pin || !strings.Contains(m.Text, m.Pin) {
			t.Errorf("message %d is %v %q, want the one PIN over %s", i, m.Channel, m.Text, channel)
		}
	}
	canary.Watch(messages[0].Pin, "41793026727")
}

// TestDataFolder wants secrets readable by their owner alone, and the same demo after a restart.
func TestDataFolder(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "new", "data")
	first := start(t, data)
	first.kill(t)
	for _, name := range []string{"pin.key", "demo.json", "pinpost.db"} {
		info, err := os.Stat(filepath.Join(data, name))
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", name, info.Mode().Perm())
		}
	}
	second := start(t, data)
	if first.key != second.key {
		t.Error("the demo key changed over a restart")
	}
	if _, err := second.client(t).ListApplications(t.Context()); err != nil {
		t.Errorf("the demo key does not work after a restart: %v", err)
	}
	second.kill(t)
	for _, name := range []string{"pinpost.db", "pinpost.db-wal", "pinpost.db-shm"} {
		_ = os.Remove(filepath.Join(data, name))
	}
	third := start(t, data)
	if _, err := third.client(t).ListApplications(t.Context()); err != nil {
		t.Errorf("the demo key does not work with a new database: %v", err)
	}
}

// TestProduction wants no sandbox path, no demo, and a clear word about missing carriers.
func TestProduction(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "serve", "--mode", "production", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	log, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(log)
	warned, address := false, ""
	for lines.Scan() {
		line := decode(t, lines.Bytes()) // production logs JSON
		warned = warned || strings.Contains(fmt.Sprint(line["msg"]), "no carrier is set up")
		if line["msg"] == "serving" {
			address = fmt.Sprint(line["address"])
			break
		}
	}
	if !warned {
		t.Error("the log does not say that no carrier is set up")
	}
	for path, want := range map[string]int{
		"/livez": 200, "/readyz": 503, "/openapi.yaml": 200, "/sandbox/inbox": 404, "/metrics": 404, "/2fa/1/applications": 401,
	} {
		resp, err := http.Get("http://" + address + path)
		must(t, err)
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("GET %s answers %d, want %d", path, resp.StatusCode, want)
		}
	}
}

// TestProduction_refuses_a_sandbox_folder wants the folder left as it is.
func TestProduction_refuses_a_sandbox_folder(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	must(t, os.WriteFile(filepath.Join(data, demoFile), []byte("{}"), demoPerm))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "serve", "--mode", "production", "--data", data, "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	said, _ := cmd.CombinedOutput()
	if status := cmd.ProcessState.ExitCode(); status != exitFault {
		t.Errorf("exit status %d, want 1", status)
	}
	for _, want := range []string{data + " belongs to a sandbox", "readable there", "another folder with --data"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("printed %q, want %q in it", said, want)
		}
	}
	if files, err := os.ReadDir(data); err != nil || len(files) != 1 {
		t.Errorf("the folder holds %v (%v), want the demo alone", files, err)
	}
}

func decode(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%q is not JSON: %v", text, err)
	}
	return value
}
