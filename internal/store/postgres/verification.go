package postgres

import (
	"context"

	"github.com/pinpost/pinpost/internal/pin"
)

// Verifications lists an application's PINs, newest first, at most most of them.
func (s *Store) Verifications(
	ctx context.Context, accountID, applicationID string, f pin.VerificationFilter, most int,
) ([]pin.Verification, error) {
	text, args := verificationsQuery(accountID, applicationID, f, most)
	return list(ctx, s, "list verifications", FromDBVerification, text, args...)
}

func verificationsQuery(accountID, applicationID string, f pin.VerificationFilter, most int) (string, []any) {
	var c conditions
	if f.To != "" { // which says account and application, too
		c.add("number = %s", numberOf(sendsTo(accountID, applicationID, f.To)))
	} else {
		c.add("account_id = %s", accountID)
		c.add("application_id = %s", applicationID)
	}
	if f.Verified != nil {
		c.add("(verified_at <> 0) = %s", *f.Verified)
	}
	if f.Sent != nil {
		c.add("(sent_at <> 0) = %s", *f.Sent)
	}
	text := "SELECT " + verificationColumns + " FROM pins" + c.where() + " ORDER BY created_at DESC, seq DESC"
	text += " LIMIT " + c.mark(max(0, most))
	return text, c.args
}
