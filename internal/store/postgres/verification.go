package postgres

import (
	"context"

	"github.com/pinpost/pinpost/internal/pin"
)

// Verifications lists an application's PINs, newest first, at most most of them.
func (s *Store) Verifications(
	ctx context.Context, accountID, applicationID string, f pin.VerificationFilter, most int,
) ([]pin.Verification, error) {
	if err := s.see(ctx, nil); err != nil {
		return nil, s.fail("list verifications", err)
	}
	text, args := verificationsQuery(accountID, applicationID, f, most)
	return list(ctx, s, "list verifications", FromDBVerification, text, args...)
}

func verificationsQuery(accountID, applicationID string, f pin.VerificationFilter, most int) (string, []any) {
	var c conditions
	c.texts = append(c.texts, "application = (SELECT seq FROM applications WHERE account_id = "+c.mark(accountID)+
		" AND id = "+c.mark(applicationID)+")")
	order := "created_at DESC, number DESC"
	if f.To != "" {
		to, err := toPhone(f.To)
		if err != nil {
			to = 0 // nobody's
		}
		c.add("phone = %s", to)
		order = "created_at + 0 DESC, number DESC" // those of a phone are few, and not found by their time
	}
	if f.Verified != nil {
		c.add("(verified_at <> 0) = %s", *f.Verified)
	}
	if f.Sent != nil {
		c.add("(sent_at <> 0) = %s", *f.Sent)
	}
	return "SELECT " + verificationColumns + " FROM pins" + c.where() + " ORDER BY " + order + " LIMIT " + c.mark(max(0, most)), c.args
}
