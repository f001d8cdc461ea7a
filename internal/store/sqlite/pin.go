package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/deliverylog"
)

const (
	pinQuery = "SELECT " + pinFields + " FROM pins p JOIN applications a ON a.seq = p.application" +
		" JOIN messages m ON m.seq = p.message WHERE p.number = ?"

	// Of those that are not listed yet, and then of the chunks that may have one.
	newestSealedQuery = "SELECT number FROM pins WHERE number > (SELECT max(last) FROM pin_chunks) AND sealed IS NOT NULL" +
		" ORDER BY number DESC LIMIT 1"
	listedSealedQuery = "SELECT p.number FROM pin_chunks c CROSS JOIN pins p ON p.number <= c.last" +
		" AND p.number > (SELECT max(b.last) FROM pin_chunks b WHERE b.last < c.last)" +
		" WHERE c.wipe_at IS NOT NULL AND p.sealed IS NOT NULL ORDER BY c.last DESC, p.number DESC LIMIT 1"

	deliveriesStatement = "UPDATE pins SET deliveries = ?, open_since = ?, sent_at = ? WHERE number = ?"

	// A carrier may use an id again after a while; a receipt means the newest message that had it.
	insertRemoteStatement = "INSERT INTO remote_ids (carrier, remote_id, number, delivery) VALUES (?, ?, ?, ?)" +
		" ON CONFLICT DO UPDATE SET number = excluded.number, delivery = excluded.delivery"
)

// CreatePIN keeps a new PIN and its first delivery and takes a place in each limit, or fails with a *pin.LimitError, or
// before that with a *pin.RepeatError when the key in d.Once is taken.
func (s *Store) CreatePIN(ctx context.Context, p pin.PIN, d pin.Delivery, limits []pin.Limit) error {
	pinNumber, number, err := s.newNumbers(p.ID, d.ID)
	if err != nil {
		return err
	}
	phone, err := toPhone(p.To)
	if err != nil {
		return err
	}
	row := &PINRow{PIN: p, Number: pinNumber, Phone: phone, Deliveries: deliverylog.Log{deliverylog.New(number, d)}}
	row.asStored()
	once, id, at := keyed(d), d.ID, d.At
	return s.writePINs(ctx, "create PIN", func(tx *transaction) error {
		if err := refuseRepeat(ctx, tx, row.AccountID, once); err != nil {
			return err
		}
		to, err := tx.refer(ctx, ids{row.AccountID, row.ApplicationID, row.MessageID})
		if err != nil {
			return err
		}
		row.Application = to.application
		if err := tx.open(ctx); err != nil {
			return err
		}
		if err := tx.take(row.Application, placeOf(phone, row.Deliveries[0]), at, limits); err != nil {
			return err
		}
		if err := tx.insertPIN(ctx, row, to.message); err != nil {
			return err
		}
		if err := tx.list(ctx, row); err != nil {
			return err
		}
		if err := tx.keepRemote(ctx, id, row.Number, row.Deliveries[0]); err != nil {
			return err
		}
		tx.recent.keep(row)
		return insertFirst(ctx, tx, &row.PIN, once)
	})
}

// asStored makes a new PIN as it would be read.
func (r *PINRow) asStored() {
	for _, t := range []*time.Time{&r.CreatedAt, &r.ExpiresAt, &r.VerifiedAt, &r.SentAt} {
		*t = fromMillis(toMillis(*t))
	}
	if len(r.Sealed) == 0 {
		r.Sealed = nil
	}
}

var insertPINStatement = insertInto("pins", pinColumns)

// insertPIN keeps a new PIN.
func (t *transaction) insertPIN(ctx context.Context, row *PINRow, message int64) (err error) {
	if t.deliveries, err = row.Deliveries.Append(t.deliveries[:0]); err != nil {
		return err
	}
	t.deliveries = deliverylog.Pad(t.deliveries)
	t.values = AppendDBPIN(t.values[:0], row, message, t.deliveries)
	_, err = t.ExecContext(ctx, insertPINStatement, t.values...)
	return err
}

// placeOf is what a delivery takes in limits.
func placeOf(phone int64, e deliverylog.Entry) place { return place{e.Number, phone, toMillis(e.At)} }

// PIN gives one PIN of the account, or fault.NotFound.
func (s *Store) PIN(ctx context.Context, accountID, id string) (pin.PIN, error) {
	row, err := s.loadPIN(ctx, accountID, id) // SentAt may be late by an outcome that was handed over; no rule asks for it
	return row.PIN, s.fail("load PIN", err)
}

// KnownPIN is PIN, which reads none that was written or read a while ago.
func (s *Store) KnownPIN(ctx context.Context, accountID, id string) (pin.PIN, error) {
	return s.PIN(ctx, accountID, id)
}

// loadPIN gives a PIN of the account, or fault.NotFound.
func (s *Store) loadPIN(ctx context.Context, accountID, id string) (PINRow, error) {
	number, err := s.pinNumber(id)
	if err != nil {
		return PINRow{}, err
	}
	if err := ctx.Err(); err != nil || s.closed.Load() {
		return PINRow{}, cmp.Or(err, sql.ErrConnDone)
	}
	found, err := s.writes.recent.get(number, func() (PINRow, error) {
		return FromDBPIN(s.pin.QueryRowContext(ctx, number))
	})
	if err == nil && found.AccountID != accountID {
		err = sql.ErrNoRows
	}
	if err != nil {
		return PINRow{}, absent(err, noPIN)
	}
	row := *found
	row.ID = id
	return row, nil
}

// SealedSample gives the newest PIN with a sealed code, of whatever account, and whether there is one. Whoever can open it has the
// keys that this database was written with.
func (s *Store) SealedSample(ctx context.Context) (pin.PIN, bool, error) {
	var number int64
	err := s.readers.QueryRowContext(ctx, newestSealedQuery).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		err = s.readers.QueryRowContext(ctx, listedSealedQuery).Scan(&number)
	}
	var row PINRow
	if err == nil {
		row, err = FromDBPIN(s.pin.QueryRowContext(ctx, number))
	}
	if errors.Is(err, sql.ErrNoRows) {
		return pin.PIN{}, false, nil
	}
	row.ID = s.identifiers.ID(number, 0)
	return row.PIN, err == nil, s.fail("load a sealed PIN", err)
}

// AddDelivery keeps one more delivery of a PIN that is Live at d.At and takes a place in each limit. It fails with a
// *pin.RepeatError when the key in d.Once is taken, then with a *pin.StateError when the PIN is not live, then with a
// *pin.LimitError, and with fault.NotFound for an unknown id.
func (s *Store) AddDelivery(ctx context.Context, d pin.Delivery, rules pin.Rules, limits []pin.Limit) (pin.PIN, error) {
	pinNumber, number, err := s.newNumbers(d.PINID, d.ID)
	if err != nil {
		return pin.PIN{}, err
	}
	var row *PINRow
	entry, once, id, pinID, at := deliverylog.New(number, d), keyed(d), d.ID, d.PINID, d.At
	err = s.writePINs(ctx, "add delivery", func(tx *transaction) (err error) {
		if err := tx.open(ctx); err != nil {
			return err
		}
		if row, err = tx.row(ctx, pinNumber, noPIN); err != nil {
			return err
		}
		row.ID = pinID
		if err := refuseRepeat(ctx, tx, row.AccountID, once); err != nil {
			return err
		}
		if state := row.State(at, rules); state != pin.Live {
			return &pin.StateError{State: state}
		}
		if err := tx.take(row.Application, placeOf(row.Phone, entry), at, limits); err != nil {
			return err
		}
		row.Deliveries = append(row.Deliveries, entry)
		if err := tx.keepDeliveries(ctx, row); err != nil {
			return err
		}
		if err := tx.hasten(ctx, row); err != nil {
			return err
		}
		if err := tx.keepRemote(ctx, id, row.Number, entry); err != nil {
			return err
		}
		return insertFirst(ctx, tx, &row.PIN, once)
	})
	if err != nil {
		return pin.PIN{}, err
	}
	return row.PIN, nil
}

// keepRemote lets the delivery with an id be found by the carrier's own id, if it has one.
func (t *transaction) keepRemote(ctx context.Context, id string, pinNumber int64, e deliverylog.Entry) error {
	if e.RemoteID == "" || e.RemoteID == id {
		return nil
	}
	_, err := t.ExecContext(ctx, insertRemoteStatement, e.Carrier, e.RemoteID, pinNumber, e.Number)
	return err
}
