package sqlite

import (
	"cmp"
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
)

const (
	deliveriesQuery = "SELECT " + deliveryColumns + " FROM deliveries" +
		" WHERE pin_id = ? AND EXISTS (SELECT 1 FROM pins WHERE id = ? AND account_id = ?) ORDER BY at, seq"

	deliveryQuery = "SELECT " + deliveryColumns + ", reported FROM deliveries WHERE id = ?"

	// A carrier may use an id again after a while; a receipt means the newest message that had it.
	remoteDeliveryQuery = "SELECT " + deliveryColumns + ", reported FROM deliveries" +
		" WHERE carrier = ? AND remote_id = ? AND remote_id <> '' ORDER BY seq DESC LIMIT 1"

	finishStatement  = "UPDATE deliveries SET " + changeState + ", carrier = ?4, remote_id = ?5, open = 0 WHERE id = ?3"
	sentStatement    = "UPDATE pins SET sent_at = ? WHERE id = ? AND sent_at = 0"
	receiptStatement = "UPDATE deliveries SET " + changeState + ", open = 0, reported = 1 WHERE id = ?3"
)

// Deliveries lists what was sent for a PIN of the account, oldest first.
func (s *Store) Deliveries(ctx context.Context, accountID, pinID string) ([]pin.Delivery, error) {
	return list(ctx, s, "list deliveries", FromDBDelivery, deliveriesQuery, pinID, pinID, accountID)
}

// FinishDelivery notes what the carrier made of a delivery and closes it. A state that a receipt brought earlier stays,
// and so does a settled one; the StateUnknown of a delivery that PurgePINs gave up does not. The answer, when there is one,
// is kept for whoever makes the same request again. fault.NotFound for an unknown id.
func (s *Store) FinishDelivery(ctx context.Context, o pin.Outcome) error {
	return s.write(ctx, "finish delivery", func(tx *transaction) error {
		d, reported, err := loadDelivery(tx.QueryRowContext(ctx, deliveryQuery, o.DeliveryID))
		if err != nil {
			return err
		}
		if !reported && !settled(d.State) {
			d.State = o.State
		}
		_, err = tx.ExecContext(ctx, finishStatement,
			d.State, toMillis(o.At), d.ID, cmp.Or(o.Carrier, d.Carrier), cmp.Or(o.RemoteID, d.RemoteID))
		if err != nil {
			return err
		}
		if o.Answer != nil {
			if err := keepAnswer(ctx, tx, d.ID, *o.Answer); err != nil {
				return err
			}
		}
		if !o.Taken {
			return freePlaces(ctx, tx, d.ID)
		}
		return noteSent(ctx, tx, d.PINID, o.At)
	})
}

// RecordReceipt notes a carrier's receipt on the delivery it names by AttemptID, or by Carrier and RemoteID, and closes
// it. It overwrites StateUnknown and StateAccepted, which only say that nothing more is known, but no other final
// state. The PIN's SentAt becomes the receipt's At when it is not set yet: whoever reports on a message has taken it.
// fault.NotFound when there is no such delivery.
func (s *Store) RecordReceipt(ctx context.Context, r delivery.Receipt) error {
	return s.write(ctx, "record receipt", func(tx *transaction) error {
		query, args := deliveryQuery, []any{r.AttemptID}
		if r.AttemptID == "" {
			query, args = remoteDeliveryQuery, []any{r.Carrier, r.RemoteID}
		}
		d, _, err := loadDelivery(tx.QueryRowContext(ctx, query, args...))
		if err != nil {
			return err
		}
		if !settled(d.State) {
			d.State = r.State
		}
		if _, err := tx.ExecContext(ctx, receiptStatement, d.State, toMillis(r.At), d.ID); err != nil {
			return err
		}
		return noteSent(ctx, tx, d.PINID, r.At)
	})
}

// settled tells whether a state is final and says more than that nothing more is known.
func settled(s delivery.State) bool {
	return s.Final() && s != delivery.StateUnknown && s != delivery.StateAccepted
}

// noteSent keeps the first time that a carrier took a PIN.
func noteSent(ctx context.Context, tx *transaction, pinID string, at time.Time) error {
	_, err := tx.ExecContext(ctx, sentStatement, toMillis(at), pinID)
	return err
}

// loadDelivery reads a delivery and whether a receipt brought its state.
func loadDelivery(row Row) (d pin.Delivery, reported bool, err error) {
	d, err = FromDBDelivery(also{row, &reported})
	return d, reported, absent(err, noDelivery)
}

// also is a row with one more column at its end.
type also struct {
	Row
	last any
}

// Scan reads the row's own columns and the last.
func (a also) Scan(into ...any) error { return a.Row.Scan(append(into, a.last)...) }
