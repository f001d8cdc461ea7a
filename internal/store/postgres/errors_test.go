package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

func TestFail(t *testing.T) {
	t.Parallel()
	s := &Store{}
	for _, cause := range []error{
		context.Canceled, fmt.Errorf("wrapped: %w", context.DeadlineExceeded), io.ErrUnexpectedEOF, errUnknown, errClosed,
		&pgconn.PgError{Code: "57P01"}, &pgconn.PgError{Code: "53300"}, &pgconn.PgError{Code: "55P03"},
		&pgconn.PgError{Code: "40001"}, &pgconn.PgError{Code: "25006"}, settingError("off"),
	} {
		f, is := errors.AsType[*fault.Error](s.fail("do it", cause))
		if !is || f.Kind != fault.Unavailable || f.Text != notAnswering || f.Err == nil {
			t.Errorf("%v: got error %#v, want one of kind Unavailable with a cause", cause, f)
		}
	}
	for _, answer := range []error{fault.NotFoundf("%s", noPIN), &pin.LimitError{}, &pin.StateError{State: pin.Used}, &pin.RepeatError{}} {
		if got := s.fail("do it", answer); got != answer {
			t.Errorf("got error %v, want it as it was: %v", got, answer)
		}
	}
	odd := errors.New("odd")
	if err := s.fail("do it", odd); err.Error() != "do it: odd" || fault.KindOf(err) != fault.Internal {
		t.Errorf("got error %v, want %q and of no kind", err, "do it: odd")
	}
	if err := s.fail("do it", nil); err != nil {
		t.Errorf("got error %v, want none", err)
	}
	if err := s.fail("do it", &pgconn.PgError{Code: "23503"}); !fault.Is(err, fault.Unavailable) || errors.Unwrap(err) != nil {
		t.Errorf("got error %v, want it unavailable without a cause, which would be logged as a fault", err)
	}
}

// TestCause asks that what the server says of values is left out, and what it says of itself is not.
func TestCause(t *testing.T) {
	t.Parallel()
	e := &pgconn.PgError{
		Code: "22P02", Message: "invalid input: 385915551234", Detail: "Key (phone)=(385915551234)", Where: "385915551234",
		TableName: "pins", ConstraintName: "pins_pkey",
	}
	if got, want := causeOf(fmt.Errorf("385915551234: %w", e)).Error(), "SQLSTATE 22P02, table pins, constraint pins_pkey"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	e = &pgconn.PgError{Code: "57P03", Message: "the database system is starting up"}
	if got := causeOf(e).Error(); !strings.Contains(got, e.Message) {
		t.Errorf("got %q, want it to say %q", got, e.Message)
	}
}
