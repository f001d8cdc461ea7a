package server

import (
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
)

// What the documentation shows in every application and explains nowhere.
const (
	throttlingProlongationFactor = 1
	throttlingWaitPeriod         = 0
)

// ToAPIApplication is the wire's form of an application.
func ToAPIApplication(a application.Application) api.Application {
	c := a.Configuration
	return api.Application{
		ApplicationID: a.ID, Name: a.Name, Enabled: a.Enabled, ProcessID: a.ProcessID,
		Configuration: api.Configuration{
			PinAttempts:                            int32(c.PINAttempts),
			AllowMultiplePinVerifications:          c.AllowMultiplePINVerifications,
			PinTimeToLive:                          c.PINTimeToLive.Milliseconds(),
			VerificationAttempts:                   int32(c.VerificationAttempts),
			VerificationIntervalLength:             c.VerificationInterval.Milliseconds(),
			InitiationAttempts:                     int32(c.InitiationAttempts),
			InitiationIntervalLength:               c.InitiationInterval.Milliseconds(),
			OverallInitiationAttempts:              int32(c.OverallInitiationAttempts),
			OverallInitiationIntervalLength:        c.OverallInitiationInterval.Milliseconds(),
			InitiationThrottlingProlongationFactor: throttlingProlongationFactor,
			InitiationThrottlingWaitPeriod:         throttlingWaitPeriod,
		},
	}
}

// FromAPIConfigurationInput is what a request says of a configuration; nil says nothing.
func FromAPIConfigurationInput(c *api.ConfigurationInput) application.ConfigurationInput {
	if c == nil {
		return application.ConfigurationInput{}
	}
	return application.ConfigurationInput{
		PINTimeToLive:                   c.PinTimeToLive,
		PINAttempts:                     wide(c.PinAttempts),
		VerificationAttempts:            wide(c.VerificationAttempts),
		VerificationIntervalLength:      c.VerificationIntervalLength,
		InitiationAttempts:              wide(c.InitiationAttempts),
		InitiationIntervalLength:        c.InitiationIntervalLength,
		OverallInitiationAttempts:       wide(c.OverallInitiationAttempts),
		OverallInitiationIntervalLength: c.OverallInitiationIntervalLength,
		AllowMultiplePINVerifications:   c.AllowMultiplePinVerifications,
	}
}

func wide(n *int32) *int {
	if n == nil {
		return nil
	}
	return new(int(*n))
}

// ToAPIMessage is the wire's form of a message template.
func ToAPIMessage(m message.Message) api.Message {
	return api.Message{
		MessageID: m.ID, ApplicationID: m.ApplicationID,
		PinType: api.PinType(m.PINType), PinPlaceholder: m.Placeholder, MessageText: m.Text,
		PinLength: int32(m.PINLength), Sender: m.Sender,
		Language: said(api.Language(m.Speech.Language)), SpeechRate: said(m.Speech.Rate), RepeatDTMF: said(m.Speech.RepeatDTMF),
	}
}

// said leaves out what a message does not say, as the documented answers do.
func said[T comparable](value T) *T {
	var nothing T
	if value == nothing {
		return nil
	}
	return &value
}

// ToAPISmsPinResponse is the wire's form of a send or resend over SMS.
func ToAPISmsPinResponse(r pin.SMSResult) api.SmsPinResponse {
	return api.SmsPinResponse{
		To: r.To.Digits(), NcStatus: api.NcStatus(r.NCStatus), SmsStatus: api.SmsStatus(r.SMSStatus), PinID: r.PINID,
	}
}

// ToAPIVoicePinResponse is the wire's form of a send or resend over voice.
func ToAPIVoicePinResponse(r pin.CallResult) api.VoicePinResponse {
	return api.VoicePinResponse{To: r.To.Digits(), PinID: r.PINID, CallStatus: api.CallStatus(r.Status)}
}

// ToAPIVerifyPinResponse is the wire's form of a verification.
func ToAPIVerifyPinResponse(r pin.VerifyResult) api.VerifyPinResponse {
	out := api.VerifyPinResponse{
		PinID: r.PINID, Msisdn: r.To.Digits(), Verified: r.Verified, AttemptsRemaining: int32(r.AttemptsRemaining),
	}
	if r.Mistake != pin.MistakeNone {
		out.PinError = new(api.PinError(r.Mistake))
	}
	return out
}

// ToAPIPinStatus is the wire's form of one message sent for a PIN.
func ToAPIPinStatus(d pin.Delivery) api.PinStatus {
	return api.PinStatus{
		Status: api.MessageStatus(d.State), Description: d.State.Description(), FinalStatus: d.State.Final(),
	}
}

// ToAPIVerification is the wire's form of one row of verifications.
func ToAPIVerification(v pin.Verification) api.Verification {
	return api.Verification{
		Msisdn: v.To.Digits(), Verified: v.Verified, VerifiedAt: millis(v.VerifiedAt), SentAt: millis(v.SentAt),
	}
}

// millis is milliseconds since 1970; 0 for an instant that has not come.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// list converts each element; it gives an empty list for none, never null.
func list[From, To any](from []From, convert func(From) To) []To {
	to := make([]To, len(from))
	for i, f := range from {
		to[i] = convert(f)
	}
	return to
}
