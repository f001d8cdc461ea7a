//go:build peers

package smpp_test

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/foreign"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/phone"
)

// long200 has 200 characters, with some that travel as pairs at the border of two parts.
var long200 = strings.Repeat("a_", 76) + "€{" + strings.Repeat("é}", 23)

func TestPeers_texts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text, long string
		pdus       int
		header     []string // where each part begins with one, in hex, the reference left out
	}{
		"Latin":             {"PIN_ {1234} 5 € [ok]~ éàÆ@", smpp.LongUDH, 1, nil},
		"Cyrillic":          {"Ваш ПИН 1234", smpp.LongUDH, 1, nil},
		"emoji":             {"PIN 1234 😀✓", smpp.LongUDH, 1, nil},
		"200 by UDH":        {long200, smpp.LongUDH, 2, []string{"0003", "0201", "0202"}},
		"200 by 16-bit UDH": {long200, smpp.LongUDH16, 2, []string{"0804", "0201", "0202"}},
		"200 by payload":    {long200, smpp.LongPayload, 1, nil},
		"Cyrillic by UDH":   {strings.Repeat("жя", 50) + "😀", smpp.LongUDH, 2, []string{"0003", "0201", "0202"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for peer, smsc := range map[string]*foreign.SMSC{"node": foreign.StartNode(t, secretPassword), "perl": foreign.StartPerl(t)} {
				b := bindTo(t, smsc, func(c *smpp.Config, _ *smpp.Deps) { c.LongText = tt.long })
				m := text("00")
				m.Text = delivery.Text(tt.text)
				sent, err := b.carrier.Send(t.Context(), m)
				if err != nil {
					t.Fatalf("%s: Send = %v", peer, err)
				}
				got, read := smsc.Received(t, m.To.Digits(), tt.pdus), ""
				for i, part := range got {
					read += part.Text
					if tt.header == nil {
						continue
					}
					if !strings.HasPrefix(part.Header, tt.header[0]) || !strings.HasSuffix(part.Header, tt.header[i+1]) {
						t.Errorf("%s: header of part %d is %s", peer, i+1, part.Header)
					}
				}
				if read != tt.text || len(got) != tt.pdus {
					t.Errorf("%s decoded %q in %d, want %q in %d", peer, read, len(got), tt.text, tt.pdus)
				}
				if got[0].TON != 5 || got[0].NPI != 0 || got[0].From != "Bank" {
					t.Errorf("%s: sender is %+v", peer, got[0])
				}
				delivered(t, b, sent.RemoteID)
			}
		})
	}
}

// delivered takes receipts until the message is delivered.
func delivered(t *testing.T, b bench, id string) {
	t.Helper()
	for {
		r := b.receipt(t)
		if r.RemoteID != id {
			t.Errorf("receipt is of %s, want %s", r.RemoteID, id)
		}
		r.Ack()
		if r.State == delivery.StateDelivered {
			return
		}
		if r.State.Final() {
			t.Errorf("ended as %s", r.State)
			return
		}
	}
}

func TestPeers_packed(t *testing.T) {
	t.Parallel()
	smsc := foreign.StartPerl(t, "packed")
	b := bindTo(t, smsc, func(c *smpp.Config, _ *smpp.Deps) { c.DataCodingZero = smpp.CodingGSM7Packed })
	for i, want := range []string{"PIN_ {1234} 5 € é", "12345678", "abcdefghi"} {
		m := text("00")
		m.To, m.Text = phone.Number([]string{"41790000001", "41790000002", "41790000003"}[i]), delivery.Text(want)
		if _, err := b.carrier.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if got := smsc.Received(t, m.To.Digits(), 1)[0].Text; got != want {
			t.Errorf("decoded %q, want %q", got, want)
		}
		b.receipt(t).Ack()
	}
}

func TestPeers_binds(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"3.4": 0x34, "5.0": 0x50} {
		for peer, smsc := range map[string]*foreign.SMSC{"node": foreign.StartNode(t, ""), "perl": foreign.StartPerl(t)} {
			b := bindTo(t, smsc, func(c *smpp.Config, _ *smpp.Deps) { c.InterfaceVersion = version })
			if err := b.carrier.Close(t.Context()); err != nil {
				t.Errorf("%s: Close = %v", peer, err)
			}
			if len(smsc.Binds()) != 1 || smsc.Binds()[0].Version != want {
				t.Errorf("%s: bound as %+v, want version %#x once", peer, smsc.Binds(), want)
			}
		}
	}
	pair := foreign.StartNode(t, "")
	b := bindTo(t, pair, func(c *smpp.Config, _ *smpp.Deps) { c.Bind = smpp.BindPair })
	if _, err := b.carrier.Send(t.Context(), text("10")); err != nil {
		t.Errorf("Send by a pair = %v", err)
	}
}

func TestPeers_troubles(t *testing.T) {
	t.Parallel()
	smsc := foreign.StartNode(t, secretPassword)
	b := bindTo(t, smsc, func(c *smpp.Config, _ *smpp.Deps) { c.ResponseTimeout = 500 * time.Millisecond })
	tests := []struct {
		name, suffix string
		class        delivery.Class // of the error; none for -1
		submits      int
		state        delivery.State
	}{
		{"throttled twice", "58", -1, 3, delivery.StateDelivered},
		{"no such phone", "11", delivery.BadDestination, 1, ""},
		{"silence", "77", delivery.Ambiguous, 1, ""},
		{"a link dropped after the write", "99", delivery.Ambiguous, 1, ""},
		{"not delivered", "66", -1, 1, delivery.StateNotDelivered},
		{"unbound by the SMSC", "55", -1, 1, delivery.StateDelivered},
		{"after the unbind", "00", -1, 1, delivery.StateDelivered},
	}
	for _, tt := range tests {
		_, err := b.carrier.Send(t.Context(), text(tt.suffix))
		if (err == nil) != (tt.class < 0) || err != nil && class(t, err) != tt.class {
			t.Errorf("%s: Send = %v, want class %d", tt.name, err, tt.class)
		}
		if got := smsc.Received(t, number+tt.suffix, tt.submits); len(got) != tt.submits {
			t.Errorf("%s: arrived %d times, want %d", tt.name, len(got), tt.submits)
		}
		if tt.state != "" {
			r := b.receipt(t)
			if r.State != tt.state {
				t.Errorf("%s: receipt is %+v, want %s", tt.name, r.Receipt, tt.state)
			}
			r.Ack()
		}
	}
}

func TestPeers_wrongPassword(t *testing.T) {
	t.Parallel()
	smsc := foreign.StartNode(t, "another")
	b := bench{log: &logBook{}}
	b.carrier = start(t, smsc.Address(), b.log, nil)
	b.until(t, "refused", func() bool { return strings.Contains(b.carrier.Health().Detail, "0x0D BINDFAIL") })
	if _, err := b.carrier.Send(t.Context(), text("00")); class(t, err) != delivery.Unauthorised {
		t.Errorf("Send = %v, want Unauthorised", err)
	}
}

func TestPeers_tls(t *testing.T) {
	t.Parallel()
	own, ownPEM := certificate(t, "smsc.test")
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	keyFile, certFile := filepath.Join(folder, "key.pem"), filepath.Join(folder, "cert.pem")
	for file, content := range map[string][]byte{
		keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), certFile: []byte(ownPEM),
	} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	smsc := foreign.StartNode(t, "", "TLS_KEY="+keyFile, "TLS_CERT="+certFile)
	right := bindTo(t, smsc, func(c *smpp.Config, _ *smpp.Deps) {
		c.TLS = smpp.TLS{Enabled: true, CAPEM: ownPEM, ServerName: "smsc.test"}
	})
	if _, err := right.carrier.Send(t.Context(), text("10")); err != nil {
		t.Errorf("Send over TLS = %v", err)
	}
	wrong := bench{log: &logBook{}}
	wrong.carrier = start(t, smsc.Address(), wrong.log, func(c *smpp.Config, _ *smpp.Deps) {
		c.TLS = smpp.TLS{Enabled: true, CAPEM: ownPEM, ServerName: "other.test"}
		c.RebindPatience = time.Nanosecond
	})
	wrong.until(t, "refused", func() bool { return strings.Contains(wrong.carrier.Health().Detail, "not other.test") })
	if _, err := wrong.carrier.Send(t.Context(), text("10")); class(t, err) != delivery.LinkDown {
		t.Errorf("Send to another name = %v, want LinkDown", err)
	}
}
