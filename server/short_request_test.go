package server

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
)

// stranger makes requests for the operations that have a short way, the same ones from the same seed. Every other is sound; the rest may
// be odd in one place or in several.
type stranger struct {
	*rand.Rand
	sound bool
}

func oneOf[T any](s *stranger, of ...T) T { return of[s.IntN(len(of))] }

// oddly is true once in a number of times, and never in a sound request.
func (s *stranger) oddly(times int) bool { return !s.sound && s.IntN(times) == 0 }

// request is one as it goes over the wire.
func (s *stranger) request() string {
	s.sound = s.IntN(2) == 0
	operation := oneOf(s, "getApplication", "sendPinOverSms", "resendPinOverSms", "verifyPin")
	method, path := http.MethodPost, s.path(operation)
	if operation == "getApplication" {
		method = http.MethodGet
	}
	if s.oddly(60) {
		method = oneOf(s, "HEAD", "GET", "POST", "PUT", "OPTIONS", "post", "DELETE", "PATCH")
	}
	headers, body := s.headers(), ""
	if method != http.MethodGet || s.oddly(20) {
		headers, body = append(headers, s.mediaType()...), s.body(operation)
	}
	framing, sent := s.framed(body)
	headers = append(headers, framing...)
	s.Shuffle(len(headers), func(i, j int) { headers[i], headers[j] = headers[j], headers[i] })
	return fmt.Sprintf("%s %s HTTP/1.%d\r\nHost: pinpost\r\n%s\r\n\r\n%s",
		method, path, min(1, s.IntN(8)), strings.Join(headers, "\r\n"), sent)
}

func (s *stranger) path(operation string) string {
	path := map[string]string{
		"getApplication": "/2fa/1/applications/{id}", "sendPinOverSms": "/2fa/1/pin",
		"resendPinOverSms": "/2fa/1/pin/{id}/resend", "verifyPin": "/2fa/1/pin/{id}/verify",
	}[operation]
	path = strings.Replace(path, "{id}", s.id(), 1)
	if s.oddly(20) {
		path += oneOf(s, "/", "//", "/.", "%2F")
	}
	if s.oddly(40) {
		path = strings.Replace(path, "2fa", oneOf(s, "%32fa", "2FA", "2fa/", "./2fa"), 1)
	}
	if s.oddly(60) {
		path = "http://host" + path
	}
	if s.oddly(8) {
		path += "?" + oneOf(s, "ncNeeded=false", oneOf(s, "", "ncNeeded=true", "ncNeeded=TRUE", "ncNeeded=", "ncNeeded=1", "ncNeeded",
			"=", "&", "?", "x=1", "a;b", "a=%zz", "ncNeeded=true&ncNeeded=false", "nc%4Eeeded=false"))
	}
	return path
}

var oddIDs = []string{
	"", "A", "a,b", ",", "a;b=c", ";", "a+b", "*", ".", "..", "~", "!", "'", "(", "$", "@", ":", "a=b", "&", "[", "]", "|",
	"^", `"`, `\`, "<", "{x}", " ", "é", "voice", "%2C", "a%20b", "a%252Cb", "%C3%A9", "%00", "%FF", "%22", "%2F", "a%2Fb", "%2f",
	"%", "%zz", "%41", "%5C", "%E2%80%A8", "%3C", "%3F", "%23", "%2e%2e",
	strings.Repeat("a", 64), strings.Repeat("a", 255), strings.Repeat("a", 256),
}

func (s *stranger) id() string {
	id := fmt.Sprintf("9C817C6F8AF3D48F9FE553282AFA%04X", s.IntN(1<<16))
	if s.oddly(2) {
		id = oneOf(s, oddIDs...) + oneOf(s, "", oneOf(s, oddIDs...))
	}
	return id
}

// headers are those that have nothing to do with the body.
func (s *stranger) headers() []string {
	headers := []string{"authorization: App the-key"}
	if s.oddly(10) {
		headers = oneOf(s, nil, append(headers, headers...),
			[]string{"Authorization: App wrong"}, []string{"Authorization: Basic dXNlcjpwYXNzd29yZA=="})
	}
	if s.oddly(5) {
		name := oneOf(s, "Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY")
		headers = append(headers, name+": "+oneOf(s, "k", "k", "", " ", "a,b", "é", "\x7f", `"quoted"`,
			"a b", "a;b=c", "%41", strings.Repeat("k", 255), strings.Repeat("k", 256)))
		if s.oddly(4) {
			headers = append(headers, "Idempotency-Key: "+oneOf(s, "k", "2", ""))
		}
	}
	if s.oddly(15) {
		headers = append(headers, oneOf(s, "Prefer: respond-async", "Prefer: wait=3", "Prefer:", "Prefer: x\r\nPrefer: y",
			"X-Request-Id: mine", "Idempotency_Key: k", "Expect: 100-continue", "X-HTTP-Method-Override: GET", "Cookie: a=b",
			"Accept: text/plain", "Accept-Encoding: gzip", "Content-Encoding: gzip", "X-Forwarded-For: 1", "Connection: close"))
	}
	return headers
}

func (s *stranger) mediaType() []string {
	switch {
	case s.oddly(8):
		return []string{"Content-Type: " + oneOf(s, "", "APPLICATION/JSON", "application/json;", "application/json; charset=utf-8",
			"application/json;charset=UTF-8", "application/json; charset=utf-16", "application/json; charset", "application/json; x=y",
			"application/json, application/json", "application/vnd.x+json", "application/xml", "text/plain",
			"multipart/form-data; boundary=x", "application/x-www-form-urlencoded")}
	case s.oddly(30):
		return []string{"Content-Type: application/json", "content-type: " + oneOf(s, "application/json", "text/plain")}
	}
	return []string{"Content-Type: application/json"}
}

// framed is a body as it is sent, and the headers that say where it ends.
func (s *stranger) framed(body string) (headers []string, sent string) {
	if s.IntN(12) > 0 {
		length := len(body)
		if s.oddly(30) {
			length = max(0, length+oneOf(s, -1, 1, 10, 100_000))
		}
		if length == 0 && s.IntN(2) == 0 {
			return nil, body
		}
		return []string{fmt.Sprintf("Content-Length: %d", length)}, body
	}
	headers = []string{"Transfer-Encoding: chunked"}
	for body != "" {
		length := 1 + s.IntN(len(body))
		sent += fmt.Sprintf("%x%s\r\n%s\r\n", length, oneOf(s, "", ";extension=1"), body[:length])
		body = body[length:]
	}
	if s.oddly(8) {
		return append(headers, oneOf(s, "Trailer: Idempotency-Key", "Content-Length: 3")),
			sent + oneOf(s, "", "zz\r\n", "0\r\nTrailer: x\r\n\r\n", "0\r\nIdempotency-Key: k\r\n\r\n")
	}
	return headers, sent + "0\r\n\r\n"
}
