package client

import (
	"context"
	"net/http"

	"github.com/pinpost/pinpost/api"
)

// SendPIN creates a PIN and sends it as a text message to the phone number req.To, with the text of the message
// req.MessageID and the limits of the application req.ApplicationID. Keep PinID of the answer: ResendPIN, VerifyPIN and
// PINStatus need it.
//
// req.From is a sender of up to 15 digits or 11 characters; nil takes the message's. Unless req.NcNeeded points to false,
// a number lookup is made first. Of the options, WithIdempotencyKey and ReadHeader have a
// meaning for a text.
//
// No error does not mean that the text went out: look at SmsStatus of the answer. api.SmsStatusNotSent means that the
// phone cannot be reached (NcStatus is api.NcStatusNotReachable) or that no carrier took the text; the PIN exists and can
// be resent. Any other NcStatus is no failure, api.NcStatusNotConfigured neither.
//
// Errors: IsInvalidArgument for a wrong member or a disabled application, IsNotFound for an unknown application or
// message (the text says which), and, commonly, IsTooManyRequests: a limit of the application is reached, by default 3
// sends and resends a day to one number. RetryAfter says when the next one is allowed. When no answer came or none that
// can be read, the text may have gone out; the same call with the same WithIdempotencyKey then sends no second one, if the
// server knows keys.
//
// Source page: https://dev.infobip.com/docs/pin-send-over-sms
func (c *Client) SendPIN(
	ctx context.Context, req api.SendPinOverSmsRequest, options ...CallOption,
) (*api.SmsPinResponse, error) {
	return askWith[*api.SmsPinResponse](ctx, "send PIN", options,
		func(ctx context.Context, p preference) (*http.Response, error) {
			return c.calls.SendPinOverSms(ctx, nil, req, p.dress)
		})
}

// SendPINByVoice creates a PIN and speaks it in a call to the phone number req.To. CallStatus of the answer is the
// outcome of the call when it ends within the wait, else api.CallStatusProcessing. The wait is 20 seconds unless the
// server is set otherwise; RespondAsync and WaitFor change it.
//
// A call that failed is no error: look at CallStatus. api.CallStatusProcessed means that a person picked up,
// api.CallStatusAnsweredMachine a machine. PinID of the answer is as in SendPIN, and so are the errors.
//
// Source page: https://dev.infobip.com/docs/pin-send-over-voice
func (c *Client) SendPINByVoice(
	ctx context.Context, req api.SendPinOverVoiceRequest, options ...CallOption,
) (*api.VoicePinResponse, error) {
	return askWith[*api.VoicePinResponse](ctx, "send PIN by voice", options,
		func(ctx context.Context, p preference) (*http.Response, error) {
			return c.calls.SendPinOverVoice(ctx, &api.SendPinOverVoiceParams{Prefer: p.prefer}, req, p.dress)
		})
}

// ResendPIN sends the PIN once more, as a text message to the same phone number, whether it first went out over SMS or
// over voice. The PIN and its PinID stay the same, its time to live is not started anew, the attempts made so far stay
// counted, and the resend counts toward the limits of the application like a send. The answer reads as that of SendPIN, and
// so do the options.
//
// Errors: IsInvalidArgument for a PIN that has expired, has no attempts left or was used up (the text says which of
// these; send a new one), IsNotFound for an unknown PIN, IsTooManyRequests as in SendPIN. An empty pinID is an error
// too, and nothing is sent.
//
// Source page: https://dev.infobip.com/docs/pin-resend-over-sms
func (c *Client) ResendPIN(ctx context.Context, pinID string, options ...CallOption) (*api.SmsPinResponse, error) {
	return askWith[*api.SmsPinResponse](ctx, "resend PIN", options,
		func(ctx context.Context, p preference) (*http.Response, error) {
			return c.calls.ResendPinOverSmsWithBody(ctx, pinID, nil, mediaType, http.NoBody, p.dress)
		}, pathID{"pinID", pinID})
}

// ResendPINByVoice speaks the PIN in a call to the same phone number, whether it first went out over SMS or over voice.
// PIN, PinID, time to live, attempts, limits and errors are as in ResendPIN; the answer and the options are as in
// SendPINByVoice.
//
// Source page: https://dev.infobip.com/docs/resend-a-pin-via-voice
func (c *Client) ResendPINByVoice(
	ctx context.Context, pinID string, options ...CallOption,
) (*api.VoicePinResponse, error) {
	return askWith[*api.VoicePinResponse](ctx, "resend PIN by voice", options,
		func(ctx context.Context, p preference) (*http.Response, error) {
			params := &api.ResendPinOverVoiceParams{Prefer: p.prefer}
			return c.calls.ResendPinOverVoiceWithBody(ctx, pinID, params, mediaType, http.NoBody, p.dress)
		}, pathID{"pinID", pinID})
}

// VerifyPIN checks the PIN that a person typed, letters in either case.
//
// No error does not mean that the PIN was right: a wrong, expired or used-up PIN is an answer too, with Verified false
// and the reason in PinError. Look at Verified, or switch over OutcomeOf, which tells all cases apart.
//
// Every call counts as one of the PIN's attempts (10 by default), right or wrong. AttemptsRemaining says how many are
// left, and is 0 after a success. When they are used up, the right PIN fails as well; send a new one. A PIN that was
// verified verifies again while it lives, unless the application sets allowMultiplePinVerifications to false.
//
// Errors: IsNotFound for an unknown PIN, IsInvalidArgument for an empty pin, and IsTooManyRequests when the phone number
// was verified too often in a short time (by default, more than once in 3 seconds); that does not count as an attempt.
// An empty pinID is an error too, and nothing is sent.
//
// Source page: https://dev.infobip.com/docs/pin-verify
func (c *Client) VerifyPIN(ctx context.Context, pinID, pin string) (*api.VerifyPinResponse, error) {
	return ask[*api.VerifyPinResponse](ctx, "verify PIN", func(ctx context.Context) (*http.Response, error) {
		return c.calls.VerifyPin(ctx, pinID, api.VerifyPinRequest{Pin: pin})
	}, pathID{"pinID", pinID})
}

// PINStatus lists what became of each message sent for a PIN, oldest first: the first send and every resend, calls
// included. FinalStatus says whether a status is the last one. The list stays readable for a while after the PIN has
// expired.
//
// Errors: IsNotFound for an unknown PIN. An empty pinID is an error too, and nothing is sent.
//
// Source page: https://dev.infobip.com/docs/pin-get-status
func (c *Client) PINStatus(ctx context.Context, pinID string) ([]api.PinStatus, error) {
	return ask[api.PinStatusList](ctx, "get PIN status", func(ctx context.Context) (*http.Response, error) {
		return c.calls.GetPinStatus(ctx, pinID)
	}, pathID{"pinID", pinID})
}
