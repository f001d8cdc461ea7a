// Package sqlite keeps everything in one SQLite file. One connection writes and a few read, so that readers never wait
// for a writer; other processes may have the file open at the same time.
package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/blockid"
)

// readerCount is how many reads go on at once.
const readerCount = 4

// busyTimeout is how long a call waits for another process that writes.
const busyTimeout = 5 * time.Second

// Store is the store of every noun. It is safe for concurrent use.
type Store struct {
	writer     *sql.DB
	writes     *group // has the writer's connection, once the tables are up to date
	readers    *sql.DB
	generation *sql.Stmt // asked for with every lease of the cache
	pin        *sql.Stmt
	closed     atomic.Bool

	identifiers *blockid.Cipher
	numbers     numbers
}

var (
	_ account.Store     = (*Store)(nil)
	_ application.Store = (*Store)(nil)
	_ message.Store     = (*Store)(nil)
	_ pin.Store         = (*Store)(nil)
	_ inbox.Store       = (*Store)(nil)
)

// Option changes how the file is worked with.
type Option func(writer url.Values)

// WithSynchronousNormal waits for the disk at checkpoints alone and not at every commit: what was answered still survives the
// end of the process, but not a crash of the system or the loss of power, after which the last commits may be missing.
func WithSynchronousNormal() Option {
	return func(writer url.Values) { writer.Set("_synchronous", "NORMAL") }
}

// Open opens the database file at path, readable by its owner alone when it has to be made, and brings its tables up to
// date. A file of a newer program, or one that cannot be written, is refused.
func Open(ctx context.Context, path string, options ...Option) (*Store, error) {
	s, err := open(ctx, path, busyTimeout, options...)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	return s, nil
}

// open is Open with a patience of the caller's own.
func open(ctx context.Context, path string, patience time.Duration, options ...Option) (*Store, error) {
	if path == "" {
		return nil, errors.New("no path is given")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := createFile(path); err != nil {
		return nil, err
	}
	s := &Store{}
	if s.writer, err = connect(writerDSN(path, patience, options...), 1); err != nil {
		return nil, err
	}
	if s.readers, err = connect(readerDSN(path, patience), readerCount); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	if err := s.prepare(ctx, patience); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// OpenMemory opens a database that lives in memory, apart from all others, until it is closed. It is for tests: it waits
// for no disk, and readers wait for the writer.
func OpenMemory(ctx context.Context) (*Store, error) {
	// SQLite shares what is under one name with all connections of the process.
	name := "/" + rand.Text()
	memory := func(dsn string) string { return dsn + "&vfs=memdb" }
	s := &Store{}
	var err error
	if s.writer, err = connect(memory(writerDSN(name, busyTimeout)), 1); err != nil {
		return nil, err
	}
	if s.readers, err = connect(memory(readerDSN(name, busyTimeout)), readerCount); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	if err = s.migrate(ctx); err == nil {
		err = s.begin(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store in memory: %w", err), s.Close())
	}
	return s, nil
}

// prepare turns a file of any age into one that this program works with.
func (s *Store) prepare(ctx context.Context, patience time.Duration) error {
	if err := s.useWAL(ctx, patience); err != nil {
		return s.fail("turn on the write-ahead log", err)
	}
	if err := s.migrate(ctx); err != nil {
		return s.fail("migrate", err)
	}
	return s.begin(ctx)
}

// begin lets writes be made.
func (s *Store) begin(ctx context.Context) (err error) {
	if s.generation, err = s.readers.PrepareContext(ctx, generationQuery); err != nil {
		return s.fail("open", err)
	}
	if s.pin, err = s.readers.PrepareContext(ctx, pinQuery); err != nil {
		return s.fail("open", err)
	}
	if err := s.loadIdentifiers(ctx); err != nil {
		return s.fail("load identifiers", err)
	}
	if s.writes, err = newGroup(ctx, s.writer); err != nil {
		return s.fail("open", err)
	}
	return s.Ping(ctx)
}

// Ping reads, and begins to write without writing, so that a file that is locked or read-only is found out. It takes no
// longer than ctx and the busy timeout allow.
func (s *Store) Ping(ctx context.Context) error {
	var tables int
	if err := s.readers.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return s.fail("ping", err)
	}
	return s.write(ctx, "ping", func(*transaction) error { return nil })
}

// Close ends the store: a call under way is carried through or fails, and calls after that give fault.Unavailable.
// Closing again does nothing.
func (s *Store) Close() error {
	s.closed.Store(true)
	var errs []error
	for _, statement := range []*sql.Stmt{s.generation, s.pin} {
		if statement != nil {
			errs = append(errs, statement.Close())
		}
	}
	errs = append(errs, s.readers.Close())
	if s.writes != nil {
		errs = append(errs, s.writes.close())
	}
	// The writer goes last: the last connection moves the log into the file.
	return errors.Join(append(errs, s.writer.Close())...)
}
