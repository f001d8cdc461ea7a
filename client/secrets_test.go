package client_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
)

var basic = base64.StdEncoding.EncodeToString([]byte("alice:" + password))

// checkSecrets wants nothing secret in the text of an error.
func checkSecrets(t *testing.T, err error) {
	t.Helper()
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err)} {
		for _, secret := range []string{
			key, password, basic, pin, phone,
		} {
			if strings.Contains(text, secret) {
				t.Errorf("error tells %q: %s", secret, text)
			}
		}
	}
}

// down is the address of a server that is not there: nothing listens on port 1.
const down = "http://127.0.0.1:1"

// raw gives the address of a server that is not an HTTP server: it sends before, and then what it got.
func raw(t *testing.T, before string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				got := make([]byte, 64<<10)
				n, _ := conn.Read(got)
				_, _ = conn.Write(append([]byte(before), got[:n]...))
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// echo answers with the request itself.
func echo(status int, form string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		dump, _ := httputil.DumpRequest(r, false)
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, form, string(dump)+key+password+pin+phone)
	}
}

func locate(form string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", fmt.Sprintf(form, pin+phone+key+password))
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

func TestErrorsTellNoSecrets(t *testing.T) {
	t.Parallel()
	numbers := `{"to":41793026727,"pinId":"P","attemptsRemaining":41793026727,"messageId":"M","pinLength":41793026727,` +
		`"applicationId":"A","configuration":41793026727}`
	servers := map[string]string{
		"down":              down,
		"speaks no HTTP":    raw(t, ""),
		"half a status":     raw(t, "HTTP/1.1 "),
		"reason":            raw(t, "HTTP/1.1 500 "),
		"status only":       raw(t, "HTTP/1.1 200 OK\r\n"),
		"header":            raw(t, "HTTP/1.1 200 OK\r\nContent-Length: "),
		"encoding":          raw(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: "),
		"continuation":      raw(t, "HTTP/1.1 200 OK\r\n "),
		"chunks":            raw(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
		"trailer":           raw(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
		"body":              raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"),
		"no gzip":           raw(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"),
		"no TLS":            strings.Replace(raw(t, ""), "http:", "https:", 1),
		"hangs":             newFake(t, hang(0, "")).URL,
		"hangs later":       newFake(t, hang(200, "{")).URL,
		"empty":             newFake(t, says(200, "")).URL,
		"no content":        newFake(t, says(204, "")).URL,
		"echo":              newFake(t, echo(200, "<p>%s</p>")).URL,
		"echo, JSON":        newFake(t, echo(200, `{"echo":%q}`)).URL,
		"numbers":           newFake(t, says(200, numbers)).URL,
		"echo, refused":     newFake(t, echo(403, "<p>%s</p>")).URL,
		"echo, failed":      newFake(t, echo(500, `{"echo":%q}`)).URL,
		"elsewhere":         newFake(t, locate("http://127.0.0.1/?x=%s")).URL,
		"elsewhere, named":  newFake(t, locate("http://%s@127.0.0.1/")).URL,
		"elsewhere, broken": newFake(t, locate("http://[/?x=%s")).URL,
		"elsewhere, port":   newFake(t, locate("http://127.0.0.1:%s/")).URL,
	}
	credentials := map[string]client.Option{
		"key": client.WithAPIKey(key), "password": client.WithBasic("alice", password),
	}
	for name, server := range servers {
		for of, credential := range credentials {
			t.Run(name+"/"+of, func(t *testing.T) {
				t.Parallel()
				impatient := client.WithTimeout(5 * time.Second)
				if strings.HasPrefix(name, "hangs") {
					impatient = client.WithTimeout(20 * time.Millisecond)
				}
				c, err := client.New(server, credential, impatient, client.Hasty(nil))
				if err != nil {
					t.Fatal(err)
				}
				if text := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(text, key) || strings.Contains(text, password) {
					t.Errorf("the client tells its credential: %s", text)
				}
				for _, op := range operations {
					value, err := op.call(t.Context(), c)
					if err == nil {
						t.Errorf("%s: value %+v, want an error", op.name, value)
						continue
					}
					checkSecrets(t, err)
				}
			})
		}
	}
}

// A network of the caller's own keeps its words, apart from what it quotes.
func TestCauseKeepsItsWords(t *testing.T) {
	t.Parallel()
	cause := fmt.Errorf(`circuit open for "%s": %w`, phone, io.ErrUnexpectedEOF)
	broken := tripper(func(*http.Request) (*http.Response, error) { return nil, cause })
	c := newClient(t, "pin.example.com", client.WithHTTPClient(&http.Client{Transport: broken}))
	_, err := c.ResendPIN(t.Context(), pinID)
	if want := `resend PIN: no answer from pin.example.com: circuit open for "...": unexpected EOF`; err.Error() != want {
		t.Errorf("text %q, want %q", err, want)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, cause) {
		t.Errorf("error %v has lost its cause", err)
	}
}
