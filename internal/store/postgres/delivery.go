package postgres

import (
	"context"
	"crypto/sha256"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/deliverylog"
)

const (
	// A carrier may use an id again after a while; a receipt means the newest message that had it.
	remoteQuery = "SELECT p.number, r.delivery, p.deliveries FROM remotes r JOIN pins p ON p.number = r.pin WHERE r.hash = $1" +
		" ORDER BY r.at DESC, r.delivery DESC LIMIT 20"

	firstQuery      = "SELECT " + firstColumns + " FROM firsts WHERE account_id = $1 AND key_hash = $2"
	answerQuery     = "SELECT " + firstColumns + " FROM firsts WHERE delivery_id = $1"
	answerStatement = "UPDATE firsts SET answer = $1 WHERE delivery_id = $2 AND answer IS NULL"
)

// Deliveries lists what was sent for a PIN of the account, oldest first.
func (s *Store) Deliveries(ctx context.Context, accountID, pinID string) ([]pin.Delivery, error) {
	number, _ := s.pinNumber(pinID)
	if err := s.see(ctx, func(_ pin.Outcome, of deliveryNumber) bool { return of.pin == number }); err != nil {
		return nil, s.fail("list deliveries", err)
	}
	p, err := s.pinOf(ctx, accountID, pinID)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	log, err := deliverylog.Parse(p.deliveries)
	if err != nil {
		return nil, s.fail("list deliveries", err)
	}
	all := make([]pin.Delivery, len(log))
	for i, e := range log {
		all[i] = e.Delivery(p.ID, s.ids.ID(p.number, e.Number))
	}
	slices.SortStableFunc(all, func(a, b pin.Delivery) int { return a.At.Compare(b.At) }) // clocks of replicas differ
	return all, nil
}

// Flush waits until all outcomes that were handed over are stored, or known to be lost.
func (s *Store) Flush(ctx context.Context) error { return s.outbox.see(ctx, nil) }

// see waits until those of the outcomes that nobody waited for are written that is is true of, or all when it is nil.
func (s *Store) see(ctx context.Context, is func(pin.Outcome, deliveryNumber) bool) error {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	return s.outbox.see(ctx, is)
}

// FinishDelivery notes what the carrier made of a delivery and closes it. A state that a receipt brought earlier stays,
// and so does a settled one; the StateUnknown of a delivery that PurgePINs gave up does not. The answer, when there is one,
// is kept for whoever makes the same request again. fault.NotFound for an unknown id.
func (s *Store) FinishDelivery(ctx context.Context, o pin.Outcome) error {
	number, _ := s.deliveryNumber(o.DeliveryID)
	ctx, cancel := context.WithTimeout(ctx, s.patience) // for both ways together
	defer cancel()
	if done, err := s.finishQuickly(ctx, o, number); done {
		return s.fail("finish delivery", err)
	}
	q := s.settling
	if !o.Taken {
		q = s.placing
	}
	return s.do(ctx, "finish delivery", q, &finishDelivery{o, number})
}

type finishDelivery struct {
	outcome pin.Outcome
	number  deliveryNumber
}

func (c *finishDelivery) want(w *wants) {
	w.pins[c.number.pin] = true
	if !c.outcome.Taken {
		w.freed = append(w.freed, c.number)
	}
}

func (c *finishDelivery) play(b *books) error {
	o := c.outcome
	p, e, err := b.delivery(c.number)
	if err != nil {
		return err
	}
	e.Finish(o)
	p.changed = true
	if o.RemoteID != "" {
		b.noteRemote(p, e, o.DeliveryID)
	}
	if o.Answer != nil {
		b.answers = append(b.answers, givenAnswer{o.DeliveryID, *o.Answer})
	}
	if o.Taken {
		p.noteSent(o.At)
	}
	return nil
}

// delivery gives a delivery that is locked, to be changed in place, and its PIN.
func (b *books) delivery(number deliveryNumber) (*heldPIN, *deliverylog.Entry, error) {
	p := b.pins[number.pin]
	if p == nil {
		return nil, nil, fault.NotFoundf("%s", noDelivery)
	}
	log, err := p.deliveriesOf()
	if err != nil {
		return nil, nil, err
	}
	e := log.Find(number.own)
	if e == nil {
		return nil, nil, fault.NotFoundf("%s", noDelivery)
	}
	return p, e, nil
}

// RecordReceipt notes a carrier's receipt on the delivery it names by AttemptID, or by Carrier and RemoteID, and closes
// it. It overwrites StateUnknown and StateAccepted, which only say that nothing more is known, but no other final
// state. The PIN's SentAt becomes the receipt's At when it is not set yet: whoever reports on a message has taken it.
// fault.NotFound when there is no such delivery.
func (s *Store) RecordReceipt(ctx context.Context, r delivery.Receipt) error {
	number, _ := s.deliveryNumber(r.AttemptID)
	err := s.see(ctx, func(o pin.Outcome, of deliveryNumber) bool {
		return of == number || r.AttemptID == "" && o.RemoteID == r.RemoteID
	})
	if err != nil {
		return s.fail("record receipt", err)
	}
	if r.AttemptID == "" {
		if number, err = s.remoteDelivery(ctx, r); err != nil {
			return err
		}
	}
	return s.do(ctx, "record receipt", s.settling, &recordReceipt{r, number})
}

// remoteDelivery finds the newest delivery that its carrier calls so.
func (s *Store) remoteDelivery(ctx context.Context, r delivery.Receipt) (none deliveryNumber, err error) {
	type candidate struct {
		number     deliveryNumber
		deliveries []byte
	}
	found, err := list(ctx, s, "find delivery", func(r row) (c candidate, err error) {
		err = r.Scan(&c.number.pin, &c.number.own, &c.deliveries)
		return c, err
	}, remoteQuery, hashOfRemote(r.Carrier, r.RemoteID))
	if err != nil {
		return none, err
	}
	if ours, is := s.deliveryNumber(r.RemoteID); is && len(found) == 0 { // a carrier may use our id for its own
		p, err := s.readers.pins.get(ctx, ours.pin)
		switch {
		case err == nil:
			found = append(found, candidate{ours, p.deliveries})
		case !fault.Is(err, fault.NotFound):
			return none, err
		}
	}
	for _, c := range found {
		log, err := deliverylog.Parse(c.deliveries)
		if err != nil {
			return none, s.fail("find delivery", err)
		}
		if e := log.Find(c.number.own); e != nil && e.Carrier == r.Carrier && e.RemoteID == r.RemoteID {
			return c.number, nil
		}
	}
	return none, fault.NotFoundf("%s", noDelivery)
}

type recordReceipt struct {
	receipt delivery.Receipt
	number  deliveryNumber
}

func (c *recordReceipt) want(w *wants) { w.pins[c.number.pin] = true }

func (c *recordReceipt) play(b *books) error {
	p, e, err := b.delivery(c.number)
	if err != nil {
		return err
	}
	e.Receive(c.receipt)
	p.changed = true
	p.noteSent(c.receipt.At)
	return nil
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
