package postgres

import (
	"cmp"
	"context"
	"crypto/sha256"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

const (
	deliveriesQuery = "SELECT " + deliveryColumns + " FROM deliveries WHERE pin_id = $1" +
		" AND EXISTS (SELECT 1 FROM pins WHERE id = $1 AND account_id = $2) ORDER BY at, seq"

	// A carrier may use an id again after a while; a receipt means the newest message that had it.
	remoteDeliveryQuery = "SELECT id FROM deliveries WHERE carrier = $1 AND remote_id = $2 AND remote_id <> ''" +
		" ORDER BY seq DESC LIMIT 1"

	firstQuery      = "SELECT " + firstColumns + " FROM firsts WHERE account_id = $1 AND key_hash = $2"
	answerQuery     = "SELECT " + firstColumns + " FROM firsts WHERE delivery_id = $1"
	answerStatement = "UPDATE firsts SET answer = $1 WHERE delivery_id = $2 AND answer IS NULL"
)

// Deliveries lists what was sent for a PIN of the account, oldest first.
func (s *Store) Deliveries(ctx context.Context, accountID, pinID string) ([]pin.Delivery, error) {
	return list(ctx, s, "list deliveries", FromDBDelivery, deliveriesQuery, pinID, accountID)
}

// FinishDelivery notes what the carrier made of a delivery and closes it. A state that a receipt brought earlier stays,
// and so does a settled one; the StateUnknown of a delivery that PurgePINs gave up does not. The answer, when there is one,
// is kept for whoever makes the same request again. fault.NotFound for an unknown id.
func (s *Store) FinishDelivery(ctx context.Context, o pin.Outcome) error {
	q := s.settling
	if !o.Taken {
		q = s.placing
	}
	return s.do(ctx, "finish delivery", q, &finishDelivery{o})
}

type finishDelivery struct{ outcome pin.Outcome }

func (c *finishDelivery) want(w *wants) {
	w.deliveries[c.outcome.DeliveryID] = true
	if !c.outcome.Taken {
		w.freed = append(w.freed, c.outcome.DeliveryID)
	}
}

func (c *finishDelivery) play(b *books) error {
	o := c.outcome
	d := b.deliveries[o.DeliveryID]
	if d == nil {
		return fault.NotFoundf("%s", noDelivery)
	}
	if !d.reported && !settled(d.State) {
		d.become(o.State, o.At)
	}
	d.Carrier, d.RemoteID = cmp.Or(o.Carrier, d.Carrier), cmp.Or(o.RemoteID, d.RemoteID)
	d.open, d.changed = false, true
	if o.Answer != nil {
		b.answers = append(b.answers, givenAnswer{d.ID, *o.Answer})
	}
	if o.Taken {
		b.noteSent(d.PINID, o.At)
	}
	return nil
}

// RecordReceipt notes a carrier's receipt on the delivery it names by AttemptID, or by Carrier and RemoteID, and closes
// it. It overwrites StateUnknown and StateAccepted, which only say that nothing more is known, but no other final
// state. The PIN's SentAt becomes the receipt's At when it is not set yet: whoever reports on a message has taken it.
// fault.NotFound when there is no such delivery.
func (s *Store) RecordReceipt(ctx context.Context, r delivery.Receipt) error {
	if r.AttemptID == "" {
		var err error
		if r.AttemptID, err = one(ctx, s, "find delivery", noDelivery, readText, remoteDeliveryQuery, r.Carrier, r.RemoteID); err != nil {
			return err
		}
	}
	return s.do(ctx, "record receipt", s.settling, &recordReceipt{r})
}

type recordReceipt struct{ receipt delivery.Receipt }

func (c *recordReceipt) want(w *wants) { w.deliveries[c.receipt.AttemptID] = true }

func (c *recordReceipt) play(b *books) error {
	d := b.deliveries[c.receipt.AttemptID]
	if d == nil {
		return fault.NotFoundf("%s", noDelivery)
	}
	if !settled(d.State) {
		d.become(c.receipt.State, c.receipt.At)
	}
	d.open, d.reported, d.changed = false, true, true
	b.noteSent(d.PINID, c.receipt.At)
	return nil
}

// settled tells whether a state is final and says more than that nothing more is known.
func settled(s delivery.State) bool {
	return s.Final() && s != delivery.StateUnknown && s != delivery.StateAccepted
}

// First gives the first request with a key of the account, alive or not, or fault.NotFound.
func (s *Store) First(ctx context.Context, accountID string, keyHash [sha256.Size]byte) (pin.First, error) {
	return one(ctx, s, "load first request", noFirst, FromDBFirst, firstQuery, accountID, keyHash[:])
}

// KeepAnswer gives the answer of the first request with this delivery, which is a from now on if there was none yet.
// fault.NotFound when there is no such request.
func (s *Store) KeepAnswer(ctx context.Context, deliveryID string, a pin.Answer) (kept pin.Answer, err error) {
	err = s.write(ctx, "keep answer", func(ctx context.Context, tx pgx.Tx) error {
		text, err := writeAnswer(&a)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, answerStatement, text, deliveryID); err != nil {
			return err
		}
		f, err := FromDBFirst(tx.QueryRow(ctx, answerQuery, deliveryID))
		if err != nil {
			return absent(err, noFirst)
		}
		kept = *f.Answer
		return nil
	})
	return kept, err
}
