package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

const notAnswering = "The store does not answer"

func wantNotAnswering(t *testing.T, what string, err error) {
	t.Helper()
	f, is := errors.AsType[*fault.Error](err)
	if !is || f.Kind != fault.Unavailable || f.Text != notAnswering || f.Err == nil {
		t.Errorf("%s: got error %#v, want one of kind Unavailable with text %q and a cause", what, err, notAnswering)
	}
}

func TestClosedStore(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("close: got error %v, want none", err)
		}
	}
	wantNotAnswering(t, "ping", s.Ping(t.Context()))
	_, err := s.PIN(t.Context(), "account", s.identifiers.ID(1, 0))
	wantNotAnswering(t, "read", err)
	wantNotAnswering(t, "write", s.CreateAccount(t.Context(), account.Account{ID: "id", Name: "name"}))
}

func TestFail(t *testing.T) {
	t.Parallel()
	s := &Store{}
	for _, cause := range []error{
		context.Canceled, fmt.Errorf("wrapped: %w", context.DeadlineExceeded), sql.ErrTxDone, sql.ErrConnDone,
	} {
		err := s.fail("do it", cause)
		wantNotAnswering(t, cause.Error(), err)
		if !errors.Is(err, cause) {
			t.Errorf("got error %v, want it to wrap %v", err, cause)
		}
	}
	for _, answer := range []error{
		fault.NotFoundf("%s", noPIN), &pin.LimitError{}, &pin.StateError{State: pin.Used},
	} {
		if got := s.fail("do it", answer); got != answer {
			t.Errorf("got error %v, want it as it was: %v", got, answer)
		}
	}
	odd := errors.New("odd")
	if err := s.fail("do it", odd); err.Error() != "do it: odd" || fault.KindOf(err) != fault.Internal {
		t.Errorf("got error %v of kind %d, want %q of kind %d", err, fault.KindOf(err), "do it: odd", fault.Internal)
	}
	if err := s.fail("do it", nil); err != nil {
		t.Errorf("got error %v, want none", err)
	}
}

func TestLockedFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	holder := openAt(t, path)
	s := openWith(t, path, 20*time.Millisecond)
	defer hold(t, holder)()
	wantNotAnswering(t, "write", s.CreateAccount(t.Context(), account.Account{ID: "id", Name: "name"}))
	if _, err := s.Accounts(t.Context()); err != nil {
		t.Errorf("read: got error %v, want none", err)
	}
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	onWriter(t, s, "PRAGMA max_page_count = "+onWriter(t, s, "PRAGMA page_count"))
	long := account.Account{ID: "id", Name: "name", PasswordHash: strings.Repeat("x", 1<<16)}
	wantNotAnswering(t, "write", s.CreateAccount(t.Context(), long))
	keepAccount(t, s, "small enough")
}

func TestReadOnlyConnection(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	onWriter(t, s, "PRAGMA query_only = 1")
	wantNotAnswering(t, "write", s.CreateAccount(t.Context(), account.Account{ID: "id", Name: "name"}))
}

func TestErrorsHoldNoValues(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	p := pin.PIN{AccountID: "account", ApplicationID: "absent", To: "385915551234", Sealed: []byte("s3cret")}
	err := keep(t.Context(), s, &p)
	if !fault.Is(err, fault.Unavailable) { // what the PIN refers to may have been removed a moment ago
		t.Fatalf("got error %v, want one of kind Unavailable", err)
	}
	if f, _ := errors.AsType[*fault.Error](err); f.Text != "What this needs was removed a moment ago" || f.RetryAfter == 0 || f.Err != nil {
		t.Errorf("got error %#v, want it to say so without a cause, which would be logged as a fault", f)
	}
	for _, value := range []string{"385915551234", "s3cret"} {
		if strings.Contains(err.Error(), value) {
			t.Errorf("got %q in error %q, want it left out", value, err)
		}
	}
}

// TestCancelWhileWaiting cancels calls that wait for the writer, and then works on.
func TestCancelWhileWaiting(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	release := hold(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	wantNotAnswering(t, "write", s.CreateAccount(ctx, account.Account{ID: "id", Name: "name"}))
	release()
	keepAccount(t, s, "name")
}

// TestCancelWhileWriting ends the context in the middle of a transaction: nothing of it stays, and the next one works.
func TestCancelWhileWriting(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	ctx, cancel := context.WithCancel(t.Context())
	err := s.write(ctx, "write", func(tx *transaction) error {
		_, err := tx.ExecContext(ctx, insertInto("accounts", accountColumns), "id", "half", "", "", "", 0, 0)
		cancel()
		return err
	})
	wantNotAnswering(t, "write", err)
	if _, err := s.AccountByName(t.Context(), "half"); !fault.Is(err, fault.NotFound) {
		t.Errorf("account: got error %v, want it not found", err)
	}
	keepAccount(t, s, "whole")
}
