package config_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/config"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*config.Settings)
		faults []string
	}{
		"the defaults":        {func(*config.Settings) {}, nil},
		"a mode nobody knows": {func(s *config.Settings) { s.Mode = "party" }, []string{"mode"}},
		"no port":             {func(s *config.Settings) { s.Listen = "127.0.0.1" }, []string{"listen"}},
		"no folder":           {func(s *config.Settings) { s.Data = "" }, []string{"data"}},
		"the longest wait":    {func(s *config.Settings) { s.CallWait = time.Minute }, nil},
		"a longer wait":       {func(s *config.Settings) { s.CallWait = time.Minute + 1 }, []string{"call-wait"}},
		"no retention":        {func(s *config.Settings) { s.Retention = 0 }, nil},
		"several at once": {func(s *config.Settings) {
			s.Retention, s.ValidateResponses, s.LogLevel, s.LogFormat = -1, "maybe", "loud", "xml"
		}, []string{"retention", "validate-responses", "log-level", "log-format"}},
		"a sandbox with a seed": {func(s *config.Settings) { s.Seed = "seed.yaml" }, nil},
		"production with a seed": {func(s *config.Settings) { s.Mode, s.Seed = config.ModeProduction, "seed.yaml" },
			[]string{"seed is for a sandbox", "leave seed out, or run with --mode sandbox"}},
		"a sandbox with carriers": {func(s *config.Settings) { s.Carriers = "carriers.yaml" },
			[]string{"a sandbox captures every message and must not be able to send one", "leave carriers out, or run with --mode production"}},
		"a store": {func(s *config.Settings) { s.Store = "postgres://u:p4ssw0rd@db/pins" }, nil},
		"a store of several replicas": {func(s *config.Settings) {
			s.Mode, s.Store, s.PINKeyFile = config.ModeProduction, "postgresql://u:p4ssw0rd@db/pins", "pin.key"
		}, nil},
		"a store of several replicas without keys": {func(s *config.Settings) { s.Mode, s.Store = config.ModeProduction, "postgres://u:p4ssw0rd@db/pins" },
			[]string{"store needs pin-key-file as well"}},
		"another store": {func(s *config.Settings) { s.Store = "mysql://u:p4ssw0rd@db/pins" }, []string{"store must be an address such as postgres://"}},
		"full":          {func(s *config.Settings) { s.Synchronous = "full" }, nil},
		"normal":        {func(s *config.Settings) { s.Synchronous = "normal" }, nil},
		"off": {func(s *config.Settings) { s.Synchronous = "off" },
			[]string{"synchronous must be full or normal", "could damage the whole database"}},
		"another wait for the disk": {func(s *config.Settings) { s.Synchronous = "FULL" }, []string{"synchronous must be full or normal"}},
		"a store and a wait for the disk": {func(s *config.Settings) { s.Store, s.Synchronous = "postgres://u:p4ssw0rd@db/pins", "full" },
			[]string{"synchronous is for the file in the data folder", "leave synchronous out, or store"}},
		"production with carriers": {func(s *config.Settings) { s.Mode, s.Carriers = config.ModeProduction, "carriers.yaml" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := config.Default()
			c.change(&settings)
			err := settings.Validate()
			if (err == nil) != (c.faults == nil) {
				t.Fatalf("Validate gives %v, want faults in %v", err, c.faults)
			}
			if err != nil && strings.Contains(err.Error(), "p4ssw0rd") {
				t.Errorf("Validate gives %q, want the password left out", err)
			}
			for _, fault := range c.faults {
				if !strings.Contains(err.Error(), fault) {
					t.Errorf("Validate gives %q, want %s named", err, fault)
				}
			}
		})
	}
}

func TestModeDefaults(t *testing.T) {
	t.Parallel()
	sandbox, production := config.Default(), config.Default()
	production.Mode = config.ModeProduction
	if sandbox.Responses() != "fail" || production.Responses() != "log" {
		t.Errorf("answers are treated as %s in a sandbox and %s in production, want fail and log", sandbox.Responses(), production.Responses())
	}
	if sandbox.JSONLogs() || !production.JSONLogs() {
		t.Errorf("logs are JSON in a sandbox: %v, in production: %v; want false and true", sandbox.JSONLogs(), production.JSONLogs())
	}
	production.ValidateResponses, production.LogFormat = "off", "text"
	if production.Responses() != "off" || production.JSONLogs() {
		t.Error("a setting does not win over the mode's default")
	}
}

func TestPINKeys(t *testing.T) {
	t.Parallel()
	settings := config.Default()
	settings.Data = t.TempDir()
	first, err := settings.PINKeys(rand.Reader)
	if err != nil || len(first) != 1 || len(first[0]) != 32 {
		t.Fatalf("first use gives %d keys, %v; want one of 32 bytes", len(first), err)
	}
	info, err := os.Stat(settings.KeyFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v (%v), want 0600", info.Mode().Perm(), err)
	}
	second, err := settings.PINKeys(rand.Reader)
	if err != nil || !bytes.Equal(first[0], second[0]) {
		t.Errorf("the second use gives another key (%v)", err)
	}
	if left, _ := filepath.Glob(filepath.Join(settings.Data, "*")); len(left) != 1 {
		t.Errorf("the data folder has %v, want the key alone", left)
	}
}

// TestPINKeys_made_at_once wants processes that start together to agree on one key.
func TestPINKeys_made_at_once(t *testing.T) {
	t.Parallel()
	settings := config.Default()
	settings.Data = t.TempDir()
	keys := make([][]byte, 16)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			if got, err := settings.PINKeys(rand.Reader); err == nil {
				keys[i] = got[0]
			}
		})
	}
	all.Wait()
	for i, key := range keys {
		if key == nil || !bytes.Equal(key, keys[0]) {
			t.Errorf("start %d has another key, or none", i)
		}
	}
}

func TestPINKeys_of_a_file(t *testing.T) {
	t.Parallel()
	newest, oldest := strings.Repeat("ab", 32), strings.Repeat("CD", 32)
	for name, c := range map[string]struct {
		text string
		keys []string
		says string
	}{
		"two keys, the newest first": {"# rotated in May\n" + newest + "\n\n  " + oldest + "\r\n", []string{newest, oldest}, ""},
		"no key":                     {"# none yet\n", nil, "has none"},
		"a short key":                {newest[2:] + "\n", nil, "64 hex digits"},
		"not hex":                    {strings.Repeat("xy", 32) + "\n", nil, "64 hex digits"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := config.Default()
			settings.PINKeyFile = filepath.Join(t.TempDir(), "keys")
			if err := os.WriteFile(settings.PINKeyFile, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := settings.PINKeys(rand.Reader)
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), newest[2:]) {
					t.Errorf("PINKeys gives %v, want %q and no key in it", err, c.says)
				}
				return
			}
			if err != nil || len(got) != len(c.keys) {
				t.Fatalf("PINKeys gives %d keys (%v), want %d", len(got), err, len(c.keys))
			}
			for i, key := range got {
				if !strings.EqualFold(hex.EncodeToString(key), c.keys[i]) {
					t.Errorf("key %d is not that of the file", i)
				}
			}
		})
	}
	settings := config.Default()
	settings.PINKeyFile = filepath.Join(t.TempDir(), "missing")
	if _, err := settings.PINKeys(rand.Reader); err == nil {
		t.Error("a key file that was named and is missing is made, want an error")
	}
}
