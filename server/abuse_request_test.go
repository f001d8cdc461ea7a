package server_test

import (
	"fmt"
	"strings"
)

// What attacks are aimed at: the fixture's first application, with its key.
const (
	goodKey    = "003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9"
	authorized = "Authorization: App " + goodKey
	appID      = "8F0792F86035A9F4290821F1EE6BC06A"
	msgID      = "F66D67327326FCCB027BEAA916B94542"
	freePINID  = "D41D8CD98F00B204E9800998ECF8427E" // of an application that lets verify as often as one likes

	sendPath     = "/2fa/1/pin"
	voicePath    = "/2fa/1/pin/voice"
	verifyPath   = "/2fa/1/pin/" + freePINID + "/verify"
	appsPath     = "/2fa/1/applications"
	appPath      = appsPath + "/" + appID
	messagesPath = appPath + "/messages"
	messagePath  = messagesPath + "/" + msgID
	rowsPath     = appPath + "/verifications"
)

// plain writes a request with a host and the given header lines, and ends the connection after it.
func plain(method, target string, lines ...string) string {
	lines = append([]string{method + " " + target + " HTTP/1.1", "Host: 127.0.0.1", "Connection: close"}, lines...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// get writes a request without a body, with credentials.
func get(target string, lines ...string) string {
	return plain("GET", target, append(lines, authorized)...)
}

// with writes a request with a body of JSON, with credentials.
func with(method, target, body string, lines ...string) string {
	lines = append(lines, authorized, "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(body)))
	return plain(method, target, lines...) + body
}

// post is the most common one.
func post(target, body string, lines ...string) string { return with("POST", target, body, lines...) }

// raw writes a request with exactly the given lines.
func raw(lines ...string) string { return strings.Join(lines, "\r\n") }

// chunked writes a request whose body is sent as the given chunks, ill-formed or not.
func chunked(target, chunks string, lines ...string) string {
	lines = append(lines, authorized, "Content-Type: application/json", "Transfer-Encoding: chunked")
	return plain("POST", target, lines...) + chunks
}

// bodied is how most tables write their attacks: one target, many bodies.
type bodied struct {
	name, body string
	status     int
	member     string
}

func posts(target string, all ...bodied) []attack {
	attacks := make([]attack, len(all))
	for i, b := range all {
		attacks[i] = attack{name: b.name, request: post(target, b.body), status: b.status, member: b.member}
	}
	return attacks
}

// sendBody is a send that would go out, but for the member it is given: its name and its value as JSON.
func sendBody(member, value string) string {
	members := map[string]string{"to": `"` + secretPhone + `"`, "applicationId": `"` + appID + `"`, "messageId": `"` + msgID + `"`}
	members[member] = value
	return object(members)
}

// messageBody is a template that would be kept, but for the members it is given.
func messageBody(members map[string]string) string {
	all := map[string]string{"pinType": `"NUMERIC"`, "pinPlaceholder": `"#"`, "messageText": `"#"`, "pinLength": "4", "sender": `"Pinpost"`}
	for name, value := range members {
		all[name] = value
	}
	return object(all)
}

func object(members map[string]string) string {
	var all []string
	for name, value := range members {
		all = append(all, fmt.Sprintf("%q:%s", name, value))
	}
	return "{" + strings.Join(all, ",") + "}"
}
