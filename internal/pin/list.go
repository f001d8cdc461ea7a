package pin

import (
	"context"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/phone"
)

// MaxVerifications is how many rows listVerifications answers at most, the newest first.
const MaxVerifications = 1000

// Status lists what was sent for a PIN, oldest first: the first send and each resend.
func (s *Service) Status(ctx context.Context, accountID, pinID string) ([]Delivery, error) {
	if _, err := s.deps.Store.PIN(ctx, accountID, pinID); err != nil {
		return nil, err
	}
	return s.deps.Store.Deliveries(ctx, accountID, pinID)
}

// Phone gives the number that a PIN of the account goes to.
func (s *Service) Phone(ctx context.Context, accountID, pinID string) (phone.Number, error) {
	p, err := s.deps.Store.PIN(ctx, accountID, pinID)
	return p.To, err
}

// ListInput narrows listVerifications; nil means any.
type ListInput struct {
	AccountID, ApplicationID string
	To                       *string // digits with or without +
	Verified, Sent           *bool
}

// Verifications lists the PINs of an application, newest first, one row a PIN.
func (s *Service) Verifications(ctx context.Context, in ListInput) ([]Verification, error) {
	filter := VerificationFilter{Verified: in.Verified, Sent: in.Sent}
	if in.To != nil {
		to, err := phone.Parse(*in.To)
		if err != nil {
			faults := fault.Members{}
			faults.Addf("msisdn", "%s", err)
			return nil, faults.Err()
		}
		filter.To = to
	}
	if _, err := s.deps.Applications.Get(ctx, in.AccountID, in.ApplicationID); err != nil {
		return nil, err
	}
	return s.deps.Store.Verifications(ctx, in.AccountID, in.ApplicationID, filter, MaxVerifications)
}
