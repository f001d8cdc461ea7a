package siptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// Digest is who may call a phone.
type Digest struct {
	Username, Password string
	Proxy              bool // it asks as a proxy does, with 407
	Bye                bool // it asks for the end of a call as well
	Stale              bool // the first good answer comes too late for its nonce
	Algorithms         []string

	mu    sync.Mutex
	asked int
}

// check gives the challenge for a request that is not from who may call.
func (d *Digest) check(request *sip.Request) *sip.Response {
	d.mu.Lock()
	defer d.mu.Unlock()
	code, ask, answer := sip.StatusUnauthorized, "WWW-Authenticate", "Authorization"
	if d.Proxy {
		code, ask, answer = sip.StatusProxyAuthRequired, "Proxy-Authenticate", "Proxy-Authorization"
	}
	nonce := "nonce" + strconv.Itoa(d.asked)
	if header := request.GetHeader(answer); header != nil && d.good(request, header.Value(), nonce) {
		if !d.Stale || d.asked > 1 {
			return nil
		}
	}
	d.asked++
	response := sip.NewResponseFromRequest(request, code, strconv.Itoa(code), nil)
	for _, algorithm := range append(d.Algorithms, "MD5") {
		response.AppendHeader(sip.NewHeader(ask, `Digest realm="test", nonce="nonce`+strconv.Itoa(d.asked)+`", qop="auth", algorithm=`+algorithm))
	}
	return response
}

func (d *Digest) good(request *sip.Request, value, nonce string) bool {
	shown, err := digest.ParseCredentials(value)
	if err != nil || shown.Nonce != nonce || shown.Username != d.Username || shown.URI != request.Recipient.String() {
		return false
	}
	challenge := &digest.Challenge{Realm: shown.Realm, Nonce: nonce, QOP: []string{"auth"}, Algorithm: strings.ToUpper(shown.Algorithm)}
	want, err := digest.Digest(challenge, digest.Options{
		Method: string(request.Method), URI: shown.URI, Count: shown.Nc, Cnonce: shown.Cnonce, Username: d.Username, Password: d.Password,
	})
	return err == nil && want.Response == shown.Response
}

var certificate = sync.OnceValues(func() (tls.Certificate, []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "siptest"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"phone.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, authority
})

// Certificate is what phones show over TLS, for 127.0.0.1 and phone.test, and the authority behind it as PEM.
func Certificate() (tls.Certificate, []byte) { return certificate() }
