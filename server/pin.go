package server

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/server/internal/gen"
)

// PINs sends, resends and verifies PINs, and lists what became of them.
type PINs interface {
	SendSMS(ctx context.Context, in pin.SendInput) (pin.SMSResult, error)
	SendVoice(ctx context.Context, in pin.SendInput, wait *time.Duration) (pin.CallResult, error)
	ResendSMS(ctx context.Context, in pin.ResendInput) (pin.SMSResult, error)
	ResendVoice(ctx context.Context, in pin.ResendInput, wait *time.Duration) (pin.CallResult, error)
	Verify(ctx context.Context, in pin.VerifyInput) (pin.VerifyResult, error)
	Status(ctx context.Context, accountID, pinID string) ([]pin.Delivery, error)
	Phone(ctx context.Context, accountID, pinID string) (phone.Number, error)
	Verifications(ctx context.Context, in pin.ListInput) ([]pin.Verification, error)
}

// SendPinOverSms implements https://dev.infobip.com/docs/pin-send-over-sms.
func (d desk) SendPinOverSms(ctx context.Context, req gen.SendPinOverSmsRequestObject) (gen.SendPinOverSmsResponseObject, error) {
	once, err := onceOf(req.Params.IdempotencyKey, "sendPinOverSms", req.Params.NcNeeded, req.Body)
	if err != nil {
		return nil, err
	}
	in := pin.SendInput{
		AccountID: accountOf(ctx), To: req.Body.To, ApplicationID: req.Body.ApplicationID, MessageID: req.Body.MessageID,
		From: value(req.Body.From, ""), Once: once,
		// The body wins over the query; without either a lookup is wanted.
		LookupNeeded: value(req.Body.NcNeeded, value(req.Params.NcNeeded, true)),
	}
	result, err := d.PINs.SendSMS(ctx, in)
	if err != nil {
		return nil, err
	}
	return sentOverSms(ctx, result), nil
}

// SendPinOverVoice implements https://dev.infobip.com/docs/pin-send-over-voice.
func (d desk) SendPinOverVoice(ctx context.Context, req gen.SendPinOverVoiceRequestObject) (gen.SendPinOverVoiceResponseObject, error) {
	once, err := onceOf(req.Params.IdempotencyKey, "sendPinOverVoice", req.Body)
	if err != nil {
		return nil, err
	}
	in := pin.SendInput{
		AccountID: accountOf(ctx), To: req.Body.To, ApplicationID: req.Body.ApplicationID, MessageID: req.Body.MessageID,
		From: value(req.Body.From, ""), Once: once,
	}
	prefer := parsePrefer(value(req.Params.Prefer, ""))
	result, err := d.PINs.SendVoice(ctx, in, prefer.wait)
	if err != nil {
		return nil, err
	}
	return gen.SendPinOverVoice200JSONResponse{SentOverVoiceJSONResponse: sentOverVoice(ctx, result, prefer)}, nil
}

// ResendPinOverSms implements https://dev.infobip.com/docs/pin-resend-over-sms.
func (d desk) ResendPinOverSms(ctx context.Context, req gen.ResendPinOverSmsRequestObject) (gen.ResendPinOverSmsResponseObject, error) {
	once, err := onceOf(req.Params.IdempotencyKey, "resendPinOverSms", req.PinID)
	if err != nil {
		return nil, err
	}
	result, err := d.PINs.ResendSMS(ctx, pin.ResendInput{AccountID: accountOf(ctx), PINID: req.PinID, Once: once})
	if err != nil {
		return nil, err
	}
	return sentOverSms(ctx, result), nil
}

// ResendPinOverVoice implements https://dev.infobip.com/docs/resend-a-pin-via-voice.
func (d desk) ResendPinOverVoice(ctx context.Context, req gen.ResendPinOverVoiceRequestObject) (gen.ResendPinOverVoiceResponseObject, error) {
	once, err := onceOf(req.Params.IdempotencyKey, "resendPinOverVoice", req.PinID)
	if err != nil {
		return nil, err
	}
	prefer := parsePrefer(value(req.Params.Prefer, ""))
	result, err := d.PINs.ResendVoice(ctx, pin.ResendInput{AccountID: accountOf(ctx), PINID: req.PinID, Once: once}, prefer.wait)
	if err != nil {
		return nil, err
	}
	return gen.ResendPinOverVoice200JSONResponse{SentOverVoiceJSONResponse: sentOverVoice(ctx, result, prefer)}, nil
}

func sentOverSms(ctx context.Context, result pin.SMSResult) smsAnswer {
	noteRepeat(ctx, result.RepeatOf)
	return smsAnswer{ToAPISmsPinResponse(result), result.RepeatOf != ""}
}

func sentOverVoice(ctx context.Context, result pin.CallResult, prefer preference) gen.SentOverVoiceJSONResponse {
	noteRepeat(ctx, result.RepeatOf)
	if result.RepeatOf != "" {
		prefer.applied = nil // the wait was the first request's
	}
	return gen.SentOverVoiceJSONResponse{
		Body: ToAPIVoicePinResponse(result),
		Headers: gen.SentOverVoiceResponseHeaders{
			PreferenceApplied: prefer.applied, IdempotencyReplayed: result.RepeatOf != "",
		},
	}
}

// VerifyPin implements https://dev.infobip.com/docs/pin-verify.
func (d desk) VerifyPin(ctx context.Context, req gen.VerifyPinRequestObject) (gen.VerifyPinResponseObject, error) {
	result, err := d.PINs.Verify(ctx, pin.VerifyInput{AccountID: accountOf(ctx), PINID: req.PinID, Code: delivery.Code(req.Body.Pin)})
	if err != nil {
		return nil, err
	}
	return verifyAnswer(ToAPIVerifyPinResponse(result)), nil
}

// GetPinStatus implements https://dev.infobip.com/docs/pin-get-status.
func (d desk) GetPinStatus(ctx context.Context, req gen.GetPinStatusRequestObject) (gen.GetPinStatusResponseObject, error) {
	deliveries, err := d.PINs.Status(ctx, accountOf(ctx), req.PinID)
	if err != nil {
		return nil, err
	}
	return gen.GetPinStatus200JSONResponse(list(deliveries, ToAPIPinStatus)), nil
}

// ListVerifications implements https://dev.infobip.com/docs/check-if-phone-number-is-verified.
func (d desk) ListVerifications(ctx context.Context, req gen.ListVerificationsRequestObject) (gen.ListVerificationsResponseObject, error) {
	rows, err := d.PINs.Verifications(ctx, pin.ListInput{
		AccountID: accountOf(ctx), ApplicationID: req.ApplicationID,
		To: req.Params.Msisdn, Verified: req.Params.Verified, Sent: req.Params.Sent,
	})
	if err != nil {
		return nil, err
	}
	return gen.ListVerifications200JSONResponse(list(rows, ToAPIVerification)), nil
}
