package server

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api"
)

// The answers of operations that are asked for often. They are written without reflection where nothing is to be escaped in them.
type (
	applicationAnswer api.Application
	smsAnswer         struct {
		body     api.SmsPinResponse
		repeated bool
	}
	verifyAnswer api.VerifyPinResponse
)

// VisitGetApplicationResponse writes the answer.
func (a applicationAnswer) VisitGetApplicationResponse(w http.ResponseWriter) error {
	return a.write(w)
}

// VisitSendPinOverSmsResponse writes the answer.
func (a smsAnswer) VisitSendPinOverSmsResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitResendPinOverSmsResponse writes the answer.
func (a smsAnswer) VisitResendPinOverSmsResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitVerifyPinResponse writes the answer.
func (a verifyAnswer) VisitVerifyPinResponse(w http.ResponseWriter) error { return a.write(w) }

// Header values that many answers have; nobody changes them.
var (
	asJSON   = []string{echo.MIMEApplicationJSON}
	replayed = map[bool][]string{false: {"false"}, true: {"true"}}
)

func (a *applicationAnswer) write(w http.ResponseWriter) error {
	o := begin()
	defer objects.Put(o)
	o.string(`{"applicationId":`, a.ApplicationID)
	c := &a.Configuration
	o.bool(`,"configuration":{"allowMultiplePinVerifications":`, c.AllowMultiplePinVerifications)
	o.number(`,"initiationAttempts":`, int64(c.InitiationAttempts))
	o.number(`,"initiationIntervalLength":`, c.InitiationIntervalLength)
	o.number(`,"initiationThrottlingProlongationFactor":`, int64(c.InitiationThrottlingProlongationFactor))
	o.number(`,"initiationThrottlingWaitPeriod":`, c.InitiationThrottlingWaitPeriod)
	o.number(`,"overallInitiationAttempts":`, int64(c.OverallInitiationAttempts))
	o.number(`,"overallInitiationIntervalLength":`, c.OverallInitiationIntervalLength)
	o.number(`,"pinAttempts":`, int64(c.PinAttempts))
	o.number(`,"pinTimeToLive":`, c.PinTimeToLive)
	o.number(`,"verificationAttempts":`, int64(c.VerificationAttempts))
	o.number(`,"verificationIntervalLength":`, c.VerificationIntervalLength)
	o.bool(`},"enabled":`, a.Enabled)
	o.string(`,"name":`, a.Name)
	o.string(`,"processId":`, a.ProcessID)
	return end(w, o, a)
}

func (a *smsAnswer) write(w http.ResponseWriter) error {
	w.Header()["Idempotency-Replayed"] = replayed[a.repeated]
	o := begin()
	defer objects.Put(o)
	o.string(`{"ncStatus":`, string(a.body.NcStatus))
	o.string(`,"pinId":`, a.body.PinID)
	o.string(`,"smsStatus":`, string(a.body.SmsStatus))
	o.string(`,"to":`, a.body.To)
	return end(w, o, &a.body)
}

func (a *verifyAnswer) write(w http.ResponseWriter) error {
	o := begin()
	defer objects.Put(o)
	o.number(`{"attemptsRemaining":`, int64(a.AttemptsRemaining))
	o.string(`,"msisdn":`, a.Msisdn)
	if a.PinError != nil {
		o.string(`,"pinError":`, string(*a.PinError))
	}
	o.string(`,"pinId":`, a.PinID)
	o.bool(`,"verified":`, a.Verified)
	return end(w, o, a)
}

func begin() *object {
	o := objects.Get().(*object)
	o.text, o.escapes = o.text[:0], false
	return o
}

// end writes the answer, from the body that the object is of where there is something to escape.
func end[T any](w http.ResponseWriter, o *object, body *T) error {
	w.Header()[echo.HeaderContentType] = asJSON
	if o.escapes {
		kept := *body // so that the body itself need not be on the heap
		return json.NewEncoder(w).Encode(&kept)
	}
	o.text = append(o.text, "}\n"...)
	_, err := w.Write(o.text)
	return err
}

// object is a JSON object that is being written. It is good for nothing once there is something to escape in it.
type object struct {
	text    []byte
	escapes bool
}

// objects are those that nobody writes now.
var objects = sync.Pool{New: func() any { return &object{} }}

// isPlain are the bytes that stand for themselves in JSON, as encoding/json writes it.
var isPlain = func() (set [256]bool) {
	for b := byte(' '); b < utf8.RuneSelf; b++ {
		set[b] = !strings.ContainsRune(`"\<>&`, rune(b))
	}
	return set
}()

func (o *object) quoted(text string) {
	for i := range len(text) {
		if !isPlain[text[i]] {
			o.escapes = true
			return
		}
	}
	o.text = append(append(append(o.text, '"'), text...), '"')
}

// string writes a member; before is everything from the last value on.
func (o *object) string(before, value string) {
	o.text = append(o.text, before...)
	o.quoted(value)
}

func (o *object) number(before string, value int64) {
	o.text = strconv.AppendInt(append(o.text, before...), value, 10)
}

func (o *object) bool(before string, value bool) {
	o.text = strconv.AppendBool(append(o.text, before...), value)
}
