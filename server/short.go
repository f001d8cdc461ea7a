package server

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
)

// short leads what is asked for most often from the gate to its desk and back. The generated code takes a third of such a request,
// as it binds parameters and bodies by reflection, and boxes them. The short way is for requests that are plain, as nearly all
// are; every other goes on to the generated code, which comes to the same.
func (s *Server) short(operation string) echo.MiddlewareFunc {
	serve, d := shortWays[operation], desk{s.deps}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if serve == nil {
			return next
		}
		return func(c echo.Context) error {
			r := c.Request()
			if _, keyed := r.Header[onceHeader]; !keyed && r.URL.RawQuery == "" && r.URL.RawPath == "" {
				if plain, err := serve(&d, c, r); plain {
					return err
				}
			}
			return next(c)
		}
	}
}

// shortWays answer a request, or tell that it is not plain.
var shortWays = map[string]func(d *desk, c echo.Context, r *http.Request) (plain bool, err error){
	"getApplication":   (*desk).getApplicationShortly,
	"sendPinOverSms":   (*desk).sendShortly,
	"resendPinOverSms": (*desk).resendShortly,
	"verifyPin":        (*desk).verifyShortly,
}

func (d *desk) getApplicationShortly(c echo.Context, r *http.Request) (bool, error) {
	ctx := r.Context()
	a, err := d.Applications.Get(ctx, accountOf(ctx), c.Param("applicationId"))
	if err != nil {
		return true, err
	}
	found := applicationAnswer(ToAPIApplication(a))
	return true, found.write(c.Response())
}

// sendMembers and verifyMembers are those of the bodies.
var (
	sendMembers   = [...]string{"to", "applicationId", "messageId", "from", "ncNeeded"}
	verifyMembers = [...]string{"pin"}
)

func (d *desk) sendShortly(c echo.Context, r *http.Request) (bool, error) {
	var members [len(sendMembers)]string
	if !plainMembers(textOf(r), sendMembers[:], members[:]) {
		return false, nil
	}
	ctx := r.Context()
	result, err := d.PINs.SendSMS(ctx, pin.SendInput{
		AccountID: accountOf(ctx), ApplicationID: members[1], MessageID: members[2],
		To: strings.Clone(members[0]), From: strings.Clone(members[3]), // they are kept, and the body need not be
		LookupNeeded: members[4] != "false",
	})
	if err != nil {
		return true, err
	}
	sent := sentOverSms(ctx, result)
	return true, sent.write(c.Response())
}

func (d *desk) resendShortly(c echo.Context, r *http.Request) (bool, error) {
	if body := textOf(r); len(body) > 0 && string(body) != "{}" {
		return false, nil
	}
	ctx := r.Context()
	result, err := d.PINs.ResendSMS(ctx, pin.ResendInput{AccountID: accountOf(ctx), PINID: c.Param("pinId")})
	if err != nil {
		return true, err
	}
	sent := sentOverSms(ctx, result)
	return true, sent.write(c.Response())
}

func (d *desk) verifyShortly(c echo.Context, r *http.Request) (bool, error) {
	var members [len(verifyMembers)]string
	if !plainMembers(textOf(r), verifyMembers[:], members[:]) {
		return false, nil
	}
	ctx := r.Context()
	result, err := d.PINs.Verify(ctx, pin.VerifyInput{AccountID: accountOf(ctx), PINID: c.Param("pinId"), Code: delivery.Code(members[0])})
	if err != nil {
		return true, err
	}
	verified := verifyAnswer(ToAPIVerifyPinResponse(result))
	return true, verified.write(c.Response())
}

// textOf is the body that the gate has read.
func textOf(r *http.Request) []byte {
	if whole, ok := r.Body.(*wholeBody); ok {
		return whole.text
	}
	return nil
}

// plainMembers reads an object of texts without escapes, and of true and false, that the gate has let pass. into gets the members
// by their names, as they stand there without quotes. It is false of any other, and where there is a member of another name: the
// decoder of the generated code takes that for a member that differs in case alone.
func plainMembers(body []byte, names, into []string) bool {
	m := members{text: string(body)}
	if !m.takes('{') {
		return false
	}
	for !m.takes('}') {
		name, ok := m.quoted()
		at := slices.Index(names, name)
		if !ok || at < 0 || !m.takes(':') {
			return false
		}
		if into[at], ok = m.value(); !ok {
			return false
		}
		if !m.takes(',') && !m.next('}') {
			return false
		}
	}
	return true
}

// members goes through an object.
type members struct {
	text string
	at   int
}

// next tells that a byte comes next, after spaces.
func (m *members) next(b byte) bool {
	for m.at < len(m.text) && strings.IndexByte(" \t\r\n", m.text[m.at]) >= 0 {
		m.at++
	}
	return m.at < len(m.text) && m.text[m.at] == b
}

// takes goes on behind a byte if it comes next.
func (m *members) takes(b byte) bool {
	if !m.next(b) {
		return false
	}
	m.at++
	return true
}

func (m *members) value() (string, bool) {
	if m.next('"') {
		return m.quoted()
	}
	for _, word := range [...]string{"true", "false"} {
		if strings.HasPrefix(m.text[m.at:], word) {
			m.at += len(word)
			return word, true
		}
	}
	return "", false
}

func (m *members) quoted() (string, bool) {
	if !m.takes('"') {
		return "", false
	}
	from := m.at
	for m.at < len(m.text) && isPlain[m.text[m.at]] {
		m.at++
	}
	return m.text[from:m.at], m.takes('"')
}
