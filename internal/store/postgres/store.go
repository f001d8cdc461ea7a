// Package postgres keeps everything in a PostgreSQL database that any number of replicas share.
//
// # How each promise is kept
//
// Every change is one transaction, READ COMMITTED, and is answered after its COMMIT. The rules stay in Go: a change locks
// the rows that it is about, reads them, asks pin.PIN.State and the like, and writes. Every statement of READ COMMITTED
// sees what was committed before it began, so what is read after the lock is what nobody else can change any more.
//
// Locks are row locks, taken in one order, so that changes wait for each other and do not lock each other out:
//
//  1. accounts;
//  2. applications, by number: the row of an application is the lock of its limits. Whoever takes or frees places holds
//     it, from before it counts until its commit, on whichever replica. It also keeps a PIN from being stored into an
//     account that is emptied meanwhile;
//  3. pins, by number: attempts, single use, and all that becomes of their deliveries, which are in the same row;
//  4. all others: firsts (unique by account and key), the counts of places, the cursor of the inbox, the generation.
//     Rows of the agenda are locked before PINs, but only by those who clean, and they pass over each other's.
//
// Where two of them meet all the same (emptying an account follows no order below it), PostgreSQL breaks the deadlock and
// the loser starts again: nothing of it was committed or answered. The same goes for a failed serialization, which other
// engines that speak PostgreSQL's protocol report, and for a connection that breaks before COMMIT was sent.
//
// # Group commit
//
// Calls that come by the thousand do not have a transaction each. A call hands its change to a queue; a worker takes all
// that wait, and carries them out in one transaction of two round trips: lock and read what all of them are about, play
// them one after the other in memory (where the codes of PINs are compared, too), write what has changed and commit. Then
// it answers each. A worker with nothing to
// do takes a change at once, so that a lone call waits for nobody. A change that is refused (a full limit, an unknown
// PIN) changes nothing and is answered like the others. When the database refuses to write a batch, each of its changes
// is carried out by itself, so that one cannot fail the others. A caller that gives up takes its change out of the queue, or
// leaves it to its batch.
//
// There are several queues, each with one worker: changes that lock an application may have to wait for another replica, and
// outcomes and receipts need not wait with them. What each request reads (keys, applications, messages, PINs) has its own:
// all reads that wait are one round trip, begun after they were asked for. And the outcome of what this replica has just
// stored is written without reading first, in one statement that asks whether the deliveries are still those; if they are
// not, it goes the long way. Where the caller allows it, nobody waits for that: outcomes of some milliseconds are written
// together, and whoever is to see them on this replica waits until they are.
//
// # Rows and numbers
//
// A PIN has a rising number, of a block that its replica took from a sequence, and its public id is made of that number (package
// blockid), so that rows and the index by number grow at their end. All its deliveries are in its row. A send is one row of
// pins, one of places, and a part of a row of the agenda, which says when a PIN is to be looked at again; what becomes of
// it changes no column that has an index.
//
// # What is not known
//
// When a connection breaks after COMMIT was sent and before it was answered, nobody knows whether the batch is stored: its
// callers get fault.Unavailable. A PIN may then exist, with its place in the limits; we have not sent it, since only a
// PIN that was acknowledged is sent. It is given up like one whose process died (pin.AbandonedAfter). The same goes for
// a caller that stops waiting while its batch is under way.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/blockid"
	"github.com/pinpost/pinpost/internal/world"
)

// Store is the store of every noun. It is safe for concurrent use.
type Store struct {
	pool     *pgxpool.Pool
	patience time.Duration
	room     int
	alone    bool           // each change has a transaction of its own
	placing  *queue[change] // changes that lock an application
	settling *queue[change] // all others
	readers  readers
	ids      *blockid.Cipher
	numbers  numbers
	names    names

	finishing *queue[*quickFinish]
	outbox    *outbox
	recent    recent[[]byte]   // the deliveries of PINs
	kept      recent[*pin.PIN] // PINs as they were made, until they are wiped or expire
	forgot    atomic.Int64     // when expired ones were last looked for, in milliseconds
	closed    atomic.Bool
}

var (
	_ account.Store     = (*Store)(nil)
	_ application.Store = (*Store)(nil)
	_ message.Store     = (*Store)(nil)
	_ pin.Store         = (*Store)(nil)
	_ inbox.Store       = (*Store)(nil)
	_ world.Store       = (*Store)(nil)
)

// Option changes how a store works.
type Option func(*options)

type options struct {
	patience time.Duration
	alone    bool
	room     int
}

// WithPatience says how long a call may take before it fails with fault.Unavailable; five seconds when it is not given.
func WithPatience(d time.Duration) Option { return func(o *options) { o.patience = d } }

// WithoutGroupCommit gives each call a transaction of its own. It is for measuring what the grouping brings.
func WithoutGroupCommit() Option { return func(o *options) { o.alone = true } }

// withRoom says how many changes may wait in each queue.
func withRoom(n int) Option { return func(o *options) { o.room = n } }

const (
	defaultPatience = 5 * time.Second
	defaultRoom     = 4096
)

// Open connects to the database at url (postgres://…), refuses a server whose settings would lose what was acknowledged,
// and brings the tables up to date. Replicas may open it at the same time; tables of a newer program are refused. No
// error holds the password.
func Open(ctx context.Context, url string, opts ...Option) (*Store, error) {
	s, err := open(ctx, url, opts)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return s, nil
}

func open(ctx context.Context, url string, opts []Option) (*Store, error) {
	o := options{patience: defaultPatience, room: defaultRoom}
	for _, set := range opts {
		set(&o)
	}
	config, err := configOf(url, o.patience)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, causeOf(err)
	}
	s := &Store{pool: pool, patience: o.patience, room: o.room, alone: o.alone}
	s.recent.most, s.kept.most = mostRecent, mostKept
	if err := s.prepare(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	s.placing, s.settling = start(s.patience, s.room, s.carryOutAll), start(s.patience, s.room, s.carryOutAll)
	s.finishing = start(s.patience, s.room, s.finishAll)
	s.outbox = newOutbox(s.finishLater)
	s.readers = newReaders(s)
	return s, nil
}

// prepare turns a database of any age into one that this program works with.
func (s *Store) prepare(ctx context.Context) error {
	check, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	// The pool would hide why a connection is refused behind further tries.
	if err := s.pool.AcquireFunc(check, func(*pgxpool.Conn) error { return nil }); err != nil {
		return s.fail("connect", err)
	}
	if err := s.migrate(ctx); err != nil {
		return s.fail("migrate", err)
	}
	if err := s.Ping(ctx); err != nil {
		return err
	}
	return s.loadIDKey(ctx)
}

// Ping finds out whether the database answers and can be written to. It takes no longer than ctx and the store's patience
// allow.
func (s *Store) Ping(ctx context.Context) error {
	readOnly, err := one(ctx, s, "ping", "", func(r row) (readOnly bool, err error) {
		err = r.Scan(&readOnly)
		return readOnly, err
	}, "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean")
	if err == nil && readOnly {
		return fault.Unavailablef(errors.New("the database is read-only"), "%s", notAnswering)
	}
	return err
}

// Close ends the store: what was handed over is written, a call under way is carried through or fails, and calls after that give
// fault.Unavailable. Closing again does nothing.
func (s *Store) Close() error {
	s.outbox.close()
	if !s.closed.CompareAndSwap(false, true) {
		return nil
	}
	s.placing.close()
	s.settling.close()
	s.finishing.close()
	s.readers.queue.close()
	s.pool.Close()
	return nil
}

// row is a row to read.
type row interface{ Scan(into ...any) error }

var _ row = (pgx.Row)(nil)
