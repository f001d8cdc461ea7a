//go:build peers

package smpp_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/foreign"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
	"github.com/pinpost/pinpost/internal/delivery/smpp/smpptest"
)

// captureFile tells the test that it runs inside a namespace of its own, and where the capture goes.
const captureFile = "PINPOST_PEERS_SMPP_CAPTURE"

// TestPeers_capture has tshark judge a whole session: nothing in it may be malformed. The session runs in a network
// namespace that has only lo, in a second process of this test.
func TestPeers_capture(t *testing.T) {
	if file := os.Getenv(captureFile); file != "" {
		captured(t, file)
		return
	}
	t.Parallel()
	file := filepath.Join(t.TempDir(), "session.pcapng")
	inner := exec.CommandContext(t.Context(), "unshare", "-n", os.Args[0], "-test.run=^TestPeers_capture$", "-test.v", "-test.timeout=60s")
	inner.Env = append(os.Environ(), captureFile+"="+file)
	out, err := inner.CombinedOutput()
	if err != nil {
		t.Fatalf("session in a namespace: %v\n%s", err, out)
	}
	ports := portsIn(string(out))
	if len(ports) != 2 {
		t.Fatalf("the session names ports %v, want two:\n%s", ports, out)
	}
	if bad := dissect(t, file, ports, "_ws.malformed || _ws.expert.severity >= 0x00800000", "frame.number"); len(bad) != 0 {
		t.Errorf("malformed are frames %v", bad)
	}
	seen := dissect(t, file, ports, "smpp", "smpp.command_id")
	for _, command := range []pdu.Command{
		pdu.BindTransceiver, pdu.BindTransceiverResp, pdu.BindTransmitter, pdu.BindReceiver, pdu.SubmitSM, pdu.SubmitSMResp,
		pdu.DeliverSM, pdu.DeliverSMResp, pdu.EnquireLink, pdu.EnquireLinkResp, pdu.Unbind, pdu.UnbindResp, pdu.GenericNack,
	} {
		if name := fmt.Sprintf("0x%08x", uint32(command)); !slices.Contains(seen, name) {
			t.Errorf("the capture has no PDU %s", name)
		}
	}
	t.Logf("tshark read %d PDUs", len(seen))
}

// captured runs a session with a foreign SMSC and with our own while dumpcap listens.
func captured(t *testing.T, file string) {
	if out, err := exec.CommandContext(t.Context(), "ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Fatalf("lo: %v: %s", err, out)
	}
	stop := listen(t, file)
	smsc := foreign.StartNode(t, "")
	for _, long := range []string{smpp.LongUDH, smpp.LongUDH16, smpp.LongPayload} {
		for _, bind := range []string{smpp.BindTransceiver, smpp.BindPair} {
			b := bindTo(t, smsc, func(c *smpp.Config, _ *smpp.Deps) {
				c.LongText, c.Bind, c.EnquireInterval = long, bind, 20*time.Millisecond
				c.Params = map[string]uint16{"entity": 0x1400}
			})
			for _, words := range []string{"PIN_ {1234} €", "Ваш ПИН 😀", long200, "ascii"} {
				m := text("00")
				m.Text, m.Params = delivery.Text(words), map[string]string{"entity": "110100"}
				sent, err := b.carrier.Send(t.Context(), m)
				if err != nil {
					t.Fatalf("Send = %v", err)
				}
				delivered(t, b, sent.RemoteID)
			}
			_, _ = b.carrier.Send(t.Context(), text("11"))
			_ = b.carrier.Close(t.Context())
		}
	}
	b := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) { c.EnquireInterval = 5 * time.Millisecond })
	b.Send(pdu.PDU{Command: 0x777, Sequence: 9})
	b.wait(t, "nack", func() bool { return len(b.Nacks()) == 1 })
	if _, err := b.send(t, smpptest.UnbindAfter); err != nil {
		t.Fatal(err)
	}
	b.receipt(t).Ack()
	b.wait(t, "bound again", func() bool { return len(b.Binds()) == 2 })
	_ = b.carrier.Close(t.Context())
	fmt.Printf("ports %d %s\n", smsc.Port(), b.Address()[strings.LastIndex(b.Address(), ":")+1:])
	stop()
}

// listen captures lo until stop is called. dumpcap says on its error stream when it has begun.
func listen(t *testing.T, file string) (stop func()) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), "dumpcap", "-q", "-i", "lo", "-w", file)
	var said logBook
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("dumpcap: %v", err)
	}
	eventually(t, "capturing", func() bool { return strings.Contains(said.String(), "File:") })
	return func() {
		mark(t, file)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Fatalf("dumpcap: %v: %s", err, said.String())
		}
	}
}

// mark sends one datagram after all else, and waits until it is in the capture: what came before it is, too.
func mark(t *testing.T, file string) {
	t.Helper()
	const words = "the session is over"
	to, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if _, err := to.Write([]byte(words)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "captured", func() bool {
		written, err := os.ReadFile(file)
		return err == nil && bytes.Contains(written, []byte(words))
	})
}

func portsIn(out string) []string {
	for line := range strings.Lines(out) {
		if rest, found := strings.CutPrefix(line, "ports "); found {
			return strings.Fields(rest)
		}
	}
	return nil
}

// dissect gives the values of a field in all frames that a filter lets through.
func dissect(t *testing.T, file string, ports []string, filter, field string) []string {
	t.Helper()
	arguments := []string{"-n", "-r", file, "-Y", filter, "-T", "fields", "-e", field}
	for _, port := range ports {
		arguments = append(arguments, "-d", "tcp.port=="+port+",smpp")
	}
	cmd := exec.CommandContext(t.Context(), "tshark", arguments...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' || r == ',' })
}
