package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/wire"
	"github.com/pinpost/pinpost/server"
)

// attack is one request as a stranger may write it, and what must come back. The request is bytes on a connection of its
// own, so that nothing of an HTTP client makes it better.
type attack struct {
	name    string
	request string
	status  int
	member  string // 400 only: must be named in validationErrors
	allow   string // 405 only: the methods that Allow names
}

// Input that must never come back: a phone number, and PINs of each kind. Attacks put them wherever input goes.
const (
	secretPhone = "41790013377"
	secretPIN   = "73918264"
	secretAlpha = "QZJXKVWB"
	secretMixed = "A7B3C9D1"
	secretName  = "ABCDE739"
)

var secrets = []string{secretPhone, secretPIN, secretAlpha, secretMixed, secretName, goodKey}

// attackTime is how long an attack may wait for its answer; what takes longer hangs.
const attackTime = 10 * time.Second

// TestAbuse sends what no honest client sends to the real service on real connections. Every answer is the documented
// error object or what the contract promises, none is a fault of ours, and the log has no line of level ERROR.
func TestAbuse(t *testing.T) {
	t.Parallel()
	canary.Watch(secrets...)
	address, _ := serveAbused(t, nil)
	for topic, attacks := range map[string][]attack{
		"JSON syntax": syntaxAttacks(), "JSON values": valueAttacks(), "types": typeAttacks(t), "numbers": numberAttacks(),
		"members": memberAttacks(), "limits": limitAttacks(), "phone numbers": phoneAttacks(), "sizes": sizeAttacks(),
		"media types": mediaAttacks(), "methods": methodAttacks(), "targets": targetAttacks(), "paths": pathAttacks(),
		"queries": queryAttacks(), "headers": headerAttacks(), "framing": framingAttacks(),
		"credentials": credentialAttacks(), "preferences": preferAttacks(),
	} {
		t.Run(topic, func(t *testing.T) {
			t.Parallel()
			for _, a := range attacks {
				t.Run(a.name, func(t *testing.T) { a.check(t, exchange(t, address, a.request)) })
			}
			t.Logf("%d attacks", len(attacks))
		})
	}
}

// serveAbused runs the service with the fixture in it and gives its address and its log; change may shorten the server's
// times. When the test ends the log must be free of faults.
func serveAbused(t *testing.T, change func(*http.Server)) (string, *trail) {
	t.Helper()
	f := loadFixture(t)
	settings := config.Default()
	settings.Data = t.TempDir()
	choose(t, &settings)
	f.store(t, settings)
	log := &trail{}
	logger := observe.NewLogger(log, slog.LevelDebug, true)
	house, err := wire.Build(t.Context(), settings, wire.Outside{
		Log: logger, Lookup: f, Contract: closedContract(t), SandboxContract: closedSandboxContract(t), Store: openNamed(t, settings),
	})
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), attackTime)
		defer cancel()
		if err := house.Close(ctx); err != nil {
			t.Errorf("the service does not close: %v", err)
		}
	})
	return serveLogged(t, house.Handler(), log, change), log
}

// serveLogged serves a handler as the program does. When the test ends its log must be free of faults.
func serveLogged(t *testing.T, handler http.Handler, log *trail, change func(*http.Server)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	httpServer := server.NewHTTP(handler, observe.NewLogger(log, slog.LevelDebug, true))
	if change != nil {
		change(httpServer)
	}
	go func() { _ = httpServer.Serve(server.Listener(listener)) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), attackTime)
		defer cancel()
		if err := httpServer.Shutdown(ctx); err != nil { // as the program does: the house closes after its last request
			t.Errorf("requests hang: %v", err)
		}
		for _, line := range log.faults() {
			t.Errorf("the log has a fault: %s", line)
		}
	})
	return listener.Addr().String()
}

// trail keeps the log of one server, and passes it on to be searched with those of all.
type trail struct {
	sync.Mutex
	text bytes.Buffer
}

// Write notes a log line.
func (l *trail) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	l.text.Write(p)
	return canary.Log().Write(p)
}

// faults are the lines of level ERROR, and those that net/http writes at any level when a handler panics.
func (l *trail) faults() []string {
	l.Lock()
	defer l.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, "panic") {
			found = append(found, line)
		}
	}
	return found
}

// reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// exchange sends a request on a connection of its own and reads the first answer that is final.
func exchange(t *testing.T, address, request string) reply {
	t.Helper()
	conn := dial(t, address)
	go func() {
		_, _ = io.WriteString(conn, request) // a server that refuses early does not read to the end
	}()
	method, _, _ := strings.Cut(request, " ")
	return readReply(t, bufio.NewReader(conn), method)
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(attackTime)))
	return conn
}

func readReply(t *testing.T, from *bufio.Reader, method string) reply {
	t.Helper()
	for {
		resp, err := http.ReadResponse(from, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("no answer: %v", err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatalf("answer %d breaks off: %v", resp.StatusCode, err)
		}
		if resp.StatusCode >= http.StatusBadRequest {
			_, _ = canary.Log().Write(append(slices.Clone(body), '\n'))
			_, _ = fmt.Fprintln(canary.Log(), resp.Header)
		}
		if resp.StatusCode >= http.StatusOK {
			return reply{resp.StatusCode, resp.Header, body}
		}
	}
}

// kindOf says which kind of error a status has in the contract.
var kindOf = map[int]string{
	400: "INVALID_ARGUMENT", 401: "UNAUTHORIZED", 404: "RESOURCE_NOT_FOUND", 405: "INVALID_ARGUMENT", 413: "INVALID_ARGUMENT",
	408: "TIMED_OUT", 415: "INVALID_ARGUMENT", 417: "INVALID_ARGUMENT", 429: "THROTTLE_EXCEPTION", 431: "INVALID_ARGUMENT",
	503: "SERVICE_UNAVAILABLE",
}

// largestError bounds an error's body: a small request must not be worth a large answer.
const largestError = 4 << 10

func (a attack) check(t *testing.T, got reply) {
	t.Helper()
	if got.status != a.status {
		t.Fatalf("status %d, want %d; body %.300s", got.status, a.status, got.body)
	}
	if got.status < http.StatusBadRequest {
		return
	}
	if strings.HasPrefix(a.request, "HEAD ") {
		if len(got.body) > 0 {
			t.Errorf("HEAD answers with the body %q", got.body)
		}
		return
	}
	if media := got.header.Values("Content-Type"); !slices.Equal(media, []string{"application/json"}) {
		t.Errorf("Content-Type %q, want application/json", media)
	}
	exception := checkError(t, a.name, got.status, a.status, got.body, kindOf[a.status])
	checkClosed(t, got.body)
	if a.member != "" && (exception.ValidationErrors == nil || len((*exception.ValidationErrors)[a.member]) == 0) {
		t.Errorf("body %s does not say what is wrong with %s", got.body, a.member)
	}
	if allow := strings.ReplaceAll(got.header.Get("Allow"), " ", ""); allow != a.allow {
		t.Errorf("Allow is %q, want %q", allow, a.allow)
	}
	if challenge := got.header.Get("WWW-Authenticate"); (challenge != "") != (a.status == http.StatusUnauthorized) {
		t.Errorf("WWW-Authenticate is %q with status %d", challenge, a.status)
	}
	for _, secret := range secrets {
		if answer := fmt.Sprintf("%v %s", got.header, got.body); strings.Contains(strings.ToUpper(answer), strings.ToUpper(secret)) {
			t.Errorf("the caller's own %s comes back: %s", secret, answer)
		}
	}
}

// checkClosed wants a body of one JSON value, small, with no member that the contract does not have.
func checkClosed(t *testing.T, body []byte) {
	t.Helper()
	if len(body) > largestError {
		t.Errorf("an error of %d bytes, want at most %d", len(body), largestError)
	}
	var object struct {
		RequestError struct {
			ServiceException struct {
				MessageID        string              `json:"messageId"`
				Text             string              `json:"text"`
				ValidationErrors map[string][]string `json:"validationErrors"`
			} `json:"serviceException"`
		} `json:"requestError"`
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&object); err != nil {
		t.Errorf("body %q: %v", body, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		t.Errorf("body %q goes on after the error object", body)
	}
}
