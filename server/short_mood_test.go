package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// mood is what a rule makes of a question: something else of each, and the same of the same.
type mood uint32

// moodOf writes the question down.
func moodOf(seen *bytes.Buffer, format string, args ...any) mood {
	question := fmt.Sprintf(format, args...)
	fmt.Fprintln(seen, question)
	hash := fnv.New32a()
	hash.Write([]byte(question))
	return mood(hash.Sum32())
}

// text is one that a contract may have no place for, or JSON.
func (m mood) text() string {
	texts := []string{
		"9C817C6F8AF3D48F9FE553282AFA2B67", "P", "", "é", "a<b", "a>b", "a&b", `a"b`, `a\b`, "\x00", "\x7f", "\xff", "\t", "\u2028", "🔑",
	}
	return texts[m%mood(len(texts))]
}

// err is how a rule fails, which it does once in three times.
func (m mood) err() error {
	failures := []error{
		context.DeadlineExceeded,
		errors.New(`41790013377 <is> "gone"`),
		fault.NotFoundf("There is none"),
		fmt.Errorf("find it: %w", fault.Invalidf("It is not \x00 text")),
		fault.Members{"to": {"is wrong"}, "more": {"is", "as well"}}.Err(),
		fault.Unavailablef(nil, "There is no room"),
		fault.Unavailablef(errors.New("+41790013377 is gone"), "Later"),
		&fault.Error{Kind: fault.TooMany, Text: "Too many <&>", RetryAfter: 1500 * time.Millisecond},
		&fault.Error{Kind: fault.TooMany, Text: "Too many", Err: &pin.LimitError{Limit: pin.Limit{Name: "pinAttempts"}}},
		&fault.Error{Kind: fault.Conflict, Text: "Another request"},
		&fault.Error{Kind: fault.Unauthorized, Text: "Who is it"},
		&fault.Error{Kind: fault.Internal, Text: "Not for strangers"},
		&fault.Error{Kind: fault.TimedOut, Text: "Nothing came"},
	}
	at := int(m / 64 % mood(3*len(failures)))
	switch {
	case at < len(failures):
		return failures[at]
	case at == len(failures):
		panic("a rule panicked")
	}
	return nil
}

func (m mood) sms(to phone.Number) pin.SMSResult {
	result := pin.SMSResult{PINID: m.text(), To: to, NCStatus: "NC_NOT_CONFIGURED", SMSStatus: "MESSAGE_SENT"}
	if m%7 == 0 {
		result.NCStatus = "NC_ODD"
	}
	if m%5 == 0 {
		result.RepeatOf = "D"
	}
	return result
}

// moodyPINs answer by mood, but refuse what the real ones refuse.
type moodyPINs struct {
	PINs
	seen *bytes.Buffer
}

func (p moodyPINs) SendSMS(_ context.Context, in pin.SendInput) (pin.SMSResult, error) {
	m := moodOf(p.seen, "send %q %q %q %q %q %v %s",
		in.AccountID, in.To, in.ApplicationID, in.MessageID, in.From, in.LookupNeeded, onceText(in.Once))
	if err := in.Validate(); err != nil {
		return pin.SMSResult{}, err
	}
	to, _ := phone.Parse(in.To)
	return m.sms(to), m.err()
}

func (p moodyPINs) ResendSMS(_ context.Context, in pin.ResendInput) (pin.SMSResult, error) {
	m := moodOf(p.seen, "resend %q %q %s", in.AccountID, in.PINID, onceText(in.Once))
	return m.sms("41790013377"), m.err()
}

func (p moodyPINs) Verify(_ context.Context, in pin.VerifyInput) (pin.VerifyResult, error) {
	m := moodOf(p.seen, "verify %q %q %q", in.AccountID, in.PINID, in.Code.Reveal())
	mistakes := []pin.Mistake{pin.MistakeNone, pin.MistakeWrongPIN, pin.MistakeExpired, "ODD"}
	return pin.VerifyResult{
		PINID: m.text(), To: "41790013377", AttemptsRemaining: int(m%5) - 1, Verified: m%3 == 0, Mistake: mistakes[m/8%4],
	}, m.err()
}

func onceText(once *pin.Once) string {
	if once == nil {
		return "without a key"
	}
	return fmt.Sprintf("%x", *once)
}

// moodyApplications find by mood.
type moodyApplications struct {
	Applications
	seen *bytes.Buffer
}

func (a moodyApplications) Get(_ context.Context, accountID, id string) (application.Application, error) {
	m := moodOf(a.seen, "get %q %q", accountID, id)
	configuration := application.DefaultConfiguration()
	if m%9 == 0 {
		configuration.PINAttempts = -1
	}
	return application.Application{
		ID: id, AccountID: accountID, Name: m.text(), Enabled: m%2 == 0, ProcessID: (m / 16).text(), Configuration: configuration,
	}, m.err()
}
