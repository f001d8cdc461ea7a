package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

//go:embed load.lua
var script []byte

// operation is what clients ask for, over and over.
type operation struct {
	name string
	// pins says what it needs of PINs that exist: none, fresh ones for each request, or any, which stay good.
	pins pinNeed
	// proof is what a right answer of the service holds; the load generator sees the status alone.
	proof string
	// carried is whether each request makes the carrier take a text.
	carried bool
}

type pinNeed int

const (
	noPINs pinNeed = iota
	freshPINs
	anyPINs
)

var operations = []operation{
	{name: "sendPinOverSms", proof: `"smsStatus":"MESSAGE_SENT"`, carried: true},
	{name: "verifyPin", pins: freshPINs, proof: `"verified":true`},
	{name: "resendPinOverSms", pins: anyPINs, proof: `"smsStatus":"MESSAGE_SENT"`, carried: true},
	{name: "getApplication", proof: `"name":"` + appName + `"`},
}

// load is what the load generator saw.
type load struct {
	Requests int64 `json:"requests"`
	Micros   int64 `json:"micros"`
	P50      int64 `json:"p50"` // microseconds, as the next two
	P99      int64 `json:"p99"`
	Max      int64 `json:"max"`
	Refused  int64 `json:"refused"` // answers of status 400 and up
	Broken   int64 `json:"broken"`  // connections, and answers that did not come
	Again    int64 `json:"again"`   // PINs that were to be used once and were used twice
}

func (l load) perSecond() float64 { return float64(l.Requests) / (float64(l.Micros) / 1e6) }

// blast runs wrk on a child for a while.
func (o options) blast(ctx context.Context, c *child, op operation, connections int, long time.Duration, pins string) (l load, err error) {
	ctx, cancel := context.WithTimeout(ctx, long+patience)
	defer cancel()
	s := c.Session
	threads := min(o.threads, connections)
	//nolint:gosec // the program is named here, and what it is given is ours
	cmd := exec.CommandContext(ctx, "wrk", "-t", strconv.Itoa(threads), "-c", strconv.Itoa(connections),
		"-d", fmt.Sprintf("%.0fs", long.Seconds()), "--timeout", "10s", "-s", o.script(), "http://"+c.Address, "--",
		op.name, s.Key, s.App, s.Message, strconv.Itoa(threads), strconv.Itoa(c.next), pins)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return l, fmt.Errorf("wrk: %w: %s", err, out)
	}
	_, line, found := bytes.Cut(out, []byte("RESULT "))
	if !found {
		return l, fmt.Errorf("wrk says %s", out)
	}
	if err := json.NewDecoder(bytes.NewReader(line)).Decode(&l); err != nil {
		return l, fmt.Errorf("wrk says %s: %w", line, err)
	}
	// However unevenly its threads shared the requests, it has used no number from here on.
	c.next += threads * (int(l.Requests) + connections)
	if l.Requests == 0 {
		return l, fmt.Errorf("wrk got no answer: %s", out)
	}
	return l, nil
}

// prove makes one request of an operation and looks at the answer.
func (c *child) prove(ctx context.Context, op operation) ([]byte, error) {
	method, path, body := http.MethodPost, "/2fa/1/pin", ""
	pinID, code := "", ""
	if op.pins != noPINs {
		url := fmt.Sprintf("%s/prepare?count=1&first=%d", c.Control, c.next)
		c.next++
		line, err := c.call(ctx, http.MethodPost, url, "")
		if err != nil {
			return nil, err
		}
		fields := strings.Fields(string(line))
		pinID, code = fields[0], fields[1]
	}
	switch op.name {
	case "sendPinOverSms":
		body = `{"to":"` + number(c.next) + `","applicationId":"` + c.Session.App + `","messageId":"` + c.Session.Message + `"}`
	case "verifyPin":
		path, body = path+"/"+pinID+"/verify", `{"pin":"`+code+`"}`
	case "resendPinOverSms":
		path, body = path+"/"+pinID+"/resend", "{}"
	case "getApplication":
		method, path = http.MethodGet, "/2fa/1/applications/"+c.Session.App
	}
	c.next++
	answer, err := c.call(ctx, method, c.Address+path, body)
	if err == nil && !bytes.Contains(answer, []byte(op.proof)) {
		err = fmt.Errorf("%s: %s answers %s, want %s in it", c.name, op.name, answer, op.proof)
	}
	return answer, err
}

// proveVerified asks the service about a PIN of a turn that is over.
func (c *child) proveVerified(ctx context.Context, line []byte) error {
	fields := bytes.Fields(line)
	if len(fields) != 3 {
		return errors.New("there is no PIN to ask about")
	}
	answer, err := c.call(ctx, http.MethodGet, c.Address+"/2fa/1/applications/"+c.Session.App+
		"/verifications?verified=true&msisdn="+url.QueryEscape(string(fields[2])), "")
	if err == nil && !bytes.Contains(answer, []byte(`"verified":true`)) {
		err = fmt.Errorf("%s: a PIN that was verified is not: %s", c.name, answer)
	}
	return err
}
