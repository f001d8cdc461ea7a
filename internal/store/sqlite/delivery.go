package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

const remoteQuery = "SELECT number, delivery FROM remote_ids WHERE carrier = ? AND remote_id = ?"

// Deliveries lists what was sent for a PIN of the account, oldest first.
func (s *Store) Deliveries(ctx context.Context, accountID, pinID string) ([]pin.Delivery, error) {
	if err := s.see(ctx); err != nil {
		return nil, err
	}
	row, err := s.loadPIN(ctx, accountID, pinID)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, s.fail("list deliveries", err)
	}
	all := make([]pin.Delivery, len(row.Deliveries))
	for i, e := range row.Deliveries {
		all[i] = e.Delivery(pinID, s.identifiers.ID(row.Number, e.Number))
	}
	slices.SortStableFunc(all, func(a, b pin.Delivery) int { return a.At.Compare(b.At) })
	return all, nil
}

// FinishDelivery notes what the carrier made of a delivery and closes it. A state that a receipt brought earlier stays,
// and so does a settled one; the StateUnknown of a delivery that PurgePINs gave up does not. The answer, when there is one,
// is kept for whoever makes the same request again. fault.NotFound for an unknown id.
func (s *Store) FinishDelivery(ctx context.Context, o pin.Outcome) error {
	pinNumber, number, err := s.deliveryNumbers(o.DeliveryID)
	if err != nil {
		return err
	}
	finish := func(tx *transaction) error {
		row, entry, err := tx.delivery(ctx, pinNumber, number)
		if err != nil {
			return err
		}
		entry.Finish(o)
		if o.Taken && row.SentAt.IsZero() {
			row.SentAt = fromMillis(toMillis(o.At))
		}
		if err := tx.keepDeliveries(ctx, row); err != nil {
			return err
		}
		if err := tx.keepRemote(ctx, o.DeliveryID, pinNumber, *entry); err != nil {
			return err
		}
		if o.Answer != nil {
			if err := keepAnswer(ctx, tx, o.DeliveryID, *o.Answer); err != nil {
				return err
			}
		}
		if !o.Taken {
			tx.free(line{row.Application, pin.LimitSends}, placeOf(row.Phone, *entry))
		}
		return nil
	}
	if o.Lost == nil || !o.Taken || o.Answer != nil {
		return s.writePINs(ctx, "finish delivery", finish)
	}
	// The message is out, and its PIN on disk. If this is lost with the process, the delivery is found abandoned.
	lost := func(err error) { o.Lost(s.fail("finish delivery", err)) }
	return s.fail("finish delivery", s.writes.handOver(finish, lost))
}

// Flush waits until all outcomes that were handed over are stored, or known to be lost.
func (s *Store) Flush(ctx context.Context) error { return s.see(ctx) }

// see waits until all outcomes that were handed over are seen by readers.
func (s *Store) see(ctx context.Context) error {
	if s.writes.unseen.Load() == 0 {
		return nil
	}
	return s.writePINs(ctx, "wait for outcomes", func(*transaction) error { return nil })
}

// RecordReceipt notes a carrier's receipt on the delivery it names by AttemptID, or by Carrier and RemoteID, and closes
// it. It overwrites StateUnknown and StateAccepted, which only say that nothing more is known, but no other final
// state. The PIN's SentAt becomes the receipt's At when it is not set yet: whoever reports on a message has taken it.
// fault.NotFound when there is no such delivery.
func (s *Store) RecordReceipt(ctx context.Context, r delivery.Receipt) error {
	// A carrier may use our id for its own.
	pinNumber, number, err := s.deliveryNumbers(cmp.Or(r.AttemptID, r.RemoteID))
	if err != nil && r.AttemptID != "" {
		return err
	}
	return s.writePINs(ctx, "record receipt", func(tx *transaction) error {
		if r.AttemptID == "" {
			err := tx.QueryRowContext(ctx, remoteQuery, r.Carrier, r.RemoteID).Scan(&pinNumber, &number)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		row, entry, err := tx.delivery(ctx, pinNumber, number)
		if err != nil {
			return err
		}
		if r.AttemptID == "" && (entry.Carrier != r.Carrier || entry.RemoteID != r.RemoteID) {
			return absent(sql.ErrNoRows, noDelivery)
		}
		entry.Receive(r)
		if row.SentAt.IsZero() {
			row.SentAt = fromMillis(toMillis(r.At))
		}
		return tx.keepDeliveries(ctx, row)
	})
}
