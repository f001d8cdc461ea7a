package pin

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

// AbandonedAfter is how long a delivery may go without an outcome or a receipt before PurgePINs gives it up.
const AbandonedAfter = 5 * time.Minute

// Store keeps PINs, their deliveries and the places taken in limits. Every call is one step: it happens whole or not at
// all, calls at the same time act as if one came after the other, and what a nil error says is durable. A store that
// cannot answer gives fault.Unavailable.
//
// The store keeps the History of a delivery by itself: first the state that a delivery is kept with, at its At, then each
// other state that an outcome, a receipt or PurgePINs brings, in the order in which they come, each at the time that the
// bringer says. A state that stays as it is adds nothing.
type Store interface {
	// NewPINID gives the id of a PIN that is about to be made: 32 upper-case hex digits, unguessable, another one each time. The
	// store knows its own ids by their form, and keeps no PIN under another.
	NewPINID(ctx context.Context) (string, error)

	// NewDeliveryID does the same for a delivery of a PIN.
	NewDeliveryID(ctx context.Context, pinID string) (string, error)

	// CreatePIN keeps a new PIN and its first delivery and takes a place in each limit, all of which are of its application, or fails with a *LimitError. When
	// d.Once is set it is kept too, as First; when the account has a First with that KeyHash that is Alive at d.At, the
	// call fails with a *RepeatError before anything else, whatever the fingerprint. One that is not Alive is replaced.
	CreatePIN(ctx context.Context, p PIN, d Delivery, limits []Limit) error

	// PIN gives one PIN of the account, or fault.NotFound.
	PIN(ctx context.Context, accountID, id string) (PIN, error)

	// KnownPIN is PIN for those who go on to AddDelivery or Attempt, which find out what the PIN is by then: it may have been
	// removed, and what changes of it may be as it was earlier.
	KnownPIN(ctx context.Context, accountID, id string) (PIN, error)

	// AddDelivery keeps one more delivery of a PIN that is Live at d.At and takes a place in each limit. It fails with a
	// *StateError when the PIN is not live, then with a *LimitError, and with fault.NotFound for an unknown id. d.Once is
	// treated as by CreatePIN, right after the PIN was found.
	AddDelivery(ctx context.Context, d Delivery, rules Rules, limits []Limit) (PIN, error)

	// First gives the first request with a key of the account, Alive or not, or fault.NotFound.
	First(ctx context.Context, accountID string, keyHash [sha256.Size]byte) (First, error)

	// KeepAnswer gives the answer of the First with this delivery, which is a from now on if there was none yet.
	// fault.NotFound when there is no such First.
	KeepAnswer(ctx context.Context, deliveryID string, a Answer) (Answer, error)

	// FinishDelivery notes what the carrier made of a delivery and closes it. A state that a receipt brought earlier
	// stays; the StateUnknown of a delivery that PurgePINs gave up does not. o.Answer, when set, becomes the answer of the
	// delivery's First if there is none yet. Whoever asks for deliveries or verifications later sees the
	// outcome; see o.Lost for when it is durable.
	// fault.NotFound for an unknown id.
	FinishDelivery(ctx context.Context, o Outcome) error

	// RecordReceipt notes a carrier's receipt on the delivery it names by AttemptID, or by Carrier and RemoteID, and
	// closes it. It overwrites StateUnknown and StateAccepted, which only say that nothing more is known, but no other
	// final state. The PIN's SentAt becomes the receipt's At when it is not set yet: whoever reports on a message has taken it.
	// fault.NotFound when there is no such delivery.
	RecordReceipt(ctx context.Context, r delivery.Receipt) error

	// Attempt takes a place in limit and, when the PIN is live, counts one attempt, asks right about it, and marks it verified
	// at now when it is. All of that is one step: guesses made at the same time are each counted before any of them is
	// answered, and of a PIN that verifies once only one call gives true. On the last attempt, on a success that may be the only
	// one, and when the PIN is found in any state but Live, the stored Sealed is wiped, so that no change of the
	// application's limits brings it back to life. An error of right is given as it is, and nothing is counted. right must not
	// call the store. *LimitError, fault.NotFound.
	Attempt(
		ctx context.Context, id string, now time.Time, rules Rules, limit Limit, right func(PIN) (bool, error),
	) (Attempted, error)

	// Deliveries lists what was sent for a PIN of the account, oldest first.
	Deliveries(ctx context.Context, accountID, pinID string) ([]Delivery, error)

	// Verifications lists an application's PINs, newest first, at most max of them. Those of one millisecond, and those of a clock
	// that was set back, may come in the order in which they were kept.
	Verifications(ctx context.Context, accountID, applicationID string, f VerificationFilter, max int) ([]Verification, error)

	// PurgePINs does one bounded step of cleaning: wipes Sealed of PINs expired at now, removes PINs and their deliveries
	// that expired before now-grace, removes inbox entries older than now-grace whose PIN is gone, and removes places
	// that no application's limits can still count. It also gives up deliveries that nobody closed and that are older than
	// now-AbandonedAfter, as their process has died: they become StateUnknown and closed, and keep their places, since the
	// message may have gone out. It removes each First that is not Alive at now; where a world's time is ahead of now, that
	// is later than it has to be, and no harm. Each of these touches at most max rows; the sum of the rows touched is returned,
	// beside an error too, where one of these failed and others did not.
	PurgePINs(ctx context.Context, now time.Time, grace time.Duration, max int) (int, error)
}
