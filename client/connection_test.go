package client_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
)

// cutter is a server that ends each connection at some place, and counts connections and the requests it read.
type cutter struct {
	net.Listener
	connections, requests atomic.Int32
}

// newCutter reads no request, the first line of one, or all of one ("", "line", "request"), writes what it is given, and
// ends the connection. With well it answers that before, to one request of each connection.
func newCutter(t *testing.T, reads, writes, well string) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			c.connections.Add(1)
			c.serve(conn, reads, writes, well)
		}
	}()
	return c
}

func (c *cutter) serve(conn net.Conn, reads, writes, well string) {
	defer func() { _ = conn.Close() }()
	from := bufio.NewReader(conn)
	if well != "" {
		c.read(from)
		_, _ = io.WriteString(conn, well)
	}
	switch reads {
	case "line":
		_, _ = from.ReadString('\n')
		c.requests.Add(1)
	case "request":
		c.read(from)
	}
	_, _ = io.WriteString(conn, writes)
}

func (c *cutter) read(from *bufio.Reader) {
	req, err := http.ReadRequest(from)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, req.Body)
	c.requests.Add(1)
}

func (c *cutter) url() string { return "http://" + c.Addr().String() }

// As soon as there is a connection, a send may have been carried out, wherever it breaks.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]struct{ reads, writes string }{
		"at once":         {"", ""},
		"in the request":  {"line", ""},
		"after it":        {"request", ""},
		"in the status":   {"request", "HTTP/1.1 20"},
		"in the header":   {"request", "HTTP/1.1 200 OK\r\nContent-Le"},
		"before the body": {"request", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"},
		"in the body":     {"request", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"},
		"in a chunk":      {"request", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"},
	} {
		for _, op := range operations {
			t.Run(name+"/"+op.name, func(t *testing.T) {
				t.Parallel()
				server := newCutter(t, at.reads, at.writes, "")
				_, err := op.call(t.Context(), newClient(t, server.url()))
				want := map[string]int32{"read": 3, "put": 3, "act": 1, "send": 1}[class(op)]
				if got := server.connections.Load(); got != want {
					t.Errorf("%d connections, want %d", got, want)
				}
				if failed, ok := errors.AsType[*client.SendError](err); ok && !failed.Sent {
					t.Error("the error says that nothing was sent")
				} else if _, read := errors.AsType[*client.ResponseError](err); !ok && !read {
					t.Errorf("error %v, want a SendError or a ResponseError", err)
				}
			})
		}
	}
}

// net/http itself repeats a request that has an idempotency key, when a connection that was used before breaks.
func TestBrokenConnections_used_before(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		if class(op) != "send" && class(op) != "act" {
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			server := newCutter(t, "request", "", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
			c := newClient(t, server.url(), client.WithHTTPClient(&http.Client{Transport: &http.Transport{}}))
			_, _ = c.GetApplication(t.Context(), appID)
			if _, err := op.call(t.Context(), c); err == nil {
				t.Error("no error")
			}
			if got := server.connections.Load(); got != 1 {
				t.Errorf("%d connections, want the one", got)
			}
			if got := server.requests.Load(); got != 2 {
				t.Errorf("%d requests arrived, want 2", got)
			}
		})
	}
}

// A connection that was never made is made again for every operation.
func TestNeverConnected(t *testing.T) {
	t.Parallel()
	plain := newCutter(t, "", "this is not TLS", "")
	errDial := errors.New("no way")
	for name, address := range map[string]string{
		"refused": down, "no TLS": strings.Replace(plain.url(), "http:", "https:", 1), "own dialer": "http://127.0.0.1:1",
		"slow": "http://127.0.0.1:1",
	} {
		for _, op := range operations {
			if name == "slow" && op.name != "SendPIN" && op.name != "VerifyPIN" {
				continue // takes time
			}
			t.Run(name+"/"+op.name, func(t *testing.T) {
				t.Parallel()
				var dialed atomic.Int32
				transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
					dialed.Add(1)
					switch name {
					case "own dialer":
						return nil, errDial
					case "slow":
						<-ctx.Done()
						return nil, ctx.Err()
					}
					return new(net.Dialer).DialContext(ctx, network, address)
				}}
				options := []client.Option{client.WithHTTPClient(&http.Client{Transport: transport})}
				if name == "slow" {
					options = append(options, client.WithTryTimeout(100*time.Millisecond))
				}
				_, err := op.call(t.Context(), newClient(t, address, options...))
				failed, ok := errors.AsType[*client.SendError](err)
				if !ok || failed.Sent || failed.Host != strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://") {
					t.Errorf("error %v (%+v), want a SendError that nothing was sent", err, failed)
				}
				if got := dialed.Load(); got != 3 {
					t.Errorf("dialed %d times, want 3", got)
				}
			})
		}
	}
}

// A network that tells nothing of its connections may have sent everything.
func TestUnknownNetwork(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		tries := 0
		broken := tripper(func(*http.Request) (*http.Response, error) { tries++; return nil, errCaught })
		_, err := op.call(t.Context(), newClient(t, "localhost", client.WithHTTPClient(&http.Client{Transport: broken})))
		failed, ok := errors.AsType[*client.SendError](err)
		if !ok || !failed.Sent || !errors.Is(err, errCaught) {
			t.Errorf("%s: error %v, want a SendError", op.name, err)
		}
		if want := map[string]int{"read": 3, "put": 3, "act": 1, "send": 1}[class(op)]; tries != want {
			t.Errorf("%s: %d tries, want %d", op.name, tries, want)
		}
	}
}

// Serial, so that the goroutines are its own.
func TestNoGoroutineStays(t *testing.T) {
	before := runtime.NumGoroutine()
	server := httptest.NewServer(inTurn(says(503, ""), abort, tear(200), says(200, applicationAnswer), says(429, "")))
	transport := &http.Transport{}
	c, err := client.New(server.URL, client.WithAPIKey(key), client.Hasty(nil), client.WithTryTimeout(time.Minute),
		client.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range operations {
		_, _ = op.call(t.Context(), c)
	}
	transport.CloseIdleConnections()
	server.Close()
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, before there were %d", runtime.NumGoroutine(), before)
		}
	}
}
