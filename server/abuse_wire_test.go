package server_test

import (
	"strconv"
	"strings"
)

func length(text string) string { return strconv.Itoa(len(text)) }

// headerAttacks are requests whose first line or headers are not HTTP, or are too much of it.
func headerAttacks() []attack {
	const (
		line = "GET " + appPath + " HTTP/1.1"
		host = "Host: 127.0.0.1"
		end  = "\r\n"
	)
	bad := func(name string, status int, lines ...string) attack {
		return attack{name: name, request: raw(append(lines, "Connection: close", authorized, end)...), status: status}
	}
	return []attack{
		bad("no host", 400, line),
		bad("two hosts", 400, line, host, "Host: "+secretAlpha),
		bad("a host with a slash", 400, line, "Host: a/"+secretPhone),
		bad("a host with a space", 400, line, "Host: a "+secretPhone),
		bad("an empty host", 200, line, "Host: "),
		bad("a host that is a phone number", 200, line, "Host: "+secretPhone),
		bad("no version", 400, "GET "+appPath, host),
		bad("version 0.9", 400, "GET "+appPath+" HTTP/0.9", host),
		bad("version 2", 400, "GET "+appPath+" HTTP/2.0", host),
		bad("version 3", 400, "GET "+appPath+" HTTP/3.0", host),
		bad("version 1.10", 400, "GET "+appPath+" HTTP/1.10", host),
		bad("a version of nothing", 400, "GET "+appPath+" HTTP/", host),
		bad("a version of letters", 400, "GET "+appPath+" HTTP/"+secretAlpha, host),
		bad("a version in small letters", 400, "GET "+appPath+" http/1.1", host),
		bad("another protocol", 400, "GET "+appPath+" SIP/2.0", host),
		bad("a method alone", 400, "GET", host),
		bad("two spaces", 400, "GET  "+appPath+" HTTP/1.1", host),
		bad("a method with a bracket", 400, "G(T "+appPath+" HTTP/1.1", host),
		bad("a header without a colon", 400, line, host, secretPhone),
		bad("a header without a name", 400, line, host, ": "+secretPhone),
		bad("a space before the colon", 400, line, host, "Prefer : "+secretPhone),
		bad("a space before the name", 400, line, " Host: "+secretPhone, host),
		bad("a name with a space", 400, line, host, "Pre fer: "+secretPhone),
		bad("a name with a NUL", 400, line, host, "Pre\x00fer: "+secretPhone),
		bad("a name in another script", 400, line, host, "Prénom: "+secretPhone),
		bad("a value with a NUL", 400, line, host, "X-Pin: \x00"+secretPIN),
		bad("a value with an escape", 400, line, host, "X-Pin: \x1b"+secretPIN),
		bad("a carriage return alone", 400, line, host, "X-Pin: a\rX-Other: "+secretPIN),
		bad("line feeds alone", 200, line+"\n"+host+"\nX-Pin: "+secretPIN),
		bad("a folded header", 200, line, host, "X-Pin: a\r\n "+secretPIN),
		bad("a large header", 431, line, host, "X-Pin: "+strings.Repeat(secretPIN, 4000)),
		bad("a large name of a header", 431, line, host, strings.Repeat("X", 32000)+": "+secretPIN),
		bad("a large cookie", 431, line, host, "Cookie: pin="+strings.Repeat(secretPIN, 4000)),
		bad("two thousand headers", 431, line, host, strings.TrimSuffix(strings.Repeat("X-Pin: "+secretPIN+"\r\n", 2000), "\r\n")),
		bad("fifteen thousand bytes of a header", 200, line, host, "X-Pin: "+strings.Repeat("x", 15000)),
		bad("an expectation that nobody knows", 417, line, host, "Expect: "+secretAlpha),
		bad("an expectation of 200", 417, line, host, "Expect: 200-ok"),
		bad("a path of a proxy", 200, line, host, "X-Original-URL: /"+secretPhone, "X-Rewrite-URL: /"+secretPhone),
		bad("a request id of the caller", 404, "GET /"+secretPhone+" HTTP/1.1", host, "X-Request-Id: "+secretPhone),
		bad("an upgrade to a socket", 200, line, host, "Upgrade: websocket", "Sec-WebSocket-Key: "+secretAlpha),
		bad("an upgrade to HTTP/2", 200, line, host, "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
		bad("a range", 200, line, host, "Range: bytes=0-1"),
		bad("an origin", 401, "GET "+appPath+" HTTP/1.1", host, "Origin: https://pinpost.invalid", "Authorization: "+secretPIN),
		{name: "the preface of HTTP/2", request: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status: 404},
		{name: "the hello of TLS", request: "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03\r\n\r\n", status: 400},
		{name: "a mail", request: "EHLO " + secretPhone + "\r\n\r\n", status: 400},
		{name: "a call", request: "INVITE sip:" + secretPhone + "@127.0.0.1 SIP/2.0\r\n\r\n", status: 400},
		{name: "an old client without a host", request: "GET " + appPath + " HTTP/1.0\r\n" + authorized + "\r\n\r\n", status: 200},
		{name: "an expectation that is refused before it is met", status: 401,
			request: plain("POST", sendPath, "Expect: 100-continue", "Content-Type: application/json", "Content-Length: 20")},
		{name: "an expectation of a media type that is refused", status: 415,
			request: plain("POST", sendPath, authorized, "Expect: 100-continue", "Content-Type: text/plain", "Content-Length: 2") + "{}"},
	}
}

// framingAttacks say the length of their body twice, or wrongly, or in a way that hides a second request in it.
func framingAttacks() []attack {
	const body = `{"to":"` + secretPhone + `"}`
	sized := func(name string, status int, lines ...string) attack {
		lines = append(lines, authorized, "Content-Type: application/json")
		return attack{name: name, request: plain("POST", sendPath, lines...) + body, status: status}
	}
	pieces := func(name, chunks string, status int) attack {
		return attack{name: name, request: chunked(sendPath, chunks), status: status}
	}
	return []attack{
		sized("no length", 400),
		sized("a negative length", 400, "Content-Length: -1"),
		sized("a length with a plus", 400, "Content-Length: +20"),
		sized("a length in hex", 400, "Content-Length: 0x14"),
		sized("a length with a fraction", 400, "Content-Length: 20.0"),
		sized("a length of letters", 400, "Content-Length: "+secretAlpha),
		sized("an empty length", 400, "Content-Length: "),
		sized("a length beyond 64 bits", 400, "Content-Length: 99999999999999999999"),
		sized("a length in full-width digits", 400, "Content-Length: ２０"),
		sized("two lengths", 400, "Content-Length: 20", "Content-Length: 2"),
		sized("two lengths in one header", 400, "Content-Length: 20, 20"),
		sized("the same length twice", 400, "Content-Length: "+length(body), "Content-Length: "+length(body)),
		sized("a length that is too short", 400, "Content-Length: 5"),
		sized("an encoding that nobody has", 400, "Transfer-Encoding: "+secretAlpha),
		sized("an encoding of gzip", 400, "Transfer-Encoding: gzip"),
		sized("gzip and chunked", 400, "Transfer-Encoding: gzip, chunked"),
		sized("chunked twice", 400, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
		sized("chunked twice in one header", 400, "Transfer-Encoding: chunked, chunked"),
		sized("chunked and identity", 400, "Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
		sized("identity", 400, "Transfer-Encoding: identity"),
		sized("an empty encoding", 400, "Transfer-Encoding: "),
		sized("almost chunked", 400, "Transfer-Encoding: xchunked"),
		sized("chunked after a vertical tab", 400, "Transfer-Encoding: \vchunked"),
		sized("a length and an encoding that nobody has", 400, "Content-Length: 20", "Transfer-Encoding: "+secretAlpha),
		sized("a bad length beside chunks", 400, "Content-Length: x", "Transfer-Encoding: chunked"),
		pieces("a chunk's length that is no hex", "zz\r\n"+body+"\r\n0\r\n\r\n", 400),
		pieces("a chunk's length of a phone number", secretPhone+secretPhone+"\r\n"+body+"\r\n0\r\n\r\n", 400),
		pieces("a negative length of a chunk", "-1\r\n"+body+"\r\n0\r\n\r\n", 400),
		pieces("a chunk's length with a prefix", "0x14\r\n"+body+"\r\n0\r\n\r\n", 400),
		pieces("a chunk's length that is missing", "\r\n"+body+"\r\n0\r\n\r\n", 400),
		pieces("a chunk longer than it says", "2\r\n"+body+"\r\n0\r\n\r\n", 400),
		pieces("a chunk without an end", "14\r\n"+body+"0\r\n\r\n", 400),
		pieces("a chunk's extension of sixty thousand bytes", "14;"+strings.Repeat("x", 60000)+"\r\n"+body+"\r\n0\r\n\r\n", 400),
		pieces("no chunk", "0\r\n\r\n", 400),
		pieces("a trailer with other credentials", "2\r\n{}\r\n0\r\nAuthorization: "+secretAlpha+"\r\n\r\n", 400),
		pieces("a trailer that is no header", "2\r\n{}\r\n0\r\n"+secretPhone+"\r\n\r\n", 400),
		{name: "credentials in a trailer", status: 401, request: plain("POST", sendPath, "Trailer: Authorization", "Content-Type: application/json",
			"Transfer-Encoding: chunked") + "2\r\n{}\r\n0\r\n" + authorized + "\r\n\r\n"},
		{name: "a length and chunks", status: 400, request: chunked(sendPath, "2\r\n{}\r\n0\r\n\r\n", "Content-Length: 3")},
	}
}
