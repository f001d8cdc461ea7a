package server_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// hasty makes a server lose its patience within a test. Headers have less time than bodies, as in the program.
func hasty(s *http.Server) {
	s.ReadHeaderTimeout = 300 * time.Millisecond
	s.ReadTimeout = 600 * time.Millisecond
	s.IdleTimeout = 300 * time.Millisecond
}

// patience is how long a test waits for a hasty server, which on a busy machine is less hasty.
const patience = 8 * time.Second

// TestAbuse_slow_senders sends requests that never become whole. The server must end each of them by itself.
func TestAbuse_slow_senders(t *testing.T) {
	t.Parallel()
	address, _ := serveAbused(t, hasty)
	const (
		head  = "POST " + sendPath + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + authorized + "\r\n"
		some  = `{"to":"` + secretPhone + `"`
		sized = head + "Content-Length: 100\r\n\r\n"
		parts = head + "Transfer-Encoding: chunked\r\n\r\n"
	)
	tests := map[string]struct {
		at, dripped string // what is sent at once, and what then comes byte by byte, over and over
		leave       bool   // the sender says that nothing more will come
		status      int    // 0 when the headers never become whole: there is no answer, or 400 if a line was cut short
	}{
		"nothing":                      {"", "", false, 0},
		"a line break":                 {"\r\n", "", false, 400},
		"half a method":                {"PO", "", false, 400},
		"a line that drips":            {"GET /", "x", false, 400},
		"headers that drip":            {head, "X-Pin: " + secretPIN + "\r\n", false, 0},
		"headers without an end":       {head, "", false, 0},
		"a body that does not come":    {sized, "", false, 400},
		"half a body":                  {sized + some, "", false, 400},
		"a body that drips":            {sized + some, " ", false, 400},
		"half a body, and no more":     {sized + some, "", true, 400},
		"no chunk":                     {parts, "", false, 400},
		"half a chunk":                 {parts + "1f\r\n" + some, "", false, 400},
		"chunks that drip":             {parts, "1\r\n \r\n", false, 400},
		"a chunk's length that drips":  {parts, "0", false, 400},
		"no last chunk":                {parts + "2\r\n{}\r\n", "", false, 400},
		"no last chunk, and no more":   {parts + "2\r\n{}\r\n", "", true, 400},
		"half a chunk, and no more":    {parts + "1f\r\n" + some, "", true, 400},
		"a trailer that drips":         {parts + "2\r\n{}\r\n0\r\nX-Pin: ", secretPIN, false, 400},
		"a body that waits for its go": {head + "Expect: 100-continue\r\nContent-Length: 100\r\n\r\n", "", false, 400},
		"a body for nobody":            {"POST " + sendPath + " HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", "", false, 401},
		"a body for no path":           {"POST /" + secretPhone + " HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", "", false, 404},
		"a body where none belongs":    {"GET " + appPath + " HTTP/1.1\r\nHost: a\r\n" + authorized + "\r\nContent-Length: 100\r\n\r\n", "", false, 400},
	}
	conns := map[string]net.Conn{}
	for name, tt := range tests { // all of them are slow at the same time
		conn := dial(t, address)
		must(t, conn.SetDeadline(time.Now().Add(patience)))
		_, err := io.WriteString(conn, tt.at)
		must(t, err)
		switch {
		case tt.leave:
			must(t, conn.(*net.TCPConn).CloseWrite())
		case tt.dripped != "":
			go drip(conn, tt.dripped)
		}
		conns[name] = conn
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			from := bufio.NewReader(conns[name])
			if tt.status != 0 {
				a := attack{name: name, request: tt.at, status: tt.status}
				a.check(t, readReply(t, from, "POST"))
				checkEnd(t, from)
				return
			}
			rest, err := io.ReadAll(from)
			if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
				t.Errorf("the server keeps the connection")
			}
			if answer := string(rest); answer != "" && (!strings.HasPrefix(answer, "HTTP/1.1 400 ") || !strings.Contains(answer, "INVALID_ARGUMENT")) {
				t.Errorf("the server answers %q, want nothing or the error object", answer)
			}
		})
	}
}

// drip sends a text byte by byte until the other side has had enough.
func drip(conn net.Conn, text string) {
	for i := 0; ; i++ {
		if _, err := conn.Write([]byte{text[i%len(text)]}); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// checkEnd wants the server to end the connection without another word.
func checkEnd(t *testing.T, from *bufio.Reader) {
	t.Helper()
	rest, err := io.ReadAll(from)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Errorf("the server keeps the connection")
	}
	if len(rest) > 0 {
		t.Errorf("the server goes on: %q", rest)
	}
}

// TestAbuse_crowd keeps hundreds of connections half open while good requests are answered.
func TestAbuse_crowd(t *testing.T) {
	t.Parallel()
	address, _ := serveAbused(t, nil)
	starts := []string{
		"", "G", "GET " + appPath + " HTTP/1.1\r\n", "GET " + appPath + " HTTP/1.1\r\nHost: a\r\n" + authorized + "\r\n",
		plain("POST", sendPath, authorized, "Content-Type: application/json", "Content-Length: 1000") + `{"to":`,
	}
	for i := range 200 {
		conn := dial(t, address)
		_, err := io.WriteString(conn, starts[i%len(starts)])
		must(t, err)
	}
	for i := range 10 {
		good := attack{name: "good", request: get(appPath), status: 200}
		good.check(t, exchange(t, address, good.request))
		number := fmt.Sprintf(`"4179001%04d"`, 4000+i)
		sent := attack{name: "sent", request: post(sendPath, sendBody("to", number)), status: 200}
		sent.check(t, exchange(t, address, sent.request))
	}
}

// TestAbuse_guessers keeps every hasher of passwords busy. Guesses are refused or put off; who calls with a key does not
// wait for them, and the log does not fill with errors.
func TestAbuse_guessers(t *testing.T) {
	t.Parallel()
	address, _ := serveAbused(t, nil)
	var guesses []net.Conn
	for i := range 60 {
		conn := dial(t, address)
		guess := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s%d:%s", secretAlpha, i, secretPIN))
		_, err := io.WriteString(conn, plain("GET", appPath, "Authorization: Basic "+guess))
		must(t, err)
		guesses = append(guesses, conn)
	}
	good := attack{name: "good", request: get(appPath), status: 200}
	good.check(t, exchange(t, address, good.request))
	put := 0
	for _, conn := range guesses {
		got := readReply(t, bufio.NewReader(conn), "GET")
		if got.status != http.StatusServiceUnavailable {
			a := attack{name: "guess", status: 401}
			a.check(t, got)
			continue
		}
		put++
		checkError(t, "guess", got.status, 503, got.body, "SERVICE_UNAVAILABLE")
		if got.header.Get("Retry-After") == "" {
			t.Error("a guess is put off without Retry-After")
		}
	}
	t.Logf("%d of %d guesses are put off", put, len(guesses))
}

// TestAbuse_many_refusals lets many callers be refused at the same time; each gets its own refusal.
func TestAbuse_many_refusals(t *testing.T) {
	t.Parallel()
	address, _ := serveAbused(t, nil)
	attacks := []attack{
		{name: "syntax", request: post(sendPath, strings.Repeat("[", 60000)), status: 400},
		{name: "size", request: with("PUT", appPath, strings.Repeat(" ", 70000)), status: 413},
		{name: "media", request: plain("POST", sendPath, authorized, "Content-Length: 2") + "{}", status: 415},
		{name: "key", request: plain("GET", appPath, "Authorization: App "+secretPIN), status: 401},
		{name: "path", request: get("/" + secretPhone), status: 404},
		{name: "method", request: get(sendPath), status: 405, allow: "OPTIONS,POST"},
		{name: "member", request: post(sendPath, `{"to":"`+secretAlpha+`"}`), status: 400, member: "to"},
		{name: "HTTP", request: "GET / HTTP/7\r\n\r\n", status: 400},
	}
	for i := range 16 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			for j := range attacks {
				a := attacks[(i+j)%len(attacks)]
				a.check(t, exchange(t, address, a.request))
			}
		})
	}
}
