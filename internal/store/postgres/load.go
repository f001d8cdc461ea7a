package postgres

import (
	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/pin"
)

// The statements of the first round trip, in the order of the locks.
const (
	beginStatement = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

	// $3 are deliveries whose places are given back: the applications that these are in are locked, too. A place is in
	// the application of its PIN.
	lockApplicationsQuery = `
	SELECT account_id, id FROM applications WHERE (account_id, id) IN (
		SELECT * FROM unnest($1::text[], $2::text[])
		UNION SELECT p.account_id, p.application_id FROM deliveries d JOIN pins p ON p.id = d.pin_id
			WHERE d.id = ANY ($3::text[]))
	ORDER BY account_id, id FOR NO KEY UPDATE`

	lockDeliveriesQuery = "SELECT " + deliveryColumns + ", reported, open FROM deliveries WHERE id = ANY ($1::text[])" +
		" ORDER BY id FOR NO KEY UPDATE"

	lockPINsQuery = "SELECT " + pinColumns + " FROM pins WHERE id = ANY ($1::text[]) ORDER BY id FOR NO KEY UPDATE"

	freePlacesStatement = `
	WITH gone AS (
		DELETE FROM places f USING deliveries d JOIN pins p ON p.id = d.pin_id
		WHERE d.id = ANY ($1::text[]) AND f.number = p.number AND f.at = d.at AND f.delivery_id = d.id
		RETURNING f.account_id, f.application_id, f.kind, f.at)
	UPDATE place_counts c SET n = c.n - g.n FROM (
		SELECT account_id, application_id, kind, at / 600000 AS slot, count(*) AS n FROM gone GROUP BY 1, 2, 3, 4) g
	WHERE (c.account_id, c.application_id, c.kind, c.slot) = (g.account_id, g.application_id, g.kind, g.slot)`

	messagesThereQuery = "SELECT account_id, id FROM messages" + ownIDs

	firstsQuery = "SELECT " + firstColumns + " FROM firsts WHERE (account_id, key_hash) IN (" +
		"SELECT * FROM unnest($1::text[], $2::bytea[]) UNION ALL SELECT p.account_id, k.hash" +
		" FROM unnest($3::text[], $4::bytea[]) k (pin, hash) JOIN pins p ON p.id = k.pin)"

	// Limits of a number: how many of the newest events to skip, and how many to take after those.
	numberWindowsQuery = `
	SELECT l.i, w.at FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[])
		l (i, number, after, skip, take)
	CROSS JOIN LATERAL (
		SELECT p.at FROM places p WHERE p.number = l.number AND p.at > l.after
		ORDER BY p.at DESC OFFSET l.skip LIMIT l.take) w
	ORDER BY l.i, w.at DESC`

	// Limits of an application: there may be a million events in its window, so the counts say in which slots the wanted
	// ones are, and how many there are in newer slots.
	wholeWindowsQuery = `
	SELECT l.i, w.at FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
		l (i, account, application, kind, after, skip, take)
	CROSS JOIN LATERAL (
		SELECT min(slot) AS oldest, max(slot) AS newest, min(so_far - n) AS newer FROM (
			SELECT slot, n, sum(n) OVER (ORDER BY slot DESC) AS so_far FROM place_counts c
			WHERE c.account_id = l.account AND c.application_id = l.application AND c.kind = l.kind
				AND c.slot >= l.after / 600000) slots
		WHERE so_far > l.skip AND so_far - n < l.skip + l.take AND n > 0) s
	CROSS JOIN LATERAL (
		SELECT p.at FROM places p WHERE p.account_id = l.account AND p.application_id = l.application AND p.kind = l.kind
			AND p.at >= s.oldest * 600000 AND p.at < (s.newest + 1) * 600000
		ORDER BY p.at DESC OFFSET l.skip - s.newer LIMIT l.take) w
	ORDER BY l.i, w.at DESC`
)

// loading is the first round trip of a batch.
func (b *books) loading(w *wants) *pgx.Batch {
	batch := &pgx.Batch{}
	batch.Queue(beginStatement)
	if len(w.applications) > 0 || len(w.freed) > 0 {
		args := append(columnsOf(ownIDsOf(w.applications)), w.freed)
		readEach(batch, readOwnID, func(id ownID) { b.applications[id] = true }, lockApplicationsQuery, args...)
	}
	if len(w.deliveries) > 0 {
		readEach(batch, readHeldDelivery, func(d *heldDelivery) { b.deliveries[d.ID] = d }, lockDeliveriesQuery, idsOf(w.deliveries))
	}
	if len(w.pins) > 0 {
		readEach(batch, FromDBPIN, func(p pin.PIN) { b.pins[p.ID] = &heldPIN{PIN: p} }, lockPINsQuery, idsOf(w.pins))
	}
	if len(w.freed) > 0 {
		batch.Queue(freePlacesStatement, w.freed)
	}
	if len(w.messages) > 0 {
		readEach(batch, readOwnID, func(id ownID) { b.messages[id] = true }, messagesThereQuery, columnsOf(ownIDsOf(w.messages))...)
	}
	if len(w.firsts) > 0 || len(w.firstsOfPINs) > 0 {
		readEach(batch, FromDBFirst, func(f pin.First) { b.firsts[firstKey{f.AccountID, string(f.KeyHash[:])}] = f },
			firstsQuery, w.firstArgs()...)
	}
	b.loadWindows(batch, w)
	return batch
}

// loadWindows reads what the batch must know of limits, once their applications are locked and freed places are gone.
func (b *books) loadWindows(batch *pgx.Batch, w *wants) {
	numbers, wholes := make(columns, 5), make(columns, 7)
	var all []*window
	for key, one := range w.windows {
		b.windows[key.scope] = append(b.windows[key.scope], one)
		i := int64(len(all))
		skip, take := one.skip(w.places)
		if key.phone == "" {
			wholes.add(i, key.account, key.application, int64(key.kind), one.after, int64(skip), int64(take))
		} else {
			numbers.add(i, numberOf(key.scope), one.after, int64(skip), int64(take))
		}
		all = append(all, one)
	}
	times := map[int64][]int64{}
	take := func(at [2]int64) { times[at[0]] = append(times[at[0]], at[1]) }
	if numbers[0] != nil {
		readEach(batch, readNumbers, take, numberWindowsQuery, numbers...)
	}
	if wholes[0] != nil {
		readEach(batch, readNumbers, take, wholeWindowsQuery, wholes...)
	}
	b.loaded = func() {
		for i, one := range all {
			skip, _ := one.skip(w.places)
			one.load(skip, times[int64(i)])
		}
	}
}

// firstArgs are the keys of requests as columns.
func (w *wants) firstArgs() []any {
	var accounts, pins []string
	var hashes, hashesOfPINs [][]byte
	for key := range w.firsts {
		accounts, hashes = append(accounts, key.account), append(hashes, []byte(key.hash))
	}
	for key := range w.firstsOfPINs {
		pins, hashesOfPINs = append(pins, key.pin), append(hashesOfPINs, []byte(key.hash))
	}
	return []any{accounts, hashes, pins, hashesOfPINs}
}

// readEach queues a query and hands on each of its rows.
func readEach[T any](batch *pgx.Batch, from func(row) (T, error), take func(T), text string, args ...any) {
	batch.Queue(text, args...).Query(func(rows pgx.Rows) error {
		all, err := collect(rows, from)
		for _, one := range all {
			take(one)
		}
		return err
	})
}

func readOwnID(r row) (id ownID, err error) {
	err = r.Scan(&id.account, &id.id)
	return id, err
}

func readNumbers(r row) (numbers [2]int64, err error) {
	err = r.Scan(&numbers[0], &numbers[1])
	return numbers, err
}

func readHeldDelivery(r row) (*heldDelivery, error) {
	var held heldDelivery
	var err error
	held.Delivery, err = FromDBDelivery(also{r, []any{&held.reported, &held.open}})
	return &held, err
}

// also is a row with more columns at its end.
type also struct {
	row
	last []any
}

// Scan reads the row's own columns and the last.
func (a also) Scan(into ...any) error { return a.row.Scan(append(into, a.last...)...) }
