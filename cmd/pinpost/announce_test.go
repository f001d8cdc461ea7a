package main

import (
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/observe"
)

// TestAnnounce warns when others than this machine can reach a sandbox, and says what a seed brought.
func TestAnnounce(t *testing.T) {
	t.Parallel()
	const warning = "can read all PINs of this sandbox"
	seed, err := readSeed(seedFile(t, "seed.yaml", seedYAML+"  - {applicationId: bank, name: Bank}\n"))
	must(t, err)
	for address, warned := range map[string]bool{
		"127.0.0.1": false, "127.8.8.8": false, "::1": false, "0.0.0.0": true, "::": true, "192.168.1.7": true, "": true,
	} {
		for _, path := range []string{"", "seed.yaml"} {
			var log bytes.Buffer
			announce(observe.NewLogger(&log, slog.LevelInfo, false), &net.TCPAddr{IP: net.ParseIP(address), Port: 8080}, path, seed)
			if got := strings.Contains(log.String(), "level=WARN") && strings.Contains(log.String(), warning); got != warned {
				t.Errorf("on %s it says %s, want a warning: %t", address, log.String(), warned)
			}
			loaded := strings.Contains(log.String(), `msg="seed loaded" file=seed.yaml applications=2 messages=1`)
			if loaded != (path != "") {
				t.Errorf("with the seed %q it says %s", path, log.String())
			}
		}
	}
}

// TestSeed_is_announced once, and leaves the demo's own application in the banner.
func TestSeed_is_announced(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--seed", seedFile(t, "seed.yaml", seedYAML))
	_, dump := p.ask(t, http.MethodGet, "/sandbox/seed", "")
	p.kill(t) // nobody writes to the log any more
	if log := p.log.String(); strings.Count(log, `"seed loaded"`) != 1 || !strings.Contains(log, `"applications":1,"messages":1`) || strings.Contains(log, "WARN") {
		t.Errorf("the log is %s, want what was loaded and no warning", log)
	}
	if strings.Contains(p.banner, "PINPOST_APPLICATION=shop") || !bytes.Contains(dump, []byte(`"shop"`)) {
		t.Errorf("the banner is %s, want the demo's application in it", p.banner)
	}
}
