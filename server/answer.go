package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/pin"
)

// answer is the 200 of an operation that is asked for often. It is encoded straight into the writer that holds it, where the
// generated answers encode into a buffer of their own and copy that.
type answer[T any] struct {
	body     T
	replayed []string // for Idempotency-Replayed, of the operations that have it
	plain    func(o *object, body *T)
}

// Header values that many answers have; nobody changes them.
var (
	asJSON      = []string{echo.MIMEApplicationJSON}
	firstTime   = []string{"false"}
	repeatedNow = []string{"true"}
)

func applicationAnswer(a application.Application) *answer[api.Application] {
	return &answer[api.Application]{body: ToAPIApplication(a), plain: plainApplication}
}

func smsAnswer(ctx context.Context, result pin.SMSResult) *answer[api.SmsPinResponse] {
	noteRepeat(ctx, result.RepeatOf)
	a := &answer[api.SmsPinResponse]{body: ToAPISmsPinResponse(result), replayed: firstTime, plain: plainSMS}
	if result.RepeatOf != "" {
		a.replayed = repeatedNow
	}
	return a
}

func verifyAnswer(result pin.VerifyResult) *answer[api.VerifyPinResponse] {
	return &answer[api.VerifyPinResponse]{body: ToAPIVerifyPinResponse(result), plain: plainVerified}
}

func (a *answer[T]) write(w http.ResponseWriter) error {
	w.Header()[echo.HeaderContentType] = asJSON
	if a.replayed != nil {
		w.Header()["Idempotency-Replayed"] = a.replayed
	}
	room := objects.Get().(*object)
	defer objects.Put(room)
	room.text, room.escapes = append(room.text[:0], '{'), false
	if a.plain(room, &a.body); room.escapes {
		return json.NewEncoder(w).Encode(&a.body) // writes once, or nothing when it fails
	}
	_, err := w.Write(append(room.text, "}\n"...))
	return err
}

// VisitGetApplicationResponse writes the answer.
func (a *answer[T]) VisitGetApplicationResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitSendPinOverSmsResponse writes the answer.
func (a *answer[T]) VisitSendPinOverSmsResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitResendPinOverSmsResponse writes the answer.
func (a *answer[T]) VisitResendPinOverSmsResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitVerifyPinResponse writes the answer.
func (a *answer[T]) VisitVerifyPinResponse(w http.ResponseWriter) error { return a.write(w) }

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

func (o *object) name(name string) {
	if o.text[len(o.text)-1] != '{' {
		o.text = append(o.text, ',')
	}
	o.text = append(append(append(o.text, '"'), name...), `":`...)
}

func (o *object) string(name, value string) {
	o.name(name)
	o.quoted(value)
}

func (o *object) number(name string, value int64) {
	o.name(name)
	o.text = strconv.AppendInt(o.text, value, 10)
}

func (o *object) bool(name string, value bool) {
	o.name(name)
	o.text = strconv.AppendBool(o.text, value)
}

func plainApplication(o *object, a *api.Application) {
	o.string("applicationId", a.ApplicationID)
	o.name("configuration")
	o.text = append(o.text, '{')
	c := &a.Configuration
	o.bool("allowMultiplePinVerifications", c.AllowMultiplePinVerifications)
	o.number("initiationAttempts", int64(c.InitiationAttempts))
	o.number("initiationIntervalLength", c.InitiationIntervalLength)
	o.number("initiationThrottlingProlongationFactor", int64(c.InitiationThrottlingProlongationFactor))
	o.number("initiationThrottlingWaitPeriod", c.InitiationThrottlingWaitPeriod)
	o.number("overallInitiationAttempts", int64(c.OverallInitiationAttempts))
	o.number("overallInitiationIntervalLength", c.OverallInitiationIntervalLength)
	o.number("pinAttempts", int64(c.PinAttempts))
	o.number("pinTimeToLive", c.PinTimeToLive)
	o.number("verificationAttempts", int64(c.VerificationAttempts))
	o.number("verificationIntervalLength", c.VerificationIntervalLength)
	o.text = append(o.text, '}')
	o.bool("enabled", a.Enabled)
	o.string("name", a.Name)
	o.string("processId", a.ProcessID)
}

func plainSMS(o *object, a *api.SmsPinResponse) {
	o.string("ncStatus", string(a.NcStatus))
	o.string("pinId", a.PinID)
	o.string("smsStatus", string(a.SmsStatus))
	o.string("to", a.To)
}

func plainVerified(o *object, a *api.VerifyPinResponse) {
	o.number("attemptsRemaining", int64(a.AttemptsRemaining))
	o.string("msisdn", a.Msisdn)
	if a.PinError != nil {
		o.string("pinError", string(*a.PinError))
	}
	o.string("pinId", a.PinID)
	o.bool("verified", a.Verified)
}
