package server_test

import "strings"

// mediaAttacks are bodies that are not declared as JSON in UTF-8, or that are something else than they are declared.
func mediaAttacks() []attack {
	body := sendBody("to", `"`+secretPhone+`"`)
	as := func(name string, status int, lines ...string) attack {
		lines = append(lines, authorized, "Content-Length: "+length(body))
		return attack{name: name, request: plain("POST", sendPath, lines...) + body, status: status}
	}
	compressed := "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xabV*\xc9W\xb2R\x02\x00"
	return []attack{
		as("no content type", 415),
		as("an empty content type", 415, "Content-Type: "),
		as("text", 415, "Content-Type: text/plain"),
		as("text/json", 415, "Content-Type: text/json"),
		as("XML", 415, "Content-Type: application/xml"),
		as("a form", 415, "Content-Type: application/x-www-form-urlencoded"),
		as("a form of several parts", 415, "Content-Type: multipart/form-data; boundary="+secretPhone),
		as("a kind of JSON", 415, "Content-Type: application/problem+json"),
		as("JSON with a star", 415, "Content-Type: application/*"),
		as("a type without a subtype", 415, "Content-Type: application"),
		as("a type with two slashes", 415, "Content-Type: application/json/"+secretPhone),
		as("two types in one header", 415, "Content-Type: application/json, text/plain"),
		as("two headers", 415, "Content-Type: application/json", "Content-Type: application/json"),
		as("two headers, one of them wrong", 415, "Content-Type: application/json", "Content-Type: text/plain"),
		as("UTF-16", 415, "Content-Type: application/json; charset=utf-16"),
		as("Latin 1", 415, "Content-Type: application/json; charset=iso-8859-1"),
		as("a charset that nobody has", 415, "Content-Type: application/json; charset="+secretAlpha),
		as("an empty charset", 415, "Content-Type: application/json; charset="),
		as("two charsets", 415, "Content-Type: application/json; charset=utf-8; charset=utf-16"),
		as("a broken parameter", 415, "Content-Type: application/json; charset"),
		as("a quote without an end", 415, `Content-Type: application/json; charset="utf-8`),
		as("JSON in upper case, with its charset", 200, `Content-Type: APPLICATION/JSON; charset="UTF-8"`),
		{name: "gzip", request: post(sendPath, compressed, "Content-Encoding: gzip"), status: 400},
		{name: "gzip that is not said to be", request: post(sendPath, compressed), status: 400},
		{name: "deflate", request: post(sendPath, "x\x9c\xabV\x2a\xc9W\xb2", "Content-Encoding: deflate"), status: 400},
		{name: "no body", request: post(sendPath, ""), status: 400},
		{name: "no body and no length", request: plain("POST", sendPath, authorized, "Content-Type: application/json"), status: 400},
		{name: "no body to verify", request: post(verifyPath, ""), status: 400},
		{name: "a body where none belongs", request: with("GET", appPath, "{}"), status: 400},
		{name: "a body in a list of applications", request: with("GET", appsPath, body), status: 400},
		{name: "a body in a list of verifications", request: with("GET", rowsPath, body), status: 400},
		{name: "a chunk where none belongs", request: plain("GET", appPath, authorized, "Transfer-Encoding: chunked") + "2\r\n{}\r\n0\r\n\r\n", status: 400},
		{name: "JSON is not accepted", request: post(sendPath, "{}", "Accept: text/html"), status: 400},
	}
}

// methodAttacks are methods that a path does not have.
func methodAttacks() []attack {
	not := func(name, method, target, allow string) attack {
		return attack{name: name, request: with(method, target, "{}"), status: 405, allow: allow}
	}
	const one = "OPTIONS,GET,PUT"
	attacks := []attack{
		not("GET a send", "GET", sendPath, "OPTIONS,POST"), not("PUT a send", "PUT", sendPath, "OPTIONS,POST"),
		not("DELETE an application", "DELETE", appPath, one), not("PATCH an application", "PATCH", appPath, one),
		not("POST an application", "POST", appPath, one), not("PUT the applications", "PUT", appsPath, "OPTIONS,GET,POST"),
		not("GET a check", "GET", verifyPath, "OPTIONS,POST"), not("POST the verifications", "POST", rowsPath, "OPTIONS,GET"),
		not("GET a key", "GET", "/2fa/1/api-key", "OPTIONS,POST"), not("POST the contract", "POST", "/openapi.yaml", "OPTIONS,GET"),
		not("TRACE", "TRACE", sendPath, "OPTIONS,POST"), not("CONNECT to a path", "CONNECT", sendPath, "OPTIONS,POST"),
		not("a method of WebDAV", "PROPFIND", appPath, one), not("a method that nobody knows", "BREW", sendPath, "OPTIONS,POST"),
		not("a method in small letters", "post", sendPath, "OPTIONS,POST"), not("a method that is a PIN", secretAlpha, sendPath, "OPTIONS,POST"),
		not("a method that is a phone number", secretPhone, sendPath, "OPTIONS,POST"),
		not("a method of a thousand letters", strings.Repeat("X", 1000), sendPath, "OPTIONS,POST"),
		not("another method by a header", "GET", sendPath, "OPTIONS,POST"),
		not("HEAD of an application", "HEAD", appPath, one), not("HEAD of a check", "HEAD", verifyPath, "OPTIONS,POST"),
		{name: "HEAD of no path", request: plain("HEAD", "/2fa/1/nothing"), status: 404},
		{name: "another method by an override", request: with("GET", sendPath, "{}", "X-HTTP-Method-Override: POST"), status: 405, allow: "OPTIONS,POST"},
		{name: "OPTIONS of a send", request: plain("OPTIONS", sendPath), status: 204},
		{name: "OPTIONS of no path", request: plain("OPTIONS", "/2fa/1/nothing"), status: 404},
		{name: "a method that nobody knows to no path", request: plain("BREW", "/coffee"), status: 404},
	}
	return attacks
}

// targetAttacks are request targets that are not a path.
func targetAttacks() []attack {
	return []attack{
		{name: "OPTIONS of everything", request: plain("OPTIONS", "*"), status: 404},
		{name: "GET of everything", request: get("*"), status: 404},
		{name: "CONNECT to a host", request: plain("CONNECT", "127.0.0.1:25"), status: 404},
		{name: "CONNECT to a phone number", request: plain("CONNECT", secretPhone+":443"), status: 404},
		{name: "the whole address of another host", request: get("http://pinpost.invalid" + appPath), status: 200},
		{name: "the whole address with a user", request: get("http://" + secretPhone + "@pinpost.invalid/2fa"), status: 404},
		{name: "the whole address of another scheme", request: get("gopher://pinpost.invalid/" + secretPhone), status: 404},
		{name: "a host without a path", request: get("http://pinpost.invalid"), status: 404},
		{name: "two slashes and a host", request: get("//pinpost.invalid" + appPath), status: 404},
		{name: "no slash in front", request: get("2fa/1/pin"), status: 400},
		{name: "nothing", request: get(""), status: 400},
		{name: "a space", request: get("/2fa/1/ " + secretPhone), status: 400},
		{name: "a tab", request: get("/2fa/1/\t" + secretPhone), status: 400},
		{name: "a NUL", request: get("/2fa/1/\x00" + secretPhone), status: 400},
		{name: "a colon in the first part", request: get("1:" + secretPhone), status: 400},
		{name: "a broken escape", request: get("/2fa/1/%zz" + secretPhone), status: 400},
		{name: "half an escape", request: get("/2fa/1/pin/" + secretPhone + "%2"), status: 400},
		{name: "a host with a broken port", request: get("http://[::1/" + secretPhone), status: 400},
		{name: "a fragment", request: get("/2fa/1/nothing#" + secretPhone), status: 404},
		{name: "a target of fifteen thousand letters", request: get("/" + strings.Repeat("x", 15000)), status: 404},
		{name: "a target of thirty thousand letters", request: get("/" + strings.Repeat("x", 30000)), status: 431},
	}
}
