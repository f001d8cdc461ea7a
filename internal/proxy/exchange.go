package proxy

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/conform"
)

// As much of a body is kept as is judged. The contract's own bounds are smaller.
const (
	maxRequest = 1 << 20
	maxAnswer  = 8 << 20
)

// exchange is what passed, and is judged afterwards.
type exchange struct {
	number          int64
	began           time.Time
	took            time.Duration
	req             conform.Request
	resp            conform.Response
	asked, answered body
	failure         string // why there is no whole answer
}

// Why there is no whole answer.
const (
	noAnswer   = "no answer"
	clientLeft = "client left"
)

// body is a copy of what passed.
type body struct {
	mu      sync.Mutex // the transport may go on reading a request whose answer has passed
	length  int64      // as announced; -1 when it was not
	copy    bytes.Buffer
	passed  int64
	over    bool // all of it has passed
	broken  bool // it broke off
	watched bool
}

// watch gives a reader that copies what is read, as much as most.
func (b *body) watch(from io.ReadCloser, most int64) io.ReadCloser {
	b.watched = true
	if b.length > 0 && b.length <= most {
		b.copy.Grow(int(b.length))
	}
	return &watched{from, b, most}
}

type watched struct {
	io.ReadCloser
	body *body
	most int64
}

func (w *watched) Read(into []byte) (int, error) {
	n, err := w.ReadCloser.Read(into)
	w.body.mu.Lock()
	defer w.body.mu.Unlock()
	if room := w.most - w.body.passed; room > 0 {
		w.body.copy.Write(into[:min(int64(n), room)])
	}
	w.body.passed += int64(n)
	switch {
	case w.body.over: // a transport may look once more for an end that it was told of
	case errors.Is(err, io.EOF) || w.body.length >= 0 && w.body.passed == w.body.length && err == nil:
		w.body.over = true
	case err != nil:
		w.body.broken = true
	}
	return n, err
}

// ended tells whether all of it has passed.
func (b *body) ended() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.over || !b.watched
}

// broke tells whether it broke off.
func (b *body) broke() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.broken
}

// What keeps a body from being judged, as findings say it.
var (
	errBroken   = errors.New("broke off")
	errTooLong  = errors.New("is too long to be judged")
	errEncoding = errors.New("has an encoding that cannot be judged: gzip can, and none")
)

// whole gives all of it, decoded; nil and no error when it did not pass whole for no fault of its own.
func (b *body) whole(encoding string, most int64) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.broken:
		return nil, errBroken
	case b.passed > most:
		return nil, errTooLong
	}
	switch strings.ToLower(encoding) {
	case "", "identity":
		return b.copy.Bytes(), nil
	case "gzip":
		return unzip(b.copy.Bytes(), most)
	}
	return nil, errEncoding
}

func unzip(packed []byte, most int64) ([]byte, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, errEncoding
	}
	text, err := io.ReadAll(io.LimitReader(reader, most+1))
	switch {
	case err != nil:
		return nil, errEncoding
	case int64(len(text)) > most:
		return nil, errTooLong
	}
	return text, nil
}
