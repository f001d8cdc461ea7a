package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	sqlite "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

// What a caller reads when an id is unknown.
const (
	noAccount     = "Account with given name cannot be found"
	noKey         = "Key with given ID cannot be found"
	noApplication = "Application with given ID cannot be found"
	noMessage     = "Message with given ID cannot be found"
	noPIN         = "PIN with given ID cannot be found"
	noDelivery    = "Delivery with given ID cannot be found"
	noEntry       = "Captured message with given ID cannot be found"
	noWorld       = "World with given ID cannot be found"
	noFirst       = "Request with given key cannot be found"
)

// refusal is what a caller's own function gave; it is handed back as it is.
type refusal struct{ error }

// fail turns what went wrong into what the interfaces promise. No error here holds a value that was stored or asked
// for: SQLite names tables and columns only.
func (s *Store) fail(doing string, err error) error {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[refusal](err); ok {
		return r.error
	}
	switch {
	case isAnswer(err):
		return err
	case errors.Is(err, errGone), isGone(err):
		return fault.Unavailablef(nil, "What this needs was removed a moment ago") // without a cause: no fault of ours
	case s.closed.Load(), isUnavailable(err):
		return fault.Unavailablef(fmt.Errorf("%s: %w", doing, err), "The store does not answer")
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// absent says in words that no row was there.
func absent(err error, text string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFoundf("%s", text)
	}
	return err
}

// isAnswer tells whether the store worked, and err is what it found.
func isAnswer(err error) bool {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return true
	}
	if _, ok := errors.AsType[*pin.LimitError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*pin.RepeatError](err); ok {
		return true
	}
	_, ok := errors.AsType[*pin.StateError](err)
	return ok
}

// isUnavailable tells whether the same call may work later, or once an operator has seen to the file.
func isUnavailable(err error) bool {
	for _, known := range []error{
		context.Canceled, context.DeadlineExceeded,
		sql.ErrTxDone, // a context that ended rolls its transaction back behind our back
		sql.ErrConnDone, driver.ErrBadConn,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	switch primaryCode(err) {
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED, codes.SQLITE_PROTOCOL, codes.SQLITE_INTERRUPT,
		codes.SQLITE_FULL, codes.SQLITE_IOERR, codes.SQLITE_CANTOPEN, codes.SQLITE_READONLY,
		codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return true
	}
	return false
}

// isGone tells whether what a row refers to was removed since the caller looked: a sandbox's world was reset or closed
// beside the call.
func isGone(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == codes.SQLITE_CONSTRAINT_FOREIGNKEY
}

// isBusy tells whether another connection was in the way.
func isBusy(err error) bool {
	code := primaryCode(err)
	return code == codes.SQLITE_BUSY || code == codes.SQLITE_LOCKED
}

// primaryCode is SQLite's result code without the detail in its upper bytes; 0 for an error that is not SQLite's.
func primaryCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return codes.SQLITE_OK
}
