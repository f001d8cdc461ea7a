package postgres

import (
	"context"
	"crypto/sha256"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
)

// ownID is an id that is an account's own.
type ownID struct{ account, id string }

// Each query reads many rows by their keys.
const (
	goodKeysQuery = `
	SELECT k.id, k.account_id, k.name, k.hash, k.created_at, k.revoked_at FROM keys k JOIN accounts a ON a.id = k.account_id
	WHERE k.hash = ANY ($1) AND k.revoked_at = 0 AND a.revoked_at = 0
		AND NOT EXISTS (SELECT 1 FROM accounts p WHERE p.id = a.parent_id AND p.revoked_at <> 0)`

	manyApplicationsQuery = "SELECT " + applicationColumns + " FROM applications" + ownIDs
	manyMessagesQuery     = "SELECT " + messageColumns + " FROM messages" + ownIDs
	manyPINsQuery         = "SELECT " + pinColumns + " FROM pins WHERE number = ANY ($1::bigint[])"

	ownIDs = " WHERE (account_id, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))"
)

// readers are what each request reads. Reads that wait at the same time are made in one round trip; each begins after its
// caller asked, so that none gives what was true before.
type readers struct {
	queue        *queue[reading]
	keys         *lookup[[sha256.Size]byte, account.Key]
	applications *lookup[ownID, application.Application]
	messages     *lookup[ownID, message.Message]
	pins         *lookup[int64, *storedPIN]
}

func newReaders(s *Store) readers {
	q := start(s.patience, s.room, s.readAll)
	return readers{
		queue: q,
		keys: &lookup[[sha256.Size]byte, account.Key]{
			s, q, "load key", noKey, goodKeysQuery, FromDBKey,
			func(hashes [][sha256.Size]byte) []any {
				all := make([][]byte, len(hashes))
				for i := range hashes {
					all[i] = hashes[i][:]
				}
				return []any{all}
			}, func(k account.Key) [sha256.Size]byte { return k.Hash },
		},
		applications: &lookup[ownID, application.Application]{
			s, q, "load application", noApplication, manyApplicationsQuery, FromDBApplication,
			columnsOf, func(a application.Application) ownID { return ownID{a.AccountID, a.ID} },
		},
		messages: &lookup[ownID, message.Message]{
			s, q, "load message", noMessage, manyMessagesQuery, FromDBMessage,
			columnsOf, func(m message.Message) ownID { return ownID{m.AccountID, m.ID} },
		},
		pins: &lookup[int64, *storedPIN]{
			s, q, "load PIN", noPIN, manyPINsQuery, FromDBPIN,
			func(numbers []int64) []any { return []any{numbers} }, func(p *storedPIN) int64 { return p.number },
		},
	}
}

// columnsOf are the two columns of ids.
func columnsOf(ids []ownID) []any {
	accounts, own := make([]string, len(ids)), make([]string, len(ids))
	for i, id := range ids {
		accounts[i], own[i] = findableText(id.account), findableText(id.id)
	}
	return []any{accounts, own}
}

// lookup reads rows of one kind by their keys.
type lookup[K comparable, V any] struct {
	store   *Store
	waiting *queue[reading]
	doing   string
	missing string
	text    string
	from    func(row) (V, error)
	args    func([]K) []any
	keyOf   func(V) K
}

// get gives the row with a key, or fault.NotFound.
func (l *lookup[K, V]) get(ctx context.Context, key K) (V, error) {
	w := &wanted[K, V]{lookup: l, key: key}
	err := l.waiting.do(ctx, w)
	if err == nil && !w.found {
		err = fault.NotFoundf("%s", l.missing)
	}
	if err != nil {
		var none V
		return none, l.store.fail(l.doing, err)
	}
	return w.value, nil
}

// reading is one caller's read.
type reading interface {
	of() source
}

// source is a lookup of whatever kind.
type source interface {
	// queue adds to a round trip what answers all of these reads.
	queue(batch *pgx.Batch, all []reading)
}

// wanted is a key and the row that has it.
type wanted[K comparable, V any] struct {
	lookup *lookup[K, V]
	key    K
	value  V
	found  bool
}

func (w *wanted[K, V]) of() source { return w.lookup }

func (l *lookup[K, V]) queue(batch *pgx.Batch, all []reading) {
	keys := make([]K, 0, len(all))
	seen := make(map[K]bool, len(all))
	for _, one := range all {
		if key := one.(*wanted[K, V]).key; !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	batch.Queue(l.text, l.args(keys)...).Query(func(rows pgx.Rows) error {
		values, err := collect(rows, l.from)
		if err != nil {
			return err
		}
		found := make(map[K]V, len(values))
		for _, v := range values {
			found[l.keyOf(v)] = v
		}
		for _, one := range all {
			w := one.(*wanted[K, V])
			w.value, w.found = found[w.key]
		}
		return nil
	})
}

// readAll makes all reads that wait.
func (s *Store) readAll(tasks []*task[reading]) {
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	defer cancel()
	groups := map[source][]reading{}
	for _, one := range tasks {
		groups[one.value.of()] = append(groups[one.value.of()], one.value)
	}
	err := s.repeat(ctx, func() error {
		batch := &pgx.Batch{}
		for from, all := range groups {
			from.queue(batch, all)
		}
		ask := func(batch *pgx.Batch) error { return s.pool.SendBatch(ctx, batch).Close() }
		if err := ask(batch); err != nil {
			return err
		}
		return s.names.nameAll(s.pinsOf(groups[s.readers.pins]), ask)
	})
	for _, one := range tasks {
		one.err = err
	}
}

// pinsOf are the PINs that were found by these reads, with their ids.
func (s *Store) pinsOf(all []reading) []*storedPIN {
	pins := make([]*storedPIN, 0, len(all))
	for _, one := range all {
		if w := one.(*wanted[int64, *storedPIN]); w.found {
			w.value.ID = s.ids.ID(w.value.number, ofThePIN)
			pins = append(pins, w.value)
		}
	}
	return pins
}
