// Package blockid makes public identifiers of the numbers of rows. A row's number rises, so that rows are appended wherever they
// are kept; the identifier is one AES block over two numbers, so that it tells nothing of them, nobody can guess another one,
// and the store that made it finds the row without an index.
package blockid

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"sync"
)

// KeySize is the length of a key in bytes: AES-256.
const KeySize = 32

// Cipher turns numbers into identifiers and back. It is safe for concurrent use.
type Cipher struct{ block cipher.Block }

// New takes the key of a store, KeySize bytes. Another key makes other identifiers.
func New(key []byte) (*Cipher, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("key of identifiers has %d bytes, want %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return &Cipher{block}, nil
}

const digits = "0123456789ABCDEF"

// values are those of digits, which are told apart by case, and 255 of all else.
var values = func() (of [256]byte) {
	for b := range of {
		of[b] = 255
	}
	for value, digit := range digits {
		of[digit] = byte(value)
	}
	return of
}()

// blocks are those that no call works on now: what a cipher is given would be made anew for each call.
var blocks = sync.Pool{New: func() any { return new([aes.BlockSize]byte) }}

// ID gives the identifier of the part of a row, 32 upper-case hex digits. Each pair has its own.
func (c *Cipher) ID(row, part int64) string {
	raw := blocks.Get().(*[aes.BlockSize]byte)
	defer blocks.Put(raw)
	binary.BigEndian.PutUint64(raw[:8], uint64(row))
	binary.BigEndian.PutUint64(raw[8:], uint64(part))
	c.block.Encrypt(raw[:], raw[:])
	var id [2 * aes.BlockSize]byte
	for i, b := range raw {
		id[2*i], id[2*i+1] = digits[b>>4], digits[b&15]
	}
	return string(id[:])
}

// Numbers gives back what ID was given. Of an identifier that was not made with this key it gives numbers that no row has, by all
// odds: there are 2^128 pairs. ok is false where the text is no identifier at all.
func (c *Cipher) Numbers(id string) (row, part int64, ok bool) {
	raw := blocks.Get().(*[aes.BlockSize]byte)
	defer blocks.Put(raw)
	if len(id) != 2*len(raw) {
		return 0, 0, false
	}
	for i := range raw {
		high, low := values[id[2*i]], values[id[2*i+1]]
		if high|low > 15 {
			return 0, 0, false
		}
		raw[i] = high<<4 | low
	}
	c.block.Decrypt(raw[:], raw[:])
	return int64(binary.BigEndian.Uint64(raw[:8])), int64(binary.BigEndian.Uint64(raw[8:])), true
}
