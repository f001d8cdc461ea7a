package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/api"
)

const seedYAML = `# what our tests work with
applications:
  - applicationId: shop
    name: Shop
    configuration: {pinAttempts: 5}
    messages:
      - messageId: login
        pinType: NUMERIC
        pinLength: 6
        pinPlaceholder: <pin>
        messageText: "Shop: <pin>"
        sender: Shop
`

func seedFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// ask calls a path of the sandbox as the demo account.
func (p *process) ask(t *testing.T, method, path, body string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.address+path, strings.NewReader(body))
	must(t, err)
	req.Header.Set("Authorization", "App "+p.key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, answer
}

// TestSeed wants a seed beside the demo at every start, and its dump to be a seed again.
func TestSeed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := start(t, data, "--seed", seedFile(t, "seed.yaml", seedYAML))
	send := api.SendPinOverSmsRequest{To: "41793026727", ApplicationID: "shop", MessageID: "login"}
	_, err := first.client(t).SendPIN(t.Context(), send)
	must(t, err)
	_, dump := first.ask(t, http.MethodGet, "/sandbox/seed", "")
	if !bytes.Contains(dump, []byte(`"Demo application"`)) || !bytes.Contains(dump, []byte(`"pinAttempts":5`)) {
		t.Errorf("the dump is %s, want the demo and the seed", dump)
	}
	first.ask(t, http.MethodPost, "/sandbox/reset", "")
	first.kill(t)

	second := start(t, data, "--seed", seedFile(t, "seed.json", string(dump)))
	_, again := second.ask(t, http.MethodGet, "/sandbox/seed", "")
	if !bytes.Contains(again, dump[len(`{"applications":[`):len(dump)-4]) {
		t.Errorf("the second dump is %s, want in it %s", again, dump)
	}
	second.kill(t)

	third := start(t, t.TempDir(), "--seed", seedFile(t, "seed.json", string(again)))
	_, err = third.client(t).SendPIN(t.Context(), send)
	must(t, err)
	if applications, err := third.client(t).ListApplications(t.Context()); err != nil || len(applications) != 4 {
		t.Errorf("a new folder has %d applications (%v), want its demo, two demos of the seed, and the shop", len(applications), err)
	}
}

// TestDemo_after_a_reset wants the banner to name an application and a message that are there.
func TestDemo_after_a_reset(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := start(t, data)
	first.ask(t, http.MethodPost, "/sandbox/reset", "")
	first.kill(t)
	second := start(t, data)
	if first.key != second.key {
		t.Error("the demo key changed over a reset")
	}
	applications, err := second.client(t).ListApplications(t.Context())
	if err != nil || len(applications) != 1 || !strings.Contains(second.banner, applications[0].ApplicationID) {
		t.Errorf("the banner is %s (%v), want one of %v in it", second.banner, err, applications)
	}
}

// TestServe_refuses wants settings of the wrong mode and wrong seeds refused at start, with the place and the way out.
func TestServe_refuses(t *testing.T) {
	t.Parallel()
	twice := strings.Replace(seedYAML, "    configuration", "    enabled: true\n    configuration", 1) +
		strings.TrimPrefix(seedYAML, "# what our tests work with\napplications:\n")
	for name, c := range map[string]struct {
		args   []string
		status int
		says   []string
	}{
		"a seed in production": {[]string{"--mode", "production", "--seed", "seed.yaml"}, exitUsage,
			[]string{"seed is for a sandbox", "leave seed out, or run with --mode sandbox"}},
		"carriers in a sandbox": {[]string{"--carriers", "carriers.yaml"}, exitUsage,
			[]string{"a sandbox captures every message and must not be able to send one", "leave carriers out, or run with --mode production"}},
		"carriers in production": {[]string{"--mode", "production", "--carriers", "none.yaml"}, exitFault,
			[]string{"read carriers", "none.yaml"}},
		"carriers of the settings file": {[]string{"--config", seedFile(t, "settings.yaml", "carriers: carriers.yaml\n")}, exitUsage,
			[]string{"must not be able to send one"}},
		"a seed that is not there": {[]string{"--seed", filepath.Join(t.TempDir(), "none.yaml")}, exitFault,
			[]string{"read seed", "none.yaml"}},
		"a seed with wrong members": {
			[]string{"--seed", seedFile(t, "seed.yaml", strings.NewReplacer("pinLength: 6", "pinLength: 9", "name:", "title:").Replace(seedYAML))},
			exitFault,
			[]string{"seed file ", "seed.yaml: ", "applications[0].messages[0].pinLength must be at most 8",
				"applications[0].name is required", "applications[0].title is not a member of this request"},
		},
		"a seed against the rules": {
			[]string{"--seed", seedFile(t, "seed.yaml", strings.Replace(seedYAML, "Shop: <pin>", "Shop", 1))},
			exitFault, []string{"seed.yaml: applications[0].messages[0].messageText must contain the pinPlaceholder"},
		},
		"a seed with ids twice": {
			[]string{"--seed", seedFile(t, "seed.yaml", twice)}, exitFault,
			[]string{"seed.yaml: applications[1].applicationId is the same as applications[0].applicationId",
				"applications[1].messages[0].messageId is the same as applications[0].messages[0].messageId"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, errOut := call("", append([]string{"serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0"}, c.args...)...)
			if status != c.status || out != "" {
				t.Errorf("exit status %d, printed %q; want %d and nothing", status, out, c.status)
			}
			for _, want := range c.says {
				if !strings.Contains(errOut, want) {
					t.Errorf("printed %q, want %q in it", errOut, want)
				}
			}
		})
	}
}

// TestCarriers_of_the_environment wants the variable to be refused like the flag.
func TestCarriers_of_the_environment(t *testing.T) {
	t.Setenv("PINPOST_CARRIERS", "carriers.yaml")
	status, _, errOut := call("", "serve", "--data", t.TempDir())
	if status != exitUsage || !strings.Contains(errOut, "must not be able to send one") {
		t.Errorf("exit status %d, printed %q; want 2 and the reason", status, errOut)
	}
}
