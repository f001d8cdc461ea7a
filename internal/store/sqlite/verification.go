package sqlite

import (
	"context"

	"github.com/pinpost/pinpost/internal/pin"
)

// Verifications lists an application's PINs, newest first, at most most of them.
func (s *Store) Verifications(
	ctx context.Context, accountID, applicationID string, f pin.VerificationFilter, most int,
) ([]pin.Verification, error) {
	query, args := verificationsQuery(accountID, applicationID, f, most)
	return list(ctx, s, "list verifications", FromDBVerification, query, args...)
}

func verificationsQuery(accountID, applicationID string, f pin.VerificationFilter, most int) (string, []any) {
	var c conditions
	c.add("account_id = ?", accountID)
	c.add("application_id = ?", applicationID)
	if f.To != "" {
		c.add("phone = ?", f.To.Digits())
	}
	if f.Verified != nil {
		c.add("(verified_at <> 0) = ?", *f.Verified)
	}
	if f.Sent != nil {
		c.add("(sent_at <> 0) = ?", *f.Sent)
	}
	query := "SELECT " + verificationColumns + " FROM pins" + c.where() + " ORDER BY created_at DESC, seq DESC LIMIT ?"
	return query, append(c.args, max(0, most)) // SQLite takes a negative limit for none
}
