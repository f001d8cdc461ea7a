package postgres

import (
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/delivery"
)

// The statements of the second round trip. Each writes any number of rows, given as columns.
var (
	insertPINs = insertMany("pins", pinColumns+", number",
		"text, text, text, text, text, text, boolean, bytea, bigint, bigint, bigint, bigint, bigint, uuid")
	insertDeliveries = insertMany("deliveries", "account_id, "+deliveryColumns,
		"text, text, text, text, text, text, text, bigint, text")
	insertFirsts = insertMany("firsts", firstColumns, "text, bytea, bytea, text, text, text, text, bigint, text")
	insertPlaces = insertMany("places", "kind, account_id, application_id, number, at, delivery_id",
		"bigint, text, text, uuid, bigint, text")
)

const (
	updatePINs = `
	UPDATE pins p SET attempts = u.attempts, verified_at = u.verified_at, sealed = CASE WHEN u.wiped THEN NULL ELSE p.sealed END
	FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::boolean[]) u (id, attempts, verified_at, wiped)
	WHERE p.id = u.id`

	noteSentStatement = `
	UPDATE pins p SET sent_at = u.at FROM unnest($1::text[], $2::bigint[]) u (id, at) WHERE p.id = u.id AND p.sent_at = 0`

	updateDeliveries = `
	UPDATE deliveries d SET state = u.state, open = u.open, reported = u.reported, carrier = u.carrier,
		remote_id = u.remote_id, history = u.history
	FROM unnest($1::text[], $2::text[], $3::boolean[], $4::boolean[], $5::text[], $6::text[], $7::text[])
		u (id, state, open, reported, carrier, remote_id, history)
	WHERE d.id = u.id`

	removeFirsts = "DELETE FROM firsts WHERE (account_id, key_hash) IN (SELECT * FROM unnest($1::text[], $2::bytea[]))"

	countPlaces = `
	INSERT INTO place_counts AS c (account_id, application_id, kind, slot, n)
	SELECT account, application, kind, at / 600000, count(*)
	FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) u (kind, account, application, at) GROUP BY 1, 2, 3, 4
	ON CONFLICT (account_id, application_id, kind, slot) DO UPDATE SET n = c.n + excluded.n`

	keepAnswers = `
	UPDATE firsts f SET answer = u.answer FROM unnest($1::text[], $2::text[]) u (delivery_id, answer)
	WHERE f.delivery_id = u.delivery_id AND f.answer IS NULL`

	insertEntries = `
	WITH cursor AS (UPDATE inbox_cursor SET last = last + $1 RETURNING last - $1 AS before)
	INSERT INTO inbox (seq, id, account_id, application_id, message_id, pin_id, channel, phone, sender, text, spoken, pin,
		encoding, segments, nc_status, call_status, at)
	SELECT cursor.before + u.i, id, account, application, message, pin_id, channel, phone, sender, text, spoken, pin, encoding,
		segments, nc_status, call_status, at
	FROM cursor, unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
		$10::text[], $11::text[], $12::text[], $13::text[], $14::bigint[], $15::text[], $16::text[], $17::bigint[])
		WITH ORDINALITY u (id, account, application, message, pin_id, channel, phone, sender, text, spoken, pin, encoding,
		segments, nc_status, call_status, at, i)
	RETURNING seq`
)

// insertMany is the statement that fills the columns of many rows, in the order in which they are given.
func insertMany(table, columns, types string) string {
	of := strings.Split(types, ", ")
	places := strings.Split(marks(columns, 1), ", ")
	for i := range places {
		places[i] += "::" + of[i] + "[]"
	}
	return "INSERT INTO " + table + " (" + columns + ") SELECT * FROM unnest(" + strings.Join(places, ", ") + ")"
}

// saving is the second round trip of a batch, but for its COMMIT.
func (b *books) saving() (*pgx.Batch, error) {
	batch := &pgx.Batch{}
	b.savePINs(batch)
	if err := b.saveDeliveries(batch); err != nil {
		return nil, err
	}
	if err := b.saveFirsts(batch); err != nil {
		return nil, err
	}
	b.savePlaces(batch)
	b.saveEntries(batch)
	return batch, nil
}

func (b *books) savePINs(batch *pgx.Batch) {
	fresh := make(columns, 14)
	for _, p := range b.newPINs {
		sealed := p.Sealed
		if len(sealed) == 0 {
			sealed = nil // NULL, and not an empty text, is what a wiped PIN has
		}
		fresh.add(p.ID, p.AccountID, p.ApplicationID, p.MessageID, p.To.Digits(), p.From, p.LookupNeeded, sealed,
			toMillis(p.CreatedAt), toMillis(p.ExpiresAt), int64(p.Attempts), toMillis(p.VerifiedAt), toMillis(p.SentAt),
			numberOf(sendsTo(p.AccountID, p.ApplicationID, p.To)))
	}
	fresh.queue(batch, insertPINs)
	changed := make(columns, 4)
	for _, p := range b.pins {
		if p.changed {
			changed.add(p.ID, int64(p.Attempts), toMillis(p.VerifiedAt), p.wiped)
		}
	}
	changed.queue(batch, updatePINs)
	sent := make(columns, 2)
	for _, id := range slices.Sorted(maps.Keys(b.sent)) { // in the order of locks
		sent.add(id, b.sent[id])
	}
	sent.queue(batch, noteSentStatement)
}

func (b *books) saveDeliveries(batch *pgx.Batch) error {
	fresh := make(columns, 9)
	for _, d := range b.newDeliveries {
		begun, err := writeHistory([]delivery.Change{{State: d.State, At: d.At}})
		if err != nil {
			return err
		}
		fresh.add(d.account, d.ID, d.PINID, string(d.Channel), string(d.State), d.Carrier, d.RemoteID, toMillis(d.At), begun)
	}
	fresh.queue(batch, insertDeliveries)
	changed := make(columns, 7)
	for _, d := range b.deliveries {
		if !d.changed {
			continue
		}
		history, err := writeHistory(d.History)
		if err != nil {
			return err
		}
		changed.add(d.ID, string(d.State), d.open, d.reported, d.Carrier, d.RemoteID, history)
	}
	changed.queue(batch, updateDeliveries)
	return nil
}

func (b *books) saveFirsts(batch *pgx.Batch) error {
	replaced := make(columns, 2)
	for _, key := range b.replaced {
		replaced.add(key.account, []byte(key.hash))
	}
	replaced.queue(batch, removeFirsts)
	fresh := make(columns, 9)
	for _, f := range b.newFirsts {
		fresh.add(f.AccountID, f.KeyHash[:], f.Fingerprint[:], f.PINID, f.DeliveryID, string(f.Channel), f.To.Digits(),
			toMillis(f.At), (*string)(nil))
	}
	fresh.queue(batch, insertFirsts)
	answers := make(columns, 2)
	for _, a := range b.answers {
		text, err := writeAnswer(&a.answer)
		if err != nil {
			return err
		}
		answers.add(a.deliveryID, *text)
	}
	answers.queue(batch, keepAnswers)
	return nil
}

func (b *books) savePlaces(batch *pgx.Batch) {
	places, counts := make(columns, 6), make(columns, 4)
	for _, p := range b.places {
		var deliveryID *string
		if p.deliveryID != "" {
			deliveryID = &p.deliveryID
		}
		places.add(int64(p.kind), p.account, p.application, numberOf(p.scope), p.at, deliveryID)
		counts.add(int64(p.kind), p.account, p.application, p.at)
	}
	places.queue(batch, insertPlaces)
	counts.queue(batch, countPlaces)
}

// saveEntries comes last: whoever has the cursor keeps all other inboxes waiting.
func (b *books) saveEntries(batch *pgx.Batch) {
	if len(b.entries) == 0 {
		return
	}
	fresh := make(columns, 16)
	for _, put := range b.entries {
		e := put.entry
		fresh.add(e.ID, e.AccountID, e.ApplicationID, e.MessageID, e.PINID, e.Channel, e.To.Digits(), e.From, e.Text.Reveal(),
			e.Spoken.Reveal(), e.PIN.Reveal(), e.Encoding, int64(e.Segments), e.NCStatus, e.CallStatus, toMillis(e.At))
	}
	last := int64(0)
	readEach(batch, readNumber, func(cursor int64) {
		last = max(last, cursor)
		for i, put := range b.entries {
			put.cursor = last - int64(len(b.entries)-1-i)
		}
	}, insertEntries, append([]any{int64(len(b.entries))}, fresh.args()...)...)
}
