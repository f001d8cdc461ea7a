package postgres

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// The statements of the last round trip. Each writes any number of rows, given as columns.
var (
	insertPINs = insertMany("pins", pinColumns,
		"bigint, bigint, bigint, bigint, bigint, bigint, boolean, text, bytea, bigint, bigint, bigint, bigint, bytea")
	insertFirsts = insertMany("firsts", firstColumns, "text, bytea, bytea, text, text, text, text, bigint, text")
	insertPlaces = insertMany("places", "tally, phone, at, event", "bigint, bigint, bigint, bigint")
	countPlaces  = "INSERT INTO place_counts AS c (tally, slot, n) SELECT * FROM " + rowsOf("tally, slot, n", "bigint, bigint, bigint") +
		" ON CONFLICT (tally, slot) DO UPDATE SET n = c.n + excluded.n"
	insertRemotes = insertMany("remotes", "hash, at, delivery, pin", "bigint, bigint, bigint, bigint") +
		" ON CONFLICT DO NOTHING" // an outcome may be told twice
)

var updatePINs = `
	UPDATE pins p SET attempts = u.attempts, verified_at = u.verified_at, sent_at = u.sent_at, open_since = u.open_since,
		deliveries = u.deliveries, sealed = CASE WHEN u.wiped THEN NULL ELSE p.sealed END
	FROM ` + rowsOf("number, attempts, verified_at, sent_at, open_since, deliveries, wiped",
	"bigint, bigint, bigint, bigint, bigint, bytea, boolean") + ` WHERE p.number = u.number`

const (
	removeFirsts = "DELETE FROM firsts WHERE (account_id, key_hash) IN (SELECT * FROM unnest($1::text[], $2::bytea[]))"

	keepAnswers = `
	UPDATE firsts f SET answer = u.answer FROM unnest($1::text[], $2::text[]) u (delivery_id, answer)
	WHERE f.delivery_id = u.delivery_id AND f.answer IS NULL`

	insertEntries = `
	WITH cursor AS (UPDATE inbox_cursor SET last = last + $1 RETURNING last - $1 AS before)
	INSERT INTO inbox (seq, id, account_id, application_id, message_id, pin_id, channel, phone, sender, text, spoken, pin,
		encoding, segments, nc_status, call_status, at, pin_number)
	SELECT cursor.before + u.i, id, account, application, message, pin_id, channel, phone, sender, text, spoken, pin, encoding,
		segments, nc_status, call_status, at, pin_number
	FROM cursor, unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
		$10::text[], $11::text[], $12::text[], $13::text[], $14::bigint[], $15::text[], $16::text[], $17::bigint[], $18::bigint[])
		WITH ORDINALITY u (id, account, application, message, pin_id, channel, phone, sender, text, spoken, pin, encoding,
		segments, nc_status, call_status, at, pin_number, i)
	RETURNING seq`
)

// insertMany is the statement that fills the columns of many rows, in the order in which they are given.
func insertMany(table, columns, types string) string {
	return "INSERT INTO " + table + " (" + columns + ") SELECT * FROM " + rowsOf(columns, types)
}

// rowsOf is what a statement reads the rows from, named u, that it is given as columns. Elements that are picked by their place cost the
// server a third of unnest, which stores each column away before it joins them.
func rowsOf(names, types string) string {
	of := strings.Split(types, ", ")
	var picked []string
	for i, name := range strings.Split(names, ", ") {
		picked = append(picked, fmt.Sprintf("($%d::%s[])[i] AS %s", i+1, of[i], name))
	}
	return "(SELECT " + strings.Join(picked, ", ") + " FROM generate_series(1, cardinality($1::" + of[0] + "[])) i) u"
}

// save adds to a round trip what writes all that was changed, but for its COMMIT.
func (b *books) save(batch *pgx.Batch) error {
	if err := b.savePINs(batch); err != nil {
		return err
	}
	if err := b.saveFirsts(batch); err != nil {
		return err
	}
	b.savePlaces(batch)
	b.saveEntries(batch)
	return nil
}

func (b *books) savePINs(batch *pgx.Batch) error {
	fresh := make(columns, 14)
	var expiring []dueAt
	for _, p := range b.newPINs {
		if err := p.pack(); err != nil {
			return err
		}
		fresh.add(p.number, p.application, p.message, p.phone, toMillis(p.CreatedAt), toMillis(p.ExpiresAt), p.LookupNeeded,
			p.From, p.Sealed, int64(p.Attempts), toMillis(p.VerifiedAt), toMillis(p.SentAt), p.openSince, p.deliveries)
		expiring = append(expiring, dueAt{toMillis(p.ExpiresAt), p.number})
	}
	fresh.queue(batch, insertPINs)
	changed := make(columns, 7)
	for _, p := range b.pins {
		if !p.changed {
			continue
		}
		if err := p.pack(); err != nil {
			return err
		}
		changed.add(p.number, int64(p.Attempts), toMillis(p.VerifiedAt), toMillis(p.SentAt), p.openSince, p.deliveries, p.wiped)
	}
	changed.queue(batch, updatePINs)
	remotes := make(columns, 4)
	for _, r := range b.remotes {
		remotes.add(r.hash, r.at, r.delivery, r.pin)
	}
	remotes.queue(batch, insertRemotes)
	queueAgenda(batch, map[int64][]dueAt{taskGiveUp: b.open, taskWipe: expiring})
	return nil
}

// pack turns the deliveries into what is stored of them, if anybody looked at them.
func (p *heldPIN) pack() (err error) {
	if p.log != nil {
		p.openSince = toMillis(p.log.OpenSince())
		p.deliveries, err = p.log.Append(nil)
	}
	return err
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
	places, counts := make(columns, 4), make(columns, 3)
	taken := map[[2]int64]int64{}
	for _, p := range b.places {
		places.add(p.tally, p.phone, p.at, p.event)
		taken[[2]int64{p.tally, p.at / slotMillis}]++
	}
	for of, n := range taken {
		counts.add(of[0], of[1], n)
	}
	places.queue(batch, insertPlaces)
	counts.queue(batch, countPlaces)
}

// saveEntries comes last: whoever has the cursor keeps all other inboxes waiting.
func (b *books) saveEntries(batch *pgx.Batch) {
	if len(b.entries) == 0 {
		return
	}
	fresh := make(columns, 17)
	for _, put := range b.entries {
		e := put.entry
		fresh.add(e.ID, e.AccountID, e.ApplicationID, e.MessageID, e.PINID, e.Channel, e.To.Digits(), e.From, e.Text.Reveal(),
			e.Spoken.Reveal(), e.PIN.Reveal(), e.Encoding, int64(e.Segments), e.NCStatus, e.CallStatus, toMillis(e.At), put.pin)
	}
	last := int64(0)
	readEach(batch, readNumber, func(cursor int64) {
		last = max(last, cursor)
		for i, put := range b.entries {
			put.cursor = last - int64(len(b.entries)-1-i)
		}
	}, insertEntries, append([]any{int64(len(b.entries))}, fresh.args()...)...)
}
