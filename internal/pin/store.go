package pin

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

// Store keeps PINs, their deliveries and the places taken in limits. Every call is one step: it happens whole or not at
// all, calls at the same time act as if one came after the other, and what a nil error says is durable. A store that
// cannot answer gives fault.Unavailable.
type Store interface {
	// CreatePIN keeps a new PIN and its first delivery and takes a place in each limit, or fails with a *LimitError.
	CreatePIN(ctx context.Context, p PIN, d Delivery, limits []Limit) error

	// PIN gives one PIN of the account, or fault.NotFound.
	PIN(ctx context.Context, accountID, id string) (PIN, error)

	// AddDelivery keeps one more delivery of a PIN that is Live at d.At and takes a place in each limit. It fails with a
	// *StateError when the PIN is not live, then with a *LimitError, and with fault.NotFound for an unknown id.
	AddDelivery(ctx context.Context, d Delivery, rules Rules, limits []Limit) (PIN, error)

	// FinishDelivery notes what the carrier made of a delivery. A state that a receipt brought earlier stays.
	FinishDelivery(ctx context.Context, o Outcome) error

	// RecordReceipt notes a carrier's receipt on the delivery it names by AttemptID, or by Carrier and RemoteID; a final
	// state is not overwritten. fault.NotFound when there is no such delivery.
	RecordReceipt(ctx context.Context, r delivery.Receipt) error

	// CountAttempt takes a place in limit and, when the PIN is live, counts one attempt before anybody compares. It gives
	// the PIN as it stands after counting, with Sealed as it was before, and the state it was in before. On the last
	// attempt, and when the PIN is found expired, the stored Sealed is wiped. *LimitError, fault.NotFound.
	CountAttempt(ctx context.Context, id string, now time.Time, rules Rules, limit Limit) (PIN, State, error)

	// ConsumePIN marks a PIN verified at now. When rules.Multiple is false only one call for a PIN gives true, and the
	// stored Sealed is wiped by it.
	ConsumePIN(ctx context.Context, id string, now time.Time, rules Rules) (bool, error)

	// Deliveries lists what was sent for a PIN of the account, oldest first.
	Deliveries(ctx context.Context, accountID, pinID string) ([]Delivery, error)

	// Verifications lists an application's PINs, newest first, at most max of them.
	Verifications(ctx context.Context, accountID, applicationID string, f VerificationFilter, max int) ([]Verification, error)

	// PurgePINs does one bounded step of cleaning: wipes Sealed of PINs expired at now, removes PINs and their deliveries
	// that expired before now-grace, and removes places that no application's limits can still count. It touches at most
	// max rows of each kind and says how many rows it touched.
	PurgePINs(ctx context.Context, now time.Time, grace time.Duration, max int) (int, error)
}
