//go:build peers

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/wire"
)

// TestSandboxPage runs the commands of docs/sandbox.md in one shell, as a reader does who copies them.
func TestSandboxPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/sandbox.md")
	must(t, err)
	p := start(t, t.TempDir())
	var script strings.Builder
	for line := range strings.Lines(p.banner) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "export ") {
			script.WriteString(line + "\n")
		}
	}
	blocks := strings.Split(string(page), "```sh\n")
	for _, block := range blocks[1:] {
		commands, _, _ := strings.Cut(block, "```")
		script.WriteString(commands)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-eux", "-c", script.String())
	shell.Dir = t.TempDir()
	var said strings.Builder
	shell.Stderr = &said
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("the commands of the page fail: %v\n%s\n%s", err, &said, out)
	}
	for _, want := range []string{
		`"smsStatus":"MESSAGE_NOT_SENT"`, `"effect":"DELAY"`, `"faults":[]`, `"aheadMs":900000`, `"name":"checkout test"`,
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the commands of the page do not answer %s:\n%s", want, out)
		}
	}
	_, inbox := p.ask(t, "GET", "/sandbox/inbox?to=33639981842", "")
	var answer struct{ Messages []struct{ PIN string } }
	must(t, json.Unmarshal(inbox, &answer))
	if len(answer.Messages) != 1 || answer.Messages[0].PIN != "123456" {
		t.Errorf("the fixed PIN is captured as %s, want 123456", inbox)
	}
	canary.Watch("41793026727")
	_, seed, found := strings.Cut(string(page), "```yaml\n")
	seed, _, _ = strings.Cut(seed, "```")
	if _, err := wire.ParseSeed([]byte(seed)); err != nil || !found {
		t.Errorf("the seed of the page is no seed: %v", err)
	}
}
