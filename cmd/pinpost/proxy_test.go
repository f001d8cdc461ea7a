package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/internal/canary"
)

// asClient makes the test binary call what PINPOST_URL names, as a client under test would.
const asClient = "PINPOST_TEST_AS_CLIENT"

// callUpstream is what the test binary does as a client: one request for each path in the variable.
func callUpstream(paths string) {
	for path := range strings.SplitSeq(paths, " ") {
		req, err := http.NewRequest(http.MethodGet, os.Getenv("PINPOST_URL")+path, nil) //nolint:noctx // it is a program of its own
		if err != nil {
			os.Exit(3)
		}
		req.Header.Set("Authorization", "App key")
		resp, err := http.DefaultClient.Do(req) //nolint:gosec // the address is the test's
		if err != nil {
			os.Exit(4)
		}
		_, _ = io.Copy(os.Stdout, resp.Body)
		_ = resp.Body.Close()
	}
	os.Exit(0)
}

// proxied runs "pinpost proxy" around a client, in front of an upstream that answers everything with body.
func proxied(t *testing.T, body, paths string, args ...string) (status int, out, errOut string) {
	t.Helper()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(upstream.Close)
	args = append([]string{"proxy", "--upstream", upstream.URL, "--listen", "127.0.0.1:0", "--page", ""}, args...)
	args = append(args, "--", "env", asClient+"="+paths, os.Args[0])
	var o, e together
	status = run(args, strings.NewReader(""), &o, &e)
	_, _ = canary.Log().Write(e.text.Bytes())
	return status, o.text.String(), e.text.String()
}

// together is written by the program and by the command that it runs.
type together struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *together) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func TestProxy_clean(t *testing.T) {
	t.Parallel()
	status, out, errOut := proxied(t, `[]`, "/2fa/1/applications /elsewhere")
	const want = "[][]1 exchanges of 1 operations judged, 0 violations; 1 of other paths passed, 0 clients left before the end\n"
	if status != exitOK || out != want || strings.Contains(errOut, "violation") {
		t.Errorf("exits with %d\n%s\n%s", status, out, errOut)
	}
}

func TestProxy_violations(t *testing.T) {
	t.Parallel()
	status, out, errOut := proxied(t, `{"a":1}`, "/2fa/1/applications", "--json-lines", "-", "--log-format", "json")
	var first, last map[string]any
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 {
		t.Fatalf("prints\n%s", out)
	}
	must(t, json.Unmarshal([]byte(lines[0]), &first))
	must(t, json.Unmarshal([]byte(lines[1]), &last))
	if status != exitFault || first["where"] != "body" || first["operation"] != "listApplications" || last["violations"] != 1.0 {
		t.Errorf("exits with %d\n%s", status, out)
	}
	for _, want := range []string{`"msg":"violation"`, `{"a":1}`, "listApplications: response body must be an array (1 times, first in exchange 1)"} {
		if !strings.Contains(errOut, want) {
			t.Errorf("%s\nlacks %s", errOut, want)
		}
	}
	if strings.Contains(errOut, "pinpost: violations") {
		t.Errorf("%s\nsays it twice", errOut)
	}
}

func TestProxy_to_a_file(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "lines")
	if status, out, _ := proxied(t, `{}`, "/2fa/1/applications", "--json-lines", file); status != exitFault || !strings.HasPrefix(out, "{}listApplications: ") {
		t.Errorf("exits with %d\n%s", status, out)
	}
	text, err := os.ReadFile(file)
	must(t, err)
	if got := strings.Count(string(text), "\n"); got != 2 {
		t.Errorf("the file has %d lines:\n%s", got, text)
	}
}

func TestProxy_open_schemas(t *testing.T) {
	t.Parallel()
	const answer = `{"messageId":"M","applicationId":"A","pinType":"NUMERIC","pinPlaceholder":"<pin>","messageText":"<pin>","pinLength":4,"sender":"S","price":1}`
	const path = "/2fa/1/applications/A/messages/M"
	if status, out, _ := proxied(t, answer, path); status != exitFault || !strings.Contains(out, "body.price") {
		t.Errorf("exits with %d\n%s", status, out)
	}
	if status, out, _ := proxied(t, answer, path, "--schemas", "open"); status != exitOK {
		t.Errorf("exits with %d\n%s", status, out)
	}
}

func TestProxy_proves_nothing(t *testing.T) {
	t.Parallel()
	if status, _, errOut := proxied(t, `[]`, "/elsewhere"); status != exitFault || !strings.Contains(errOut, "nothing is proved") {
		t.Errorf("exits with %d\n%s", status, errOut)
	}
}

func TestProxy_usage(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"no upstream":      {"proxy"},
		"no address":       {"proxy", "--upstream", "here"},
		"of a user":        {"proxy", "--upstream", "http://u:p@127.0.0.1"},
		"unknown schemas":  {"proxy", "--upstream", "http://127.0.0.1:1", "--schemas", "half"},
		"a query":          {"proxy", "--upstream", "http://127.0.0.1:1/?a"},
		"no such protocol": {"proxy", "--upstream", "ftp://127.0.0.1"},
	} {
		var out, errOut bytes.Buffer
		if status := run(args, nil, &out, &errOut); status != exitUsage || !strings.Contains(errOut.String(), "pinpost: ") {
			t.Errorf("%s: exits with %d: %s", name, status, errOut.String())
		}
	}
	for name, args := range map[string][]string{
		"no such command": {"--", "no-such-command-anywhere"},
		"a bad port":      {"--listen", "127.0.0.1:x"},
		"no such folder":  {"--json-lines", filepath.Join(t.TempDir(), "none", "lines")},
	} {
		var out, errOut bytes.Buffer
		args = append([]string{"proxy", "--upstream", "http://127.0.0.1:1", "--page", "", "--listen", "127.0.0.1:0"}, args...)
		if status := run(args, nil, &out, &errOut); status != exitFault || !strings.Contains(errOut.String(), "pinpost: ") {
			t.Errorf("%s: exits with %d: %s", name, status, errOut.String())
		}
	}
}
