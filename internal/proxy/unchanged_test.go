package proxy_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"testing"
	"time"
)

// dump shows a message as it is on the wire, with its headers in order.
func dump(t *testing.T, head string, header http.Header, body []byte) string {
	t.Helper()
	var lines []string
	for name, values := range header {
		for _, value := range values {
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines)
	return head + "\n" + strings.Join(lines, "\n") + "\n\n" + string(body)
}

// TestProxy_passes_requests_unchanged writes requests to the upstream and to the proxy, and wants the upstream to see the same.
func TestProxy_passes_requests_unchanged(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	upstream := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got <- dump(t, fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.ContentLength, r.TransferEncoding, r.Trailer), r.Header, body)
		w.WriteHeader(http.StatusNoContent)
	}))
	p := front(t, upstream)
	for name, request := range map[string]string{
		"plain":                "GET /2fa/1/applications HTTP/1.1\r\nHost: h\r\n\r\n",
		"headers":              "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: x\r\nx-odd: 1\r\nX-Odd: 2\r\nAccept-Encoding: gzip\r\nCookie: a=b\r\n\r\n",
		"forwarded":            "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 10.0.0.1\r\nForwarded: for=a\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: z\r\n\r\n",
		"query":                "GET /a%2Fb/%41?x=1;y=2&x=%zz&&z HTTP/1.1\r\nHost: h\r\n\r\n",
		"body":                 "POST /2fa/1/pin?ncNeeded=maybe HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n{\"a",
		"empty body":           "POST /2fa/1/pin HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
		"chunks":               "POST /2fa/1/pin HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"slashes":              "GET //2fa/1//applications/ HTTP/1.1\r\nHost: h\r\n\r\n",
		"a method of nobody's": "BREW /2fa/1/pin HTTP/1.1\r\nHost: h\r\n\r\n",
	} {
		raw(t, strings.TrimPrefix(upstream, "http://"), request)
		want := <-got
		raw(t, strings.TrimPrefix(p.server.URL, "http://"), request)
		if through := <-got; through != want {
			t.Errorf("%s: the upstream sees\n%s\nwithout the proxy\n%s", name, through, want)
		}
	}
}

// raw writes bytes and gives what is answered.
func raw(t *testing.T, address, text string) []byte {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	must(t, err)
	defer func() { _ = conn.Close() }()
	must(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.WriteString(conn, text)
	must(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	seen, err := httputil.DumpResponse(answer, true)
	must(t, err)
	return seen
}

// TestProxy_passes_answers_unchanged compares answers byte for byte.
func TestProxy_passes_answers_unchanged(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, _ = zip.Write([]byte(`[]`))
	must(t, zip.Close())
	for name, answer := range map[string]http.HandlerFunc{
		"json": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `[]`)
		},
		"no media type, no date": func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"], w.Header()["Date"] = nil, nil
			_, _ = io.WriteString(w, "<html>")
		},
		"chunks": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "a")
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "b")
		},
		"gzip": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(packed.Bytes())
		},
		"redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://elsewhere.example/")
			w.WriteHeader(http.StatusFound)
		},
		"no content":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		"many cookies": func(w http.ResponseWriter, _ *http.Request) { w.Header()["Set-Cookie"] = []string{"a=1", "b=2"} },
		"odd status":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(599) },
	} {
		upstream := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if w.Header()["Date"] = []string{"Sat, 21 Nov 2026 14:00:00 GMT"}; answer != nil {
				answer(w, r)
			}
		}))
		const request = "GET /2fa/1/applications HTTP/1.1\r\nHost: h\r\n\r\n"
		p := front(t, upstream)
		want := raw(t, strings.TrimPrefix(upstream, "http://"), request)
		if got := raw(t, strings.TrimPrefix(p.server.URL, "http://"), request); !bytes.Equal(got, want) {
			t.Errorf("%s: through the proxy\n%s\nwithout\n%s", name, got, want)
		}
		if summary := p.end(t); name == "gzip" && found(summary) != "listApplications response status 200 is for requests with credentials, and this one had none" {
			t.Errorf("gzip: found %q, want its JSON to be judged", found(summary))
		}
	}
}

// TestProxy_does_not_hold_back wants each piece of an answer to pass before the next one is there.
func TestProxy_does_not_hold_back(t *testing.T) {
	t.Parallel()
	next := make(chan struct{})
	p := front(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range 3 {
			_, _ = io.WriteString(w, "piece")
			w.(http.Flusher).Flush()
			select {
			case <-next:
			case <-r.Context().Done():
			}
		}
	})))
	for _, path := range []string{"/2fa/1/applications", "/sandbox/events"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.server.URL+path, nil)
		must(t, err)
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		for range 3 {
			piece := make([]byte, 5)
			_, err := io.ReadFull(resp.Body, piece)
			must(t, err)
			next <- struct{}{}
		}
		must(t, resp.Body.Close())
	}
}
