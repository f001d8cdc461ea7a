package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

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

const notAnswering = "The store does not answer"

var (
	errClosed  = errors.New("the store is closed")
	errUnknown = errors.New("the connection broke during COMMIT: whether it was carried out is not known")
)

// errGone says that what a row refers to was removed since the caller looked: a sandbox's world was reset or closed beside
// the call. It has no cause: it is no fault of ours.
func errGone() error { return fault.Unavailablef(nil, "What this needs was removed a moment ago") }

// errUnstorable says that PostgreSQL cannot keep a text.
func errUnstorable() error {
	return fault.Invalidf("A text has a character that cannot be stored, such as U+0000")
}

// storable tells whether PostgreSQL can keep a text. It is asked of what callers put into batches, so that they do not
// make the server refuse the whole batch.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// refusal is what a caller's own function gave; it is handed back as it is.
type refusal struct{ error }

// nobodys is a text that no row has.
const nobodys = "\x01"

// findable makes texts that PostgreSQL cannot keep, and so has in no row, into one that it can look for.
func findable(args []any) []any {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = findableText(text)
		}
	}
	return args
}

func findableText(text string) string {
	if storable(text) {
		return text
	}
	return nobodys
}

// fail turns what went wrong into what the interfaces promise.
func (s *Store) fail(doing string, err error) error {
	if r, ok := errors.AsType[refusal](err); ok {
		return r.error
	}
	switch {
	case err == nil:
		return nil
	case isAnswer(err):
		return err
	case codeOf(err) == "23503":
		return errGone()
	case codeOf(err) == "22021":
		return errUnstorable()
	}
	cause := fmt.Errorf("%s: %w", doing, causeOf(err))
	if s.closed.Load() || isUnavailable(err) {
		return fault.Unavailablef(cause, "%s", notAnswering)
	}
	return cause
}

// absent says in words that no row was there.
func absent(err error, text string) error {
	if errors.Is(err, pgx.ErrNoRows) {
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

// isUnavailable tells whether the same call may work later, or once an operator has seen to the server.
func isUnavailable(err error) bool {
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting {
		return true
	}
	if code := codeOf(err); code != "" {
		switch code {
		case "25006", // the server is read-only: it is a standby, or was one a moment ago
			"25P03", "25P04", // it ended a transaction that took too long
			"40001", "40P01", // and it did so several times
			"55P03": // a lock was not to be had in time
			return true
		}
		switch code[:2] {
		case "08", "28", "3D", "53", "57", "58", "F0", "XX":
			return true
		}
		return false
	}
	if _, ok := errors.AsType[settingError](err); ok {
		return true
	}
	return isBroken(err)
}

// isBroken tells whether the connection is the trouble, or the time that was left.
func isBroken(err error) bool {
	for _, known := range []error{
		context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, errClosed, errUnknown,
		errRenumbered, pgx.ErrTxClosed,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	return pgconn.SafeToRetry(err) || pgconn.Timeout(err)
}

// isLost tells whether a connection broke, so that another one may work: the server ended it, or nobody answers on it.
func isLost(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	switch codeOf(err) {
	case "57P01", "57P02": // the server is shut down, or has crashed; it may be back already
		return true
	case "":
		_, connecting := errors.AsType[*pgconn.ConnectError](err)
		return isBroken(err) && !connecting
	}
	return false
}

// mayRepeat tells whether a transaction was undone only because of others that ran beside it: a failed serialization, a
// deadlock, a key of a request that another replica has kept since we looked, or an application that it removed and kept again.
func mayRepeat(err error) bool {
	if errors.Is(err, errRenumbered) {
		return true
	}
	switch codeOf(err) {
	case "40001", "40P01":
		return true
	case "23505":
		e, _ := errors.AsType[*pgconn.PgError](err)
		return e.ConstraintName == "firsts_pkey"
	}
	return false
}

// codeOf is the SQLSTATE of an error; empty for an error that is not the server's.
func codeOf(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && len(e.Code) == 5 {
		return e.Code
	}
	return ""
}

// causeOf is an error as a log may have it: the server's own words may quote values, so of those only that is kept which
// speaks of the server itself.
func causeOf(err error) error {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return err
	}
	text := "SQLSTATE " + e.Code
	for _, part := range []struct{ name, value string }{{"table", e.TableName}, {"constraint", e.ConstraintName}} {
		if part.value != "" {
			text += ", " + part.name + " " + part.value
		}
	}
	if len(e.Code) == 5 && strings.Contains("08 25 28 3D 40 42 53 55 57 58", e.Code[:2]) {
		text += ": " + e.Message
	}
	return errors.New(text)
}
