package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/pinpost/pinpost/internal/config"
)

// call runs the program in-process.
func call(in string, args ...string) (status int, out, errOut string) {
	var o, e bytes.Buffer
	status = run(args, strings.NewReader(in), &o, &e)
	return status, o.String(), e.String()
}

func TestRun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"help":                    {[]string{"--help"}, exitOK, "serve"},
		"version":                 {[]string{"version"}, exitOK, "pinpost"},
		"no command":              {nil, exitUsage, "expected one of"},
		"unknown command":         {[]string{"sing"}, exitUsage, "unexpected argument sing"},
		"unknown flag":            {[]string{"serve", "--colour"}, exitUsage, "unknown flag --colour"},
		"wrong mode":              {[]string{"serve", "--mode", "party"}, exitUsage, "--mode must be one of"},
		"wrong listen":            {[]string{"serve", "--listen", "nowhere"}, exitUsage, "listen must be an address and a port"},
		"no wait for the disk":    {[]string{"serve", "--synchronous", "off"}, exitUsage, "synchronous must be full or normal: with off"},
		"several wrong settings":  {[]string{"serve", "--listen", "x", "--call-wait", "2m"}, exitUsage, "call-wait must be"},
		"missing settings file":   {[]string{"serve", "--config", "/nowhere.yaml"}, exitUsage, "/nowhere.yaml"},
		"send without a number":   {[]string{"send", "--application", "a", "--message", "m"}, exitUsage, "--to"},
		"call without credential": {[]string{"resend", "PIN"}, exitFault, "no credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, errOut := call("", c.args...)
			if status != c.status || !strings.Contains(out+errOut, c.says) {
				t.Errorf("exit status %d, want %d; printed %q, want %q in it", status, c.status, out+errOut, c.says)
			}
		})
	}
}

// TestDefaults wants the defaults that the flags name to be those of package config.
func TestDefaults(t *testing.T) {
	t.Parallel()
	settings := parseServe(t)
	want := config.Default()
	want.Data = settings.Data // kong makes the path absolute
	if settings != want {
		t.Errorf("serve without arguments runs with %+v, want %+v", settings, want)
	}
	if filepath.Base(settings.Data) != config.Default().Data {
		t.Errorf("the data folder is %s, want %s", settings.Data, config.Default().Data)
	}
}

// TestPrecedence wants flags over environment over file.
func TestPrecedence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pinpost.yaml")
	must(t, os.WriteFile(file, []byte("mode: production\nlisten: 127.0.0.1:1\nlog-level: warn\nmetrics: true\n"), 0o600))
	t.Setenv("PINPOST_LISTEN", "127.0.0.1:2")
	t.Setenv("PINPOST_LOG_LEVEL", "error")
	got := parseServe(t, "--config", file, "--log-level", "debug")
	if got.Mode != config.ModeProduction || !got.Metrics {
		t.Errorf("mode %s and metrics %v, want those of the file", got.Mode, got.Metrics)
	}
	if got.Listen != "127.0.0.1:2" {
		t.Errorf("listen is %s, want that of the environment", got.Listen)
	}
	if got.LogLevel != "debug" {
		t.Errorf("log level is %s, want that of the flag", got.LogLevel)
	}
}

func TestSettingsFile_names_what_it_does_not_know(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pinpost.yaml")
	must(t, os.WriteFile(file, []byte("lisen: 127.0.0.1:1\n"), 0o600))
	status, _, errOut := call("", "serve", "--config", file)
	if status != exitUsage || !strings.Contains(errOut, `no setting "lisen"`) {
		t.Errorf("exit status %d, printed %q; want 2 and the wrong name", status, errOut)
	}
}

func parseServe(t *testing.T, args ...string) config.Settings {
	t.Helper()
	var cli commands
	parser, err := kong.New(&cli, kong.Configuration(settingsFile), kong.ExplicitGroups([]kong.Group{{Key: "api"}}))
	must(t, err)
	_, err = parser.Parse(append([]string{"serve"}, args...))
	must(t, err)
	return cli.Serve.Settings
}
