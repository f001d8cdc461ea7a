package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestContract runs the command against the program, as CI does.
func TestContract(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	folder := t.TempDir()
	junit, tap := filepath.Join(folder, "junit.xml"), filepath.Join(folder, "run.tap")
	args := []string{"contract", "--target", p.address, "--key", p.key, "--operation", "getMessage"}

	status, out, errOut := call("", append(args, "--junit", junit, "--tap", tap)...)
	if status != exitOK || !strings.Contains(out, "5 passed, 0 failed, 0 not applicable") || errOut != "" {
		t.Errorf("exit status %d, printed %q and %q; want 5 cases to pass", status, out, errOut)
	}
	for file, want := range map[string]string{junit: `<testsuites name="pinpost contract: `, tap: "\n1..5\n"} {
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s has %q (%v), want %q", filepath.Base(file), text, err, want)
		}
	}
	status, out, errOut = call("", append(args, "--tap", "-")...)
	if status != exitOK || !strings.HasPrefix(out, "TAP version 13\n") || strings.Contains(out, "passed") || !strings.Contains(errOut, "5 passed") {
		t.Errorf("exit status %d, printed %q and %q; want TAP alone on standard output", status, out, errOut)
	}
}

func TestContract_exit_status(t *testing.T) {
	t.Parallel()
	wrong := newPeer(t, http.StatusOK, "[]")
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"failures":              {[]string{"--profile", "read-only"}, exitFault, "body must be an object; status must be 401, and is 200"},
		"real messages unasked": {nil, exitUsage, "--yes-send"},
		"no such case":          {[]string{"--case", "nowhere"}, exitUsage, "no case fits"},
		"no folder of cases":    {[]string{"--cases", filepath.Join("no", "folder")}, exitUsage, "--cases: " + filepath.Join("no", "folder", "fixture.json") + ": no such file"},
		"wrong profile":         {[]string{"--profile", "some"}, exitUsage, "--profile must be one of"},
		"no timeout":            {[]string{"--timeout", "0s"}, exitUsage, "--timeout must be more than 0s"},
		"a target that is down": {[]string{"--target", "http://127.0.0.1:1"}, exitFault, "the target does not answer at http://127.0.0.1:1"},
		"a folder that is not":  {[]string{"--junit", filepath.Join(t.TempDir(), "no", "file")}, exitFault, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"contract", "--target", wrong.URL, "--key", "k", "--operation", "getMessage"}, c.args...)
			status, out, errOut := call("", args...)
			if status != c.status || !strings.Contains(out+errOut, c.says) {
				t.Errorf("exit status %d, printed %q and %q; want %d and %q", status, out, errOut, c.status, c.says)
			}
		})
	}
}

// TestContract_asks_a_command wants a PIN command to get the pinId, and what it prints to be taken.
func TestContract_asks_a_command(t *testing.T) {
	t.Parallel()
	command := contractCommand{PINCommand: "echo  1598 of"}
	if pin, err := command.pin(t.Context(), "P"); err != nil || pin != "1598 of P" {
		t.Errorf("the command gives %q, %v", pin, err)
	}
	for _, wrong := range []string{"true", "false", "no-such-command"} {
		command.PINCommand = wrong
		if pin, err := command.pin(t.Context(), "P"); err == nil {
			t.Errorf("%s gives %q, want an error", wrong, pin)
		}
	}
}

// TestContract_cases replays a folder, here one of two cases.
func TestContract_cases(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	folder := t.TempDir()
	for name, text := range map[string]string{
		"fixture.json": `{"accounts":[{"user":"u","password":"p","keys":["fixture-key"]}],"applications":[],"messages":[],"pins":[],"lookup":{}}`,
		"listApplications/none.json": `{"title":"None","request":{"method":"GET","path":"/2fa/1/applications",
			"headers":{"Authorization":"App fixture-key"}},"response":{"status":200,"body":[]}}`,
		"listApplications/wrong.json": `{"title":"Wrong","request":{"method":"GET","path":"/2fa/1/applications",
			"headers":{}},"response":{"status":200,"body":[]}}`,
	} {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	status, out, errOut := call("", "contract", "--target", p.address, "--key", p.key, "--cases", folder)
	if status != exitFault || !strings.Contains(out, "1 passed, 1 failed, 0 not applicable") || errOut != "" {
		t.Errorf("exit status %d, printed %q and %q; want one case to pass and one to fail", status, out, errOut)
	}
}
