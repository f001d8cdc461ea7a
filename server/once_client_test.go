package server_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

// TestOnce_of_a_client_that_is_cut_at_every_byte breaks the client's connection after each byte of the answer: the service has
// sent the message by then. The client asks again by itself, gets its answer, and one message goes out for each call.
func TestOnce_of_a_client_that_is_cut_at_every_byte(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	request := api.SendPinOverSmsRequest{To: "33639980051", ApplicationID: "A" + id[1:], MessageID: "B" + id[1:]}
	whole := &line{}
	if _, err := u.cutClient(whole).SendPIN(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	length := int(whole.read.Load())
	const clients = 100 // each waits half a second before it asks again
	if length < 300 || length+clients >= 1000 {
		t.Fatalf("an answer has %d bytes, want some hundreds", length)
	}
	var next, cuts atomic.Int64
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			l := &line{}
			c := u.cutClient(l)
			if _, err := c.SendPIN(t.Context(), request); err != nil { // learns that the service takes keys
				t.Error(err)
			}
			for n := next.Add(1) - 1; n < int64(length); n = next.Add(1) - 1 {
				l.cutAfter(n)
				var header http.Header
				sent, err := c.SendPIN(t.Context(), request, client.ReadHeader(&header))
				if err != nil || sent.PinID == "" {
					t.Errorf("cut after %d bytes: answers %v, error %v", n, sent, err)
					continue
				}
				if header.Get("Idempotency-Replayed") != "true" {
					t.Errorf("cut after %d bytes: the answer is a first one", n)
				}
				cuts.Add(l.cuts.Swap(0))
			}
		})
	}
	all.Wait()
	if got := cuts.Load(); got != int64(length) {
		t.Errorf("%d connections were cut, want %d", got, length)
	}
	want := 1 + clients + length
	if got := len(u.messages("limit=1000")); got != want {
		t.Errorf("%d messages went out for %d calls", got, want)
	}
}

// line is a client's way to the service, which breaks when it is told to.
type line struct {
	left       atomic.Int64 // bytes until the next connection breaks; negative: it does not
	read, cuts atomic.Int64
}

func (l *line) cutAfter(n int64) { l.left.Store(n + 1) }

// cutClient is a client with a line of its own, and a connection for each request.
func (u *tester) cutClient(l *line) *client.Client {
	u.t.Helper()
	network := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, kind, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, kind, address)
		return &cutConn{Conn: conn, line: l, left: l.left.Swap(0) - 1}, err
	}}
	u.t.Cleanup(network.CloseIdleConnections)
	c, err := client.New(u.address, client.WithAPIKey(u.key), client.WithHTTPClient(&http.Client{Transport: network}))
	must(u.t, err)
	return c
}

type cutConn struct {
	net.Conn
	line *line
	left int64 // negative: as many as there are
}

var errCut = errors.New("the line was cut")

// Read reads until the line breaks. It waits for the byte that it does not hand out, so that the service has answered.
func (c *cutConn) Read(p []byte) (int, error) {
	if c.left == 0 {
		if _, err := c.Conn.Read(make([]byte, 1)); err != nil {
			return 0, err
		}
		c.line.cuts.Add(1)
		if tcp, ok := c.Conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, not a goodbye
		}
		_ = c.Close()
		return 0, errCut
	}
	if c.left > 0 && int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.Conn.Read(p)
	c.line.read.Add(int64(n))
	if c.left > 0 {
		c.left -= int64(n)
	}
	return n, err
}
