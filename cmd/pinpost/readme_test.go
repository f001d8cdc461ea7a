//go:build peers

package main

import (
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mostLines is how long a test of a stranger may be, in the README's words "under ten lines".
const mostLines = 9

// readme gives the block of code in a language that contains a word.
func readme(t *testing.T, language, word string) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	must(t, err)
	for _, block := range strings.Split(string(text), "```"+language+"\n")[1:] {
		if code, _, _ := strings.Cut(block, "```"); strings.Contains(code, word) {
			return code
		}
	}
	t.Fatalf("the README has no %s with %q", language, word)
	return ""
}

// environment is what serve tells a person to export.
func (p *process) environment(t *testing.T) []string {
	t.Helper()
	exports := regexp.MustCompile(`PINPOST_[A-Z]+=\S+`).FindAllString(p.banner, -1)
	if len(exports) != 4 {
		t.Fatalf("serve prints %d variables, want 4:\n%s", len(exports), p.banner)
	}
	return append(os.Environ(), exports...)
}

// bodyLines counts the lines of code between the first brace and the last.
func bodyLines(code string) int {
	body := strings.Trim(code[strings.Index(code, "{\n")+2:strings.LastIndex(code, "\n}")], "\n")
	return strings.Count(body, "\n") + 1
}

// TestReadme_go runs the test of the README as a module of its own, as somebody does who copies it.
func TestReadme_go(t *testing.T) {
	t.Parallel()
	body := readme(t, "go", "func TestSignUp")
	if n := bodyLines(body); n > mostLines {
		t.Errorf("the test has %d lines, want fewer than ten", n)
	}
	folder := module(t, "signup_test.go", `package signup_test
import ("os"; "testing"; "github.com/pinpost/pinpost/api"; "github.com/pinpost/pinpost/client"; "github.com/pinpost/pinpost/client/sandbox")
`+body)
	if out, err := goIn(t, folder, "test", "-count=1", "-v", "-mod=mod", "."); err != nil || !strings.Contains(out, "--- PASS: TestSignUp") {
		t.Errorf("the README's test fails: %v\n%s", err, out)
	}
}

// TestReadme_program runs the program of the README in the same way.
func TestReadme_program(t *testing.T) {
	t.Parallel()
	body := readme(t, "go", "func main()")
	if n := strings.Count(strings.ReplaceAll(body, "\n\n", "\n"), "\n"); n > 15 {
		t.Errorf("the program has %d lines, want fifteen", n)
	}
	folder := module(t, "main.go", `package main
import ("context"; "fmt"; "log"; "os"; "github.com/pinpost/pinpost/api"; "github.com/pinpost/pinpost/client"; "github.com/pinpost/pinpost/client/sandbox")
`+body)
	if out, err := goIn(t, folder, "run", "-mod=mod", "."); err != nil || out != "verified: true\n" {
		t.Errorf("the README's program fails: %v\n%s", err, out)
	}
}

// module makes a module of one file, beside our own.
func module(t *testing.T, name, code string) string {
	t.Helper()
	_, err := format.Source([]byte(code))
	must(t, err)
	root, err := filepath.Abs("../..")
	must(t, err)
	folder := filepath.Join(t.TempDir(), "signup")
	must(t, os.MkdirAll(folder, 0o700))
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	must(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	must(t, err)
	// The versions are the project's own, so that nothing has to be looked up.
	required := regexp.MustCompile(`(?s)require \(.*?\n\)`).FindAllString(string(mod), -1)
	must(t, os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module example.com/signup\n\ngo 1.26\n\n"+strings.Join(required, "\n\n")+
		"\n\nrequire github.com/pinpost/pinpost v0.0.0\n\nreplace github.com/pinpost/pinpost => "+root+"\n"), 0o600))
	must(t, os.WriteFile(filepath.Join(folder, "go.sum"), sums, 0o600))
	must(t, os.WriteFile(filepath.Join(folder, name), []byte(code), 0o600))
	return folder
}

// goIn runs a go command in a folder, with a server of its own in the environment.
func goIn(t *testing.T, folder string, args ...string) (string, error) {
	t.Helper()
	run := exec.CommandContext(t.Context(), "go", args...)
	run.Dir, run.Env = folder, append(start(t, t.TempDir()).environment(t), "GOPROXY=off", "GOFLAGS=")
	out, err := run.CombinedOutput()
	return string(out), err
}

// TestReadme_shell runs the shell commands of the README.
func TestReadme_shell(t *testing.T) {
	t.Parallel()
	script := readme(t, "sh", "jq -e .verified")
	if n := strings.Count(script, "\n"); n > mostLines {
		t.Errorf("the test has %d lines, want fewer than ten", n)
	}
	if strings.Contains(script, "sleep") {
		t.Error("the test sleeps")
	}
	run := exec.CommandContext(t.Context(), "sh", "-eu", "-c", script)
	run.Env = start(t, t.TempDir()).environment(t)
	out, err := run.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "true" {
		t.Errorf("the README's commands fail: %v\n%s", err, out)
	}
}
