package pin

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/pinpost/pinpost/internal/delivery"
)

// KeySize is the length of a PIN key in bytes.
const KeySize = 32

// keyIDSize is how much of a key's hash stands before what it sealed, so that the right key is found again.
const keyIDSize = 4

var errKey = errors.New("no key opens this PIN")

// Sealer keeps PINs unreadable at rest: AES-256-GCM, bound to the id, account, application and number of the PIN.
type Sealer struct {
	rand io.Reader
	keys []sealKey
}

type sealKey struct {
	id   []byte
	aead cipher.AEAD
}

// NewSealer takes one or more keys of KeySize bytes. The first seals; all open, so that a key can be replaced and the
// old one left in place until its last PIN has expired.
func NewSealer(rand io.Reader, keys ...[]byte) (*Sealer, error) {
	if rand == nil || len(keys) == 0 {
		return nil, errors.New("sealer needs a source of random bytes and a key")
	}
	s := &Sealer{rand: rand}
	for i, key := range keys {
		if len(key) != KeySize {
			return nil, fmt.Errorf("PIN key %d has %d bytes, want %d", i+1, len(key), KeySize)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("PIN key %d: %w", i+1, err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, fmt.Errorf("PIN key %d: %w", i+1, err)
		}
		sum := sha256.Sum256(key)
		s.keys = append(s.keys, sealKey{sum[:keyIDSize], aead})
	}
	return s, nil
}

// Seal hides code for p.
func (s *Sealer) Seal(p PIN, code delivery.Code) ([]byte, error) {
	k := s.keys[0]
	head := keyIDSize + k.aead.NonceSize()
	sealed := make([]byte, head, head+len(code)+k.aead.Overhead())
	copy(sealed, k.id)
	nonce := sealed[keyIDSize:]
	if _, err := io.ReadFull(s.rand, nonce); err != nil {
		return nil, fmt.Errorf("seal PIN: %w", err)
	}
	return k.aead.Seal(sealed, nonce, []byte(code), binding(p)), nil
}

// Open gives back what Seal hid for the same PIN.
func (s *Sealer) Open(p PIN) (delivery.Code, error) {
	for _, k := range s.keys {
		head := keyIDSize + k.aead.NonceSize()
		if len(p.Sealed) < head || !bytes.Equal(p.Sealed[:keyIDSize], k.id) {
			continue
		}
		code, err := k.aead.Open(nil, p.Sealed[keyIDSize:head], p.Sealed[head:], binding(p))
		if err == nil {
			return delivery.Code(code), nil
		}
	}
	return "", fmt.Errorf("open PIN %s: %w", p.ID, errKey)
}

// bindingSize is the length of a usual binding: three ids and a number, each in quotes.
const bindingSize = 128

// binding is what a code is sealed together with, as fmt writes "%q %q %q %q".
func binding(p PIN) []byte {
	b := appendQuoted(make([]byte, 0, bindingSize), p.ID)
	for _, part := range [...]string{p.AccountID, p.ApplicationID, p.To.Digits()} {
		b = appendQuoted(append(b, ' '), part)
	}
	return b
}

// appendQuoted is strconv.AppendQuote, but quicker for what needs no escape, as no id of ours does.
func appendQuoted(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return strconv.AppendQuote(b, text)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}
