package sqlite

import (
	"cmp"
	"context"
	"database/sql"

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

	finishStatement  = "UPDATE deliveries SET state = ?, carrier = ?, remote_id = ? WHERE id = ?"
	sentStatement    = "UPDATE pins SET sent_at = ? WHERE id = ? AND sent_at = 0"
	receiptStatement = "UPDATE deliveries SET state = ?, reported = 1 WHERE id = ?"
)

// Deliveries lists what was sent for a PIN of the account, oldest first.
func (s *Store) Deliveries(ctx context.Context, accountID, pinID string) ([]pin.Delivery, error) {
	return list(ctx, s, "list deliveries", FromDBDelivery, deliveriesQuery, pinID, pinID, accountID)
}

// FinishDelivery notes what the carrier made of a delivery. A state that a receipt brought earlier stays, and so does a
// final one. fault.NotFound for an unknown id.
func (s *Store) FinishDelivery(ctx context.Context, o pin.Outcome) error {
	return s.write(ctx, "finish delivery", func(tx *sql.Tx) error {
		d, reported, err := loadDelivery(tx.QueryRowContext(ctx, deliveryQuery, o.DeliveryID))
		if err != nil {
			return err
		}
		if !reported && !d.State.Final() {
			d.State = o.State
		}
		_, err = tx.ExecContext(ctx, finishStatement,
			d.State, cmp.Or(o.Carrier, d.Carrier), cmp.Or(o.RemoteID, d.RemoteID), d.ID)
		if err != nil {
			return err
		}
		if !o.Taken {
			return freePlaces(ctx, tx, d.ID)
		}
		_, err = tx.ExecContext(ctx, sentStatement, toMillis(o.At), d.PINID)
		return err
	})
}

// RecordReceipt notes a carrier's receipt on the delivery it names by AttemptID, or by Carrier and RemoteID; a final
// state is not overwritten. fault.NotFound when there is no such delivery.
func (s *Store) RecordReceipt(ctx context.Context, r delivery.Receipt) error {
	return s.write(ctx, "record receipt", func(tx *sql.Tx) error {
		query, args := deliveryQuery, []any{r.AttemptID}
		if r.AttemptID == "" {
			query, args = remoteDeliveryQuery, []any{r.Carrier, r.RemoteID}
		}
		d, _, err := loadDelivery(tx.QueryRowContext(ctx, query, args...))
		if err != nil || d.State.Final() {
			return err
		}
		_, err = tx.ExecContext(ctx, receiptStatement, r.State, d.ID)
		return err
	})
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
