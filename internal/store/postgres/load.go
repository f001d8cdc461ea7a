package postgres

import (
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/pin"
)

// The statements that lock, in the order of the locks.
const (
	beginStatement = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

	// $3 are PINs of which places are given back: the applications that these are in are locked, too.
	lockApplicationsQuery = `
	SELECT account_id, id, seq FROM applications WHERE seq IN (
		SELECT a.seq FROM unnest($1::text[], $2::text[]) w (account, id)
			JOIN applications a ON a.account_id = w.account AND a.id = w.id
		UNION SELECT application FROM pins WHERE number = ANY ($3::bigint[]))
	ORDER BY seq FOR NO KEY UPDATE`

	lockNumberedQuery = "SELECT account_id, id, seq FROM applications WHERE seq = ANY ($1::bigint[]) ORDER BY seq FOR NO KEY UPDATE"

	lockPINsQuery = "SELECT " + pinColumns + " FROM pins WHERE number = ANY ($1::bigint[]) ORDER BY number FOR NO KEY UPDATE"
)

// The statements that look at what the locks keep as it is.
const (
	freePlacesStatement = `
	WITH gone AS (
		DELETE FROM places f USING unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) u (tally, phone, at, event)
		WHERE f.tally = u.tally AND f.phone = u.phone AND f.at = u.at AND f.event = u.event RETURNING f.tally, f.at)
	UPDATE place_counts c SET n = c.n - g.n FROM (
		SELECT tally, at / 600000 AS slot, count(*) AS n FROM gone GROUP BY 1, 2) g
	WHERE (c.tally, c.slot) = (g.tally, g.slot)`

	messagesThereQuery = "SELECT account_id, id, seq FROM messages" + ownIDs

	firstsQuery = "SELECT " + firstColumns + " FROM firsts WHERE (account_id, key_hash) IN (" +
		"SELECT * FROM unnest($1::text[], $2::bytea[]) UNION ALL SELECT a.account_id, k.hash" +
		" FROM unnest($3::bigint[], $4::bytea[]) k (pin, hash) JOIN pins p ON p.number = k.pin" +
		" JOIN applications a ON a.seq = p.application)"
)

var (
	// Limits of a phone: how many of the newest events to skip, and how many to take after those.
	phoneWindowsQuery = `
	SELECT u.i, w.at FROM ` + rowsOf("i, tally, phone, after, skip, take", "bigint, bigint, bigint, bigint, bigint, bigint") + `
	CROSS JOIN LATERAL (
		SELECT p.at FROM places p WHERE p.tally = u.tally AND p.phone = u.phone AND p.at > u.after
		ORDER BY p.at DESC OFFSET u.skip LIMIT u.take) w
	ORDER BY u.i, w.at DESC`

	// Limits of an application: there may be a million events in its window, so the counts say in which slots the wanted
	// ones are, and how many there are in newer slots.
	wholeWindowsQuery = `
	SELECT u.i, w.at FROM ` + rowsOf("i, tally, after, skip, take", "bigint, bigint, bigint, bigint, bigint") + `
	CROSS JOIN LATERAL (
		SELECT min(slot) AS oldest, max(slot) AS newest, min(so_far - n) AS newer FROM (
			SELECT slot, n, sum(n) OVER (ORDER BY slot DESC) AS so_far FROM place_counts c
			WHERE c.tally = u.tally AND c.slot >= u.after / 600000) slots
		WHERE so_far > u.skip AND so_far - n < u.skip + u.take AND n > 0) s
	CROSS JOIN LATERAL (
		SELECT p.at FROM places p WHERE p.tally = u.tally
			AND p.at >= s.oldest * 600000 AND p.at < (s.newest + 1) * 600000
		ORDER BY p.at DESC OFFSET u.skip - s.newer LIMIT u.take) w
	ORDER BY u.i, w.at DESC`
)

// lock adds to a round trip what locks all that the changes are about. known are the numbers of the applications, if they are
// remembered and no others are needed.
func (b *books) lock(batch *pgx.Batch, w *wants, known map[ownID]int64) {
	batch.Queue(beginStatement)
	take := func(a numbered) { b.applications[a.ownID] = a.number }
	switch {
	case len(known) > 0:
		readEach(batch, readOwn, take, lockNumberedQuery, slices.Collect(maps.Values(known)))
	case len(w.applications) > 0 || len(w.freed) > 0:
		freed := make([]int64, len(w.freed))
		for i, d := range w.freed {
			freed[i] = d.pin
		}
		readEach(batch, readOwn, take, lockApplicationsQuery, append(columnsOf(ownIDsOf(w.applications)), freed)...)
	}
	if len(w.pins) > 0 {
		readEach(batch, FromDBPIN, func(p *storedPIN) { b.pins[p.number] = &heldPIN{storedPIN: *p} },
			lockPINsQuery, numbersOf(w.pins))
	}
}

// look adds to a round trip what reads the rest, these messages among it, once the applications have these numbers and freed places
// are known. What it gives turns what was read of limits into windows.
func (b *books) look(batch *pgx.Batch, w *wants, applications map[ownID]int64, messages []ownID) (read func()) {
	b.freePlaces(batch, w.freed)
	if len(messages) > 0 {
		readEach(batch, readOwn, func(m numbered) { b.messages[m.ownID] = m.number },
			messagesThereQuery, columnsOf(messages)...)
	}
	if len(w.firsts) > 0 || len(w.firstsOfPINs) > 0 {
		readEach(batch, FromDBFirst, func(f pin.First) { b.firsts[firstKey{f.AccountID, string(f.KeyHash[:])}] = f },
			firstsQuery, w.firstArgs()...)
	}
	return b.loadWindows(batch, w, applications)
}

// freePlaces gives places back. A delivery that is not there has none.
func (b *books) freePlaces(batch *pgx.Batch, freed []deliveryNumber) {
	gone := make(columns, 4)
	for _, d := range freed {
		p := b.pins[d.pin]
		if p == nil {
			continue
		}
		if log, err := p.deliveriesOf(); err == nil { // whoever plays it meets the error
			if e := log.Find(d.own); e != nil {
				gone.add(tallyOf(p.application, pin.LimitSends), p.phone, toMillis(e.At), e.Number)
			}
		}
	}
	gone.queue(batch, freePlacesStatement)
}

// loadWindows reads what the batch must know of limits, once their applications are locked and freed places are gone.
func (b *books) loadWindows(batch *pgx.Batch, w *wants, applications map[ownID]int64) (read func()) {
	phones, wholes := make(columns, 6), make(columns, 5)
	var all []*window
	for key, one := range w.windows {
		b.windows[key.scope] = append(b.windows[key.scope], one)
		i := int64(len(all))
		all = append(all, one)
		skip, take := one.skip(w.places)
		to, err := toPhone(key.phone)
		tally := tallyOf(applications[ownID{key.account, key.application}], key.kind)
		switch {
		case key.phone == "":
			wholes.add(i, tally, one.after, int64(skip), int64(take))
		case err == nil: // nobody takes a place for another
			phones.add(i, tally, to, one.after, int64(skip), int64(take))
		}
	}
	times := make([][]int64, len(all))
	take := func(at [2]int64) { times[at[0]] = append(times[at[0]], at[1]) }
	if !phones.empty() {
		readEach(batch, readNumbers, take, phoneWindowsQuery, phones.args()...)
	}
	if !wholes.empty() {
		readEach(batch, readNumbers, take, wholeWindowsQuery, wholes.args()...)
	}
	return func() {
		for i, one := range all {
			skip, _ := one.skip(w.places)
			one.load(skip, times[i])
		}
	}
}

// firstArgs are the keys of requests as columns.
func (w *wants) firstArgs() []any {
	var accounts []string
	var pins []int64
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
		defer rows.Close()
		for rows.Next() {
			one, err := from(rows)
			if err != nil {
				return err
			}
			take(one)
		}
		return rows.Err()
	})
}

// numbered is something of an account with its number.
type numbered struct {
	ownID
	number int64
}

func readOwn(r row) (n numbered, err error) {
	err = r.Scan(&n.account, &n.id, &n.number)
	return n, err
}

func readNumbers(r row) (numbers [2]int64, err error) {
	err = r.Scan(&numbers[0], &numbers[1])
	return numbers, err
}
