package smpp

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

var errPin = errors.New("certificate is not the pinned one")

func (t TLS) validate() error {
	if !t.Enabled {
		if t != (TLS{}) {
			return errors.New("tls: enabled must be true for its other settings")
		}
		return nil
	}
	_, err := t.config("host:1")
	return err
}

// config is what the TLS library needs to know for one address.
func (t TLS) config(address string) (*tls.Config, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if t.ServerName != "" {
		c.ServerName = t.ServerName
	}
	if c.RootCAs, err = t.roots(); err != nil {
		return nil, err
	}
	if t.PinSHA256 != "" {
		if c.VerifyConnection, err = pinned(t.PinSHA256); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// roots are the certificates to trust; nil means the system's.
func (t TLS) roots() (*x509.CertPool, error) {
	if t.CAFile == "" && t.CAPEM == "" {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if t.CAFile != "" {
		text, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("tls: ca_file: %w", err)
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, errors.New("tls: ca_file holds no certificate")
		}
	}
	if t.CAPEM != "" && !pool.AppendCertsFromPEM([]byte(t.CAPEM)) {
		return nil, errors.New("tls: ca_pem holds no certificate")
	}
	return pool, nil
}

// pinned accepts one certificate. It comes on top of the usual verification.
func pinned(digest string) (func(tls.ConnectionState) error, error) {
	want, err := hex.DecodeString(strings.ReplaceAll(digest, ":", ""))
	if err != nil || len(want) != sha256.Size {
		return nil, errors.New("tls: pin_sha256 must be 64 hex digits")
	}
	return func(state tls.ConnectionState) error {
		got := sha256.Sum256(state.PeerCertificates[0].Raw)
		if subtle.ConstantTimeCompare(got[:], want) != 1 {
			return errPin
		}
		return nil
	}, nil
}
