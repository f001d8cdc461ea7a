//go:build peers

package lookup_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/lookup"
	"github.com/pinpost/pinpost/internal/phone"
)

// nsd starts Debian's nsd with the zone of testdata, and gives its address.
func nsd(t *testing.T) string {
	t.Helper()
	zones, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	packets, streams := listen(t)
	address := streams.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	packets.Close()
	streams.Close()
	folder := t.TempDir()
	settings := fmt.Sprintf(`
server:
  ip-address: 127.0.0.1@%s
  server-count: 1
  username: ""
  chroot: ""
  database: ""
  zonesdir: %q
  pidfile: %[3]q
  xfrdfile: ""
  zonelistfile: %[4]q
remote-control:
  control-enable: no
zone:
  name: e164.test
  zonefile: e164.test.zone
`, port, zones, filepath.Join(folder, "pid"), filepath.Join(folder, "zones"))
	path := filepath.Join(folder, "nsd.conf")
	if err := os.WriteFile(path, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	server := exec.CommandContext(ctx, "nsd", "-d", "-c", path)
	server.Stdout, server.Stderr = &said, &said
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) } // its children end with it
	server.WaitDelay = 10 * time.Second
	if err := server.Start(); err != nil {
		end()
		t.Fatalf("start nsd: %v", err)
	}
	t.Cleanup(func() {
		end()
		_ = server.Wait()
		if t.Failed() {
			t.Logf("nsd said %s", &said)
		}
	})
	answers(t, address)
	return address
}

// answers waits until a name server answers.
func answers(t *testing.T, address string) {
	t.Helper()
	question := new(dns.Msg).SetQuestion("e164.test.", dns.TypeSOA)
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		client := &dns.Client{Timeout: 200 * time.Millisecond}
		if answer, _, err := client.ExchangeContext(t.Context(), question, address); err == nil && len(answer.Answer) == 1 {
			return
		}
		time.Sleep(20 * time.Millisecond) // a port that nobody listens at refuses at once
	}
	t.Fatal("nsd does not answer")
}

func TestPeers_nsd(t *testing.T) {
	t.Parallel()
	e, err := lookup.NewENUM(lookup.ENUMConfig{Suffix: "e164.test", Resolvers: []string{nsd(t)}, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[phone.Number]delivery.NumberInfo{
		"41793026727": {Reach: delivery.Reachable, Network: "22801"},
		"41793026728": {Reach: delivery.NotReachable},
		"41793026729": {Reach: delivery.Reachable, Network: "22803"}, // over TCP
		"41793026720": {},
	}
	for to, want := range tests {
		want.Source = "enum"
		if got, err := e.Lookup(t.Context(), to); err != nil || got != want {
			t.Errorf("Lookup(%s) = %+v, %v, want %+v", to, got, err, want)
		}
	}
	elsewhere, err := lookup.NewENUM(lookup.ENUMConfig{Suffix: "example.org", Resolvers: []string{nsd(t)}, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := elsewhere.Lookup(t.Context(), number); err == nil || got.Reach != delivery.ReachUnknown {
		t.Errorf("Lookup in a zone that is not there = %+v, %v, want unknown and why", got, err)
	}
}
