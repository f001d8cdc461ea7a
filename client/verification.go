package client

import (
	"context"
	"net/http"

	"github.com/pinpost/pinpost/api"
)

// VerificationFilter narrows ListVerifications. Members that are nil are left out; the zero value lists everything.
type VerificationFilter struct {
	// Msisdn keeps the rows of one phone number: digits in international format, with or without a leading +.
	Msisdn *string
	// Verified keeps the rows that are verified (true) or that are not (false).
	Verified *bool
	// Sent keeps the rows of which a message was sent (true) or none was (false).
	Sent *bool
}

// ListVerifications lists the PINs of an application by phone number, newest first and one row a PIN: whether it was
// verified, and whether a message with it went out. A way to ask if a phone number is verified already. VerifiedAt and
// SentAt are milliseconds since 1970 UTC (time.UnixMilli reads them), 0 while it was not verified or sent.
//
// At most the newest 1000 rows are given, and rows go when their PINs are cleaned away, a day after expiry unless the
// server is set otherwise.
//
// Errors: IsInvalidArgument for a phone number that cannot exist, IsNotFound for an unknown application. An empty
// applicationID is an error too, and nothing is sent.
//
// Source page: https://dev.infobip.com/docs/check-if-phone-number-is-verified
func (c *Client) ListVerifications(
	ctx context.Context, applicationID string, filter VerificationFilter,
) ([]api.Verification, error) {
	return ask[api.VerificationList](ctx, "list verifications", func(ctx context.Context) (*http.Response, error) {
		return c.calls.ListVerifications(ctx, applicationID, &api.ListVerificationsParams{
			Msisdn: filter.Msisdn, Verified: filter.Verified, Sent: filter.Sent,
		})
	}, pathID{"applicationID", applicationID})
}
