package sip

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
)

// outcome is what a refusal means for the caller: how the call ended, and whether another carrier may do better.
type outcome struct {
	status    delivery.CallStatus
	elsewhere bool
	class     delivery.Class // of the error, when elsewhere is true
}

var (
	bad      = outcome{status: delivery.CallBadRequest}
	busy     = outcome{status: delivery.CallUserBusy}
	noAnswer = outcome{status: delivery.CallNoAnswer}
	unknown  = outcome{status: delivery.CallNetworkNotAvailable}
	down     = outcome{delivery.CallRouteNotAvailable, true, delivery.LinkDown}
	refused  = outcome{delivery.CallRouteNotAvailable, true, delivery.Rejected}
	stranger = outcome{delivery.CallRouteNotAvailable, true, delivery.Unauthorised}
	broke    = outcome{delivery.CallNotEnoughCredits, true, delivery.NoCredit}
	lost     = outcome{delivery.CallUndefined, true, delivery.Ambiguous}
	ours     = outcome{status: delivery.CallError}
)

// responses are the final responses that say something of their own. 607 and 608 are refusals by the callee like 603.
var responses = map[int]outcome{
	400: bad,
	486: busy, 600: busy, 603: busy, 607: busy, 608: busy,
	408: noAnswer, 480: noAnswer, 487: noAnswer,
	404: unknown, 410: unknown, 484: unknown, 604: unknown, 416: unknown,
	401: stranger, 407: stranger,
	402: broke,
}

// causes are the reasons of Q.850 that say something of their own.
var causes = map[int]outcome{
	17: busy,
	18: noAnswer, 19: noAnswer,
	1: unknown, 28: unknown,
	34: down, 38: down, 41: down, 42: down,
}

// refusalOf reads a final response that is no 2xx: what it means, and the word for the operator. A reason of Q.850 comes
// from nearer to the phone than the response and goes before it.
func refusalOf(response *siplib.Response) (outcome, string) {
	if cause, found := q850(response); found {
		if meant, known := causes[cause]; known {
			return meant, "Q.850 " + strconv.Itoa(cause)
		}
	}
	code := "SIP " + strconv.Itoa(response.StatusCode)
	if meant, known := responses[response.StatusCode]; known {
		return meant, code
	}
	if response.StatusCode/100 == 5 {
		return down, code
	}
	return refused, code
}

// q850 finds the cause in the Reason headers (RFC 3326), such as Q.850;cause=17;text="User busy".
func q850(response *siplib.Response) (cause int, found bool) {
	for _, header := range response.GetHeaders("Reason") {
		for _, reason := range splitList(header.Value()) {
			protocol, parameters, _ := strings.Cut(reason, ";")
			if !strings.EqualFold(strings.TrimSpace(protocol), "Q.850") {
				continue
			}
			for parameter := range strings.SplitSeq(parameters, ";") {
				name, value, _ := strings.Cut(parameter, "=")
				if strings.EqualFold(strings.TrimSpace(name), "cause") {
					cause, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
					return cause, err == nil
				}
			}
		}
	}
	return 0, false
}

// retryAfter is how long a carrier asks to be left alone; 0 when it does not say.
func retryAfter(response *siplib.Response) time.Duration {
	header := response.GetHeader("Retry-After")
	if header == nil {
		return 0
	}
	digits := strings.TrimSpace(header.Value())
	if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = digits[:end]
	}
	seconds, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return time.Duration(min(seconds, 3600)) * time.Second
}

// splitList splits a header at the commas that are not inside quotes or angle brackets.
func splitList(text string) []string {
	var parts []string
	quoted, bracketed, begin := false, false, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' && (i == 0 || text[i-1] != '\\'):
			quoted = !quoted
		case quoted:
		case c == '<' || c == '>':
			bracketed = c == '<'
		case c == ',' && !bracketed:
			parts = append(parts, strings.TrimSpace(text[begin:i]))
			begin = i + 1
		}
	}
	return append(parts, strings.TrimSpace(text[begin:]))
}

var (
	errSilent      = errors.New("no response at all")
	errUnreachable = errors.New("the trunk cannot be reached")
	errCutOff      = errors.New("the link was lost while it rang")
	errCredentials = errors.New("the trunk asks for a password that it does not take")
	errMedia       = errors.New("the sound cannot be agreed on")
	errClosed      = errors.New("the carrier is closed")
	errCrowded     = errors.New("as many calls as are allowed are under way")
)

// failure makes the error of an outcome that another carrier may better, and nil of any other.
func (c *Carrier) failure(o outcome, code string, err error) *delivery.Error {
	if !o.elsewhere {
		return nil
	}
	return &delivery.Error{Class: o.class, Carrier: c.Name(), Code: code, Err: err}
}

func describe(response *siplib.Response) error {
	return fmt.Errorf("the trunk answered %d", response.StatusCode)
}
