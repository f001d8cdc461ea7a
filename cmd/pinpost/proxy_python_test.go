//go:build peers

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/contract/wrong"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/wire"
)

// python gives an interpreter that has the client which is generated from openapi.yaml.
func python(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "../../.ci/clients", "generate-python", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(folder, "venv", "bin", "python")
}

// upstream is our own service as a sandbox, and what a client in another language is told of it.
type upstream struct {
	handler     http.Handler
	key         string
	environment []string
}

// newUpstream has the application and the message that the faults are about.
func newUpstream(t *testing.T) *upstream {
	t.Helper()
	settings := config.Default()
	settings.Data = t.TempDir()
	house, err := wire.Build(t.Context(), settings, wire.Outside{Log: observe.NewLogger(canary.Log(), slog.LevelDebug, true)})
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		must(t, house.Close(ctx))
	})
	const user, password = "python", "a password of python"
	account, err := house.Accounts.Create(t.Context(), user, password)
	must(t, err)
	_, key, err := house.Accounts.CreateKey(t.Context(), account.ID, "")
	must(t, err)
	canary.Watch(key)
	server := httptest.NewServer(house.Handler())
	defer server.Close()
	c, err := client.New(server.URL, client.WithAPIKey(key))
	must(t, err)
	var seed sandbox.Seed
	must(t, json.Unmarshal([]byte(`{"applications":[{"applicationId":"`+wrong.ApplicationID+`","name":"Python","enabled":true,
		"configuration":{"initiationAttempts":3},"messages":[{"messageId":"`+wrong.MessageID+`","pinType":"NUMERIC","pinLength":4,
		"pinPlaceholder":"<pin>","messageText":"Your PIN is <pin>","sender":"Pinpost"}]}]}`), &seed))
	_, err = sandbox.New(c).LoadSeed(t.Context(), seed)
	must(t, err)
	return &upstream{house.Handler(), key, []string{
		"PINPOST_KEY=" + key, "PINPOST_APPLICATION=" + wrong.ApplicationID, "PINPOST_MESSAGE=" + wrong.MessageID,
		"BASIC=Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password)),
	}}
}

// through runs a program of a client through the proxy, and gives what the proxy says.
func (u *upstream) through(t *testing.T, handler http.Handler, command ...string) (status int, violations []map[string]any, summary map[string]any) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	args := []string{"proxy", "--upstream", server.URL, "--listen", "127.0.0.1:0", "--page", "", "--json-lines", "-", "--", "env"}
	args = append(append(args, u.environment...), command...)
	var out, errOut together
	status = run(args, strings.NewReader(""), &out, &errOut)
	_, _ = canary.Log().Write(errOut.text.Bytes())
	for line := range bytes.Lines(out.text.Bytes()) {
		var found map[string]any
		must(t, json.Unmarshal(line, &found))
		if found["type"] == "summary" {
			summary = found
		} else {
			violations = append(violations, found)
		}
	}
	if summary == nil {
		t.Fatalf("no summary; standard error has\n%s", errOut.text.String())
	}
	return status, violations, summary
}

// TestProxy_python puts the proxy between the client that Python has of openapi.yaml, and our service: right, and with each fault
// that one exchange can show.
func TestProxy_python(t *testing.T) {
	t.Parallel()
	interpreter := python(t)
	t.Run("right", func(t *testing.T) {
		t.Parallel()
		u := newUpstream(t)
		for program, operations := range map[string]int{"testdata/every_operation.py": 16, "../../examples/python/main.py": 7} {
			status, violations, summary := u.through(t, u.handler, interpreter, program)
			seen, _ := summary["operations"].(map[string]any)
			if status != exitOK || len(violations) > 0 || len(seen) != operations {
				t.Errorf("%s: exits with %d, %v, %v", program, status, violations, summary)
			}
		}
	})
	faults := 0
	for _, fault := range wrong.Faults() {
		if !fault.Alone {
			continue
		}
		faults++
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t)
			status, violations, _ := u.through(t, fault.Handler(u.handler, u.key), interpreter, "testdata/every_operation.py")
			operation, _, _ := strings.Cut(fault.Case, "/")
			for _, v := range violations {
				where, _ := v["where"].(string)
				text, _ := v["text"].(string)
				if v["operation"] == operation && v["in"] == "response" && strings.HasPrefix(where+" "+text, fault.Says) {
					if status != exitFault {
						t.Errorf("exits with %d", status)
					}
					return
				}
			}
			t.Errorf("exits with %d and reports %v, want %s: %s", status, violations, operation, fault.Says)
		})
	}
	if faults < 20 {
		t.Errorf("%d faults are tried, want twenty", faults)
	}
}
