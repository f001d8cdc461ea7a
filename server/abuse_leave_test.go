package server_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost"
	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/metrics"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/server"
)

// TestAbuse_pipelines sends several requests on one connection, or what could be taken for several. Each request is told
// from the next as HTTP has it, and none lends its credentials to another.
func TestAbuse_pipelines(t *testing.T) {
	t.Parallel()
	address, _ := serveAbused(t, nil)
	const (
		first  = " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
		last   = "GET " + appPath + first + "Connection: close\r\n" + authorized + "\r\n\r\n"
		hidden = "GET " + appPath + first + "\r\n"
		send   = "POST " + sendPath + first + authorized + "\r\nContent-Type: application/json\r\n"
	)
	tests := map[string]struct {
		requests string
		want     []int
	}{
		"credentials are not remembered":            {"GET " + appPath + first + authorized + "\r\n\r\n" + hidden + last, []int{200, 401, 200}},
		"a body that looks like a request":          {"POST " + sendPath + first + "Content-Length: " + length(hidden) + "\r\n\r\n" + hidden + last, []int{401, 200}},
		"a refused body that looks like one":        {send + "Content-Length: " + length(hidden) + "\r\n\r\n" + hidden + last, []int{400, 200}},
		"a body of a path that looks like one":      {"POST /x" + first + "Content-Length: " + length(hidden) + "\r\n\r\n" + hidden + last, []int{404, 200}},
		"a request behind a short length":           {send + "Content-Length: 2\r\n\r\n{}" + hidden + last, []int{400, 401, 200}},
		"a request behind the last chunk":           {send + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + hidden + last, []int{400, 401, 200}},
		"a length that hides what chunks show":      {send + "Content-Length: 300\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden + last, []int{400, 401, 200}},
		"a length that shows what chunks hide":      {send + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n6a\r\n" + hidden + last, []int{400}},
		"a request behind a body that is too large": {send + "Content-Length: 300000\r\n\r\n" + strings.Repeat(" ", 300000) + last, []int{413}},
		"a request behind a broken chunk":           {send + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + last, []int{400}},
		"a request behind an unknown encoding":      {send + "Transfer-Encoding: " + secretAlpha + "\r\n\r\n" + last, []int{400}},
		"a request behind two lengths":              {send + "Content-Length: 2\r\nContent-Length: 0\r\n\r\n{}" + last, []int{400}},
		"a request behind what is no HTTP":          {secretPhone + "\r\n\r\n" + last, []int{400}},
		"a request behind large headers":            {"GET / HTTP/1.1\r\nX-Pin: " + strings.Repeat(secretPIN, 4000) + "\r\n\r\n" + last, []int{431}},
		"a request behind an unknown expectation":   {send + "Expect: " + secretAlpha + "\r\n\r\n" + last, []int{417}},
		"an old client's chunks":                    {"POST " + sendPath + " HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + last, []int{401}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, address)
			go func() { _, _ = io.WriteString(conn, tt.requests) }()
			from := bufio.NewReader(conn)
			var got []int
			for len(got) < len(tt.want) {
				got = append(got, readReply(t, from, "GET").status)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("answers %v, want %v", got, tt.want)
			}
			checkEnd(t, from)
		})
	}
}

// TestAbuse_leaving hangs up at every point of a request. Nothing of that is a fault of ours, and the next caller is
// answered.
func TestAbuse_leaving(t *testing.T) {
	t.Parallel()
	address, log := serveAbused(t, nil)
	whole := []string{
		post(sendPath, sendBody("to", `"`+secretPhone+`"`)), post(voicePath, sendBody("to", `"`+secretPhone+`"`), "Prefer: wait=60"),
		post(verifyPath, `{"pin":"`+secretPIN+`"}`), get(appsPath), with("PUT", appPath, `{"enabled":true}`),
	}
	for i := range 200 {
		request := whole[i%len(whole)]
		conn, err := net.Dial("tcp", address)
		must(t, err)
		_, err = io.WriteString(conn, request[:len(request)*(i%11)/10])
		must(t, err)
		if i%2 == 0 {
			must(t, conn.(*net.TCPConn).SetLinger(0)) // a reset, not a goodbye
		}
		must(t, conn.Close())
	}
	good := attack{name: "good", request: get(appPath), status: 200}
	good.check(t, exchange(t, address, good.request))
	if faults := log.faults(); len(faults) > 0 {
		t.Errorf("%d faults, the first of them %s", len(faults), faults[0])
	}
}

// waiting is a neighbour that works until its caller has left.
type waiting struct {
	brokenPINs
	came, left chan struct{}
}

func (w waiting) Status(ctx context.Context, _, _ string) ([]pin.Delivery, error) {
	close(w.came)
	<-ctx.Done()
	defer close(w.left)
	return nil, fault.Unavailablef(ctx.Err(), "The store does not answer")
}

// TestAbuse_leaving_while_the_store_works wants the work to stop, and no fault in the log: callers could fill it at will.
func TestAbuse_leaving_while_the_store_works(t *testing.T) {
	t.Parallel()
	contract, err := spec.Load()
	must(t, err)
	log := &trail{}
	pins := waiting{came: make(chan struct{}), left: make(chan struct{})}
	s, err := server.New(server.Deps{
		PINs: pins, Applications: brokenApplications{}, Messages: brokenMessages{}, Accounts: brokenAccounts{}, Neighbours: broken{},
		Metrics: metrics.New(), Contract: contract, Document: pinpost.OpenAPI, Log: observe.NewLogger(log, slog.LevelDebug, true),
		ValidateResponses: server.ResponsesFail,
	})
	must(t, err)
	answered := make(chan struct{})
	once := sync.OnceFunc(func() { close(answered) })
	address := serveLogged(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer once()
		s.ServeHTTP(w, r)
	}), log, nil)
	conn := dial(t, address)
	_, err = io.WriteString(conn, get("/2fa/1/pin/"+freePINID+"/status"))
	must(t, err)
	wait(t, pins.came, "the request")
	must(t, conn.Close())
	wait(t, pins.left, "the work to stop")
	wait(t, answered, "the answer")

	s.Drain() // and asking whether it does, while the server stops, is no fault either
	got := exchange(t, address, plain("GET", "/readyz"))
	checkError(t, "readyz", got.status, http.StatusServiceUnavailable, got.body, "SERVICE_UNAVAILABLE")
}

func wait(t *testing.T, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(attackTime):
		t.Fatalf("waited in vain for %s", what)
	}
}

// TestListener_lets_connections_end_gently: net/http looks for CloseWrite to end a connection on which a caller is still
// sending.
func TestListener_lets_connections_end_gently(t *testing.T) {
	t.Parallel()
	plainListener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	listener := server.Listener(plainListener)
	t.Cleanup(func() { _ = listener.Close() })
	caller := dial(t, listener.Addr().String())
	conn, err := listener.Accept()
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok {
		t.Fatal("a connection has no CloseWrite")
	}
	must(t, half.CloseWrite())
	checkEnd(t, bufio.NewReader(caller))
}
