package smpp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/delivery/smpp/smpptest"
)

// certificate makes one that signs itself for a name.
func certificate(t *testing.T, name string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, string(text)
}

func TestTLS(t *testing.T) {
	t.Parallel()
	own, ownPEM := certificate(t, "smsc.test")
	_, otherPEM := certificate(t, "smsc.test")
	digest := sha256.Sum256(own.Certificate[0])
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(ownPEM), 0o600); err != nil {
		t.Fatal(err)
	}
	modern := &tls.Config{Certificates: []tls.Certificate{own}}
	old := &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	tests := map[string]struct {
		server *tls.Config
		tls    smpp.TLS
		want   string // in the health; empty when it binds
	}{
		"trusted":            {modern, smpp.TLS{CAPEM: ownPEM, ServerName: "smsc.test"}, ""},
		"trusted by a file":  {modern, smpp.TLS{CAFile: file, ServerName: "smsc.test"}, ""},
		"pinned":             {modern, smpp.TLS{CAPEM: ownPEM, ServerName: "smsc.test", PinSHA256: hex.EncodeToString(digest[:])}, ""},
		"another is pinned":  {modern, smpp.TLS{CAPEM: ownPEM, ServerName: "smsc.test", PinSHA256: strings.Repeat("00", 32)}, "not the pinned one"},
		"of another name":    {modern, smpp.TLS{CAPEM: ownPEM, ServerName: "other.test"}, "not other.test"},
		"of another address": {modern, smpp.TLS{CAPEM: ownPEM}, "127.0.0.1"},
		"of a stranger":      {modern, smpp.TLS{CAPEM: otherPEM, ServerName: "smsc.test"}, "certificate"},
		"the system's roots": {modern, smpp.TLS{ServerName: "smsc.test"}, "certificate"},
		"too old a protocol": {old, smpp.TLS{CAPEM: ownPEM, ServerName: "smsc.test"}, "protocol version"},
		"plain text there":   {nil, smpp.TLS{CAPEM: ownPEM, ServerName: "smsc.test"}, "connect"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := unbound(t, smpptest.Options{TLS: tt.server}, func(c *smpp.Config, _ *smpp.Deps) {
				c.TLS = tt.tls
				c.TLS.Enabled = true
			})
			if tt.want == "" {
				if _, err := b.send(t, smpptest.NoReceipt); err != nil {
					t.Errorf("Send = %v, health %+v", err, b.carrier.Health())
				}
				return
			}
			b.until(t, "refused", func() bool { return strings.Contains(b.carrier.Health().Detail, tt.want) })
			if b.carrier.Health().Up || len(b.Binds()) != 0 {
				t.Errorf("bound %d times, want none", len(b.Binds()))
			}
		})
	}
}
