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
	ResendSMS(ctx context.Context, accountID, pinID string) (pin.SMSResult, error)
	ResendVoice(ctx context.Context, accountID, pinID string, wait *time.Duration) (pin.CallResult, error)
	Verify(ctx context.Context, in pin.VerifyInput) (pin.VerifyResult, error)
	Status(ctx context.Context, accountID, pinID string) ([]pin.Delivery, error)
	Phone(ctx context.Context, accountID, pinID string) (phone.Number, error)
	Verifications(ctx context.Context, in pin.ListInput) ([]pin.Verification, error)
}

// SendPinOverSms implements https://dev.infobip.com/docs/pin-send-over-sms.
func (d desk) SendPinOverSms(ctx context.Context, req gen.SendPinOverSmsRequestObject) (gen.SendPinOverSmsResponseObject, error) {
	in := pin.SendInput{
		AccountID: accountOf(ctx), To: req.Body.To, ApplicationID: req.Body.ApplicationID, MessageID: req.Body.MessageID,
		From: value(req.Body.From, ""),
		// The body wins over the query; without either a lookup is wanted.
		LookupNeeded: value(req.Body.NcNeeded, value(req.Params.NcNeeded, true)),
	}
	result, err := d.PINs.SendSMS(ctx, in)
	if err != nil {
		return nil, err
	}
	return gen.SendPinOverSms200JSONResponse{SentOverSmsJSONResponse: gen.SentOverSmsJSONResponse(ToAPISmsPinResponse(result))}, nil
}

// SendPinOverVoice implements https://dev.infobip.com/docs/pin-send-over-voice.
func (d desk) SendPinOverVoice(ctx context.Context, req gen.SendPinOverVoiceRequestObject) (gen.SendPinOverVoiceResponseObject, error) {
	in := pin.SendInput{
		AccountID: accountOf(ctx), To: req.Body.To, ApplicationID: req.Body.ApplicationID, MessageID: req.Body.MessageID,
		From: value(req.Body.From, ""),
	}
	prefer := parsePrefer(value(req.Params.Prefer, ""))
	result, err := d.PINs.SendVoice(ctx, in, prefer.wait)
	if err != nil {
		return nil, err
	}
	return gen.SendPinOverVoice200JSONResponse{SentOverVoiceJSONResponse: sentOverVoice(result, prefer)}, nil
}

// ResendPinOverSms implements https://dev.infobip.com/docs/pin-resend-over-sms.
func (d desk) ResendPinOverSms(ctx context.Context, req gen.ResendPinOverSmsRequestObject) (gen.ResendPinOverSmsResponseObject, error) {
	result, err := d.PINs.ResendSMS(ctx, accountOf(ctx), req.PinID)
	if err != nil {
		return nil, err
	}
	return gen.ResendPinOverSms200JSONResponse{SentOverSmsJSONResponse: gen.SentOverSmsJSONResponse(ToAPISmsPinResponse(result))}, nil
}

// ResendPinOverVoice implements https://dev.infobip.com/docs/resend-a-pin-via-voice.
func (d desk) ResendPinOverVoice(ctx context.Context, req gen.ResendPinOverVoiceRequestObject) (gen.ResendPinOverVoiceResponseObject, error) {
	prefer := parsePrefer(value(req.Params.Prefer, ""))
	result, err := d.PINs.ResendVoice(ctx, accountOf(ctx), req.PinID, prefer.wait)
	if err != nil {
		return nil, err
	}
	return gen.ResendPinOverVoice200JSONResponse{SentOverVoiceJSONResponse: sentOverVoice(result, prefer)}, nil
}

func sentOverVoice(result pin.CallResult, prefer preference) gen.SentOverVoiceJSONResponse {
	return gen.SentOverVoiceJSONResponse{
		Body:    ToAPIVoicePinResponse(result),
		Headers: gen.SentOverVoiceResponseHeaders{PreferenceApplied: prefer.applied},
	}
}

// VerifyPin implements https://dev.infobip.com/docs/pin-verify.
func (d desk) VerifyPin(ctx context.Context, req gen.VerifyPinRequestObject) (gen.VerifyPinResponseObject, error) {
	result, err := d.PINs.Verify(ctx, pin.VerifyInput{AccountID: accountOf(ctx), PINID: req.PinID, Code: delivery.Code(req.Body.Pin)})
	if err != nil {
		return nil, err
	}
	return gen.VerifyPin200JSONResponse(ToAPIVerifyPinResponse(result)), nil
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
