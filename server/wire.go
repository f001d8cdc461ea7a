package server

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/pinpost/pinpost/api"
)

// Listener answers in the documented form even where Go's HTTP server gives up before any handler is called: a request
// that is not HTTP, headers that are too large, an Expect that nobody knows. The server answers these in plain text; its
// connections are wrapped so that the error object goes out instead.
func Listener(l net.Listener) net.Listener { return rewritingListener{l} }

type rewritingListener struct{ net.Listener }

// Accept wraps the next connection.
func (l rewritingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return rewritingConn{conn}, nil
}

type rewritingConn struct{ net.Conn }

// CloseWrite ends one direction. The HTTP server looks for it to close gently, so that a caller who is still sending
// reads the answer before the connection breaks.
func (c rewritingConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// SetLinger says what becomes of bytes on their way when the connection is closed.
func (c rewritingConn) SetLinger(seconds int) error {
	if lingering, ok := c.Conn.(interface{ SetLinger(int) error }); ok {
		return lingering.SetLinger(seconds)
	}
	return nil
}

// Write passes on everything but the HTTP server's own short errors. Answers of ours name their media type or have a
// date first, and are never taken for one.
func (c rewritingConn) Write(p []byte) (int, error) {
	if !refuses(p) {
		return c.Conn.Write(p)
	}
	status, ok := plainRefusal(p)
	if !ok {
		return c.Conn.Write(p)
	}
	body := errorObject(api.ErrorKindInvalidArgument, "The request is not HTTP as this server takes it: "+http.StatusText(status), nil)
	if status >= http.StatusInternalServerError {
		status = http.StatusBadRequest // 501 and 505: the contract keeps 5xx for what is no fault of the caller
	}
	var answer bytes.Buffer
	answer.WriteString("HTTP/1.1 " + strconv.Itoa(status) + " " + http.StatusText(status) + "\r\n")
	answer.WriteString("Content-Type: application/json\r\nConnection: close\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n")
	answer.Write(body)
	if _, err := c.Conn.Write(answer.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// refuses tells that what is written may be a status line of 400 and above; most that is written is not.
func refuses(p []byte) bool {
	const before = len("HTTP/1.1 ")
	return len(p) > before && p[before] >= '4' && p[before] <= '9'
}

// plainRefusal recognises what net/http writes by itself: a status line followed at once by a plain content type and
// Connection: close, or the empty 417 to an unknown Expect.
func plainRefusal(p []byte) (int, bool) {
	line, rest, ok := bytes.Cut(p[:min(len(p), 512)], []byte("\r\n"))
	fields := strings.SplitN(string(line), " ", 3)
	if !ok || len(fields) < 2 || !strings.HasPrefix(fields[0], "HTTP/1.") {
		return 0, false
	}
	status, err := strconv.Atoi(fields[1])
	if err != nil || status < 400 {
		return 0, false
	}
	plain := bytes.HasPrefix(rest, []byte("Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"))
	return status, plain || status == http.StatusExpectationFailed
}
