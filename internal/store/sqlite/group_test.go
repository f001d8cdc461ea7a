package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/patience"
)

// hold keeps the writer busy with a transaction, until what it returns is called.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	begun, end, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- s.write(context.WithoutCancel(t.Context()), "hold", func(*transaction) error {
			close(begun)
			<-end
			return nil
		})
	}()
	<-begun
	var once sync.Once
	return func() {
		once.Do(func() {
			close(end)
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// onWriter gives the one value of a query, such as a pragma, or nothing when it gives none.
func onWriter(t *testing.T, s *Store, query string) (value string) {
	t.Helper()
	err := s.write(t.Context(), "query", func(tx *transaction) error {
		err := tx.conn.QueryRowContext(t.Context(), query).Scan(&value)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func onReader(t *testing.T, s *Store, query string) (value string) {
	t.Helper()
	if err := s.readers.QueryRowContext(t.Context(), query).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func insertAccount(tx *transaction, name string) error {
	_, err := tx.ExecContext(context.Background(), insertInto("accounts", accountColumns), name, name, "", "", "", 0, 0)
	return err
}

// wantAccounts looks at which of the accounts are there.
func wantAccounts(t *testing.T, s *Store, there map[string]bool) {
	t.Helper()
	for name, want := range there {
		if _, err := s.AccountByName(t.Context(), name); err != nil != !want {
			t.Errorf("account %s: got error %v, want it there %v", name, err, want)
		}
	}
}

// TestGroup gathers writes that fare differently in one transaction: one that fails, panics or is left does nothing, and
// nothing to the others.
func TestGroup(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	release := hold(t, s)
	before := onReader(t, s, "SELECT count(*) FROM accounts")
	refused := errors.New("refused")
	leaving, leave := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for name, do := range map[string]func(tx *transaction) error{
		"good":      func(tx *transaction) error { return insertAccount(tx, "good") },
		"also good": func(tx *transaction) error { return insertAccount(tx, "also good") },
		"refused":   func(tx *transaction) error { return errors.Join(insertAccount(tx, "refused"), refused) },
		"wrong": func(tx *transaction) error {
			return errors.Join(insertAccount(tx, "wrong"), insertAccount(tx, "wrong"))
		},
		"panics": func(tx *transaction) error { panic(insertAccount(tx, "panics")) },
		"leaves": func(tx *transaction) error { leave(); return insertAccount(tx, "leaves") },
	} {
		all.Go(func() {
			defer func() {
				if caught := recover(); (caught != nil) != (name == "panics") {
					t.Errorf("%s: panics with %v", name, caught)
				}
			}()
			ctx := t.Context()
			if name == "leaves" {
				ctx = leaving
			}
			err := s.write(ctx, "test", do)
			if good := name == "good" || name == "also good"; (err == nil) != good {
				t.Errorf("%s: got error %v", name, err)
			}
		})
	}
	waitFor(t, func() bool { return s.writes.queue.len() == 6 })
	if onReader(t, s, "SELECT count(*) FROM accounts") != before {
		t.Error("something is there before its commit")
	}
	release()
	all.Wait()
	wantAccounts(t, s, map[string]bool{
		"good": true, "also good": true, "refused": false, "wrong": false, "panics": false, "leaves": false,
	})
}

func waitFor(t *testing.T, is func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come about in time")
		}
	}
}

// TestGroup_of_a_transaction_that_fails has one of several writes end the transaction of all.
func TestGroup_of_a_transaction_that_fails(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(tx *transaction) error{
		"by a statement": func(tx *transaction) error { return errors.Join(tx.exec("ROLLBACK"), errAfterwards) },
		"while it looks, as where the disk cannot be read": func(tx *transaction) error {
			if _, err := tx.conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
				return err
			}
			var n int
			return tx.QueryRowContext(context.Background(), "SELECT n FROM nowhere").Scan(&n)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, newPath(t))
			release := hold(t, s)
			errs := make(chan error, 3)
			for i, do := range []func(tx *transaction) error{
				func(tx *transaction) error { return insertAccount(tx, "first") },
				end,
				func(tx *transaction) error { return insertAccount(tx, "last") },
			} {
				go func() { errs <- s.write(t.Context(), "test", do) }()
				waitFor(t, func() bool { return s.writes.queue.len() == i+1 })
			}
			release()
			for range cap(errs) {
				if err := <-errs; err == nil {
					t.Error("a write of a lost transaction succeeds")
				}
			}
			wantAccounts(t, s, map[string]bool{"first": false, "last": false})
			keepAccount(t, s, "later")
		})
	}
}

// TestGroup_dismisses those whose context ends while the writer is long at others: they are told soon, and nothing of theirs stays.
func TestGroup_dismisses(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	release := hold(t, s)
	defer release()
	stays := make(chan error, 1)
	go func() {
		stays <- s.write(t.Context(), "test", func(tx *transaction) error { return insertAccount(tx, "stays") })
	}()
	leaving, leave := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, leave)
	timed := patience.Within(t.Context(), 50*time.Millisecond)
	var all sync.WaitGroup
	for name, ctx := range map[string]context.Context{"leaves": leaving, "timed": timed} {
		all.Go(func() {
			err := s.write(ctx, "test", func(tx *transaction) error { return insertAccount(tx, name) })
			if !errors.Is(err, ctx.Err()) && !fault.Is(err, fault.Unavailable) || err == nil {
				t.Errorf("%s: got error %v, want %v", name, err, ctx.Err())
			}
		})
	}
	all.Wait() // while the writer is held
	if n := s.writes.queue.len(); n != 1 {
		t.Errorf("%d wait yet, want the one that does not leave", n)
	}
	release()
	if err := <-stays; err != nil {
		t.Error(err)
	}
	wantAccounts(t, s, map[string]bool{"stays": true, "leaves": false, "timed": false})
}

// TestWriteQueue_dismisses_beside_short_transactions: that the writer comes back soon does not keep a long queue from being looked at.
func TestWriteQueue_dismisses_beside_short_transactions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newWriteQueue()
		leaving, leave := context.WithCancel(t.Context())
		last := &write{ctx: leaving, done: make(chan struct{}, 1)}
		for range queueLength - 1 {
			if err := q.add(&write{ctx: t.Context()}); err != nil {
				t.Fatal(err)
			}
		}
		if err := q.add(last); err != nil {
			t.Fatal(err)
		}
		leave()
		for range 3 {
			if taken := q.take(nil); len(taken) != groupSize {
				t.Errorf("took %d, want %d", len(taken), groupSize)
			}
			time.Sleep(patrolTime * 4 / 5)
		}
		select {
		case <-last.done:
		default:
			t.Error("the last one waits yet, want it told that its context has ended")
		}
		if last.err == nil || q.len() != queueLength-3*groupSize-1 {
			t.Errorf("error %v, %d wait; want one, and the others", last.err, q.len())
		}
		for len(q.take(nil)) > 0 {
			continue
		}
	})
}

// TestGroup_begins_nothing_that_is_over: a call whose context has ended by then is not carried out.
func TestGroup_begins_nothing_that_is_over(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	release := hold(t, s)
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	begun := false
	go func() {
		ended <- s.write(ctx, "test", func(*transaction) error {
			begun = true
			return nil
		})
	}()
	waitFor(t, func() bool { return s.writes.queue.len() == 1 })
	leave()
	release()
	if err := <-ended; err == nil || begun {
		t.Errorf("got error %v, begun %t; want an error and nothing done", err, begun)
	}
}

func TestGroup_full(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	release := hold(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range queueLength {
		all.Go(func() {
			_ = s.write(ctx, "test", func(tx *transaction) error { return insertAccount(tx, fmt.Sprint(i)) })
		})
	}
	waitFor(t, func() bool { return s.writes.queue.len() == queueLength })
	err := s.CreateAccount(t.Context(), account.Account{ID: "id", Name: "name"})
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind != fault.Unavailable || f.RetryAfter != time.Second {
		t.Errorf("got error %v, want to be told to come again", err)
	}
	cancel()
	release()
	all.Wait()
	keepAccount(t, s, "after the crowd")
}

// TestGroup_closed lets those that wait have their answer, and takes no others.
func TestGroup_closed(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openAt(t, path)
	release := hold(t, s)
	written := make(chan error, 1)
	go func() {
		written <- s.write(t.Context(), "test", func(tx *transaction) error { return insertAccount(tx, "waiting") })
	}()
	waitFor(t, func() bool { return s.writes.queue.len() == 1 })
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	waitFor(t, s.closed.Load)
	release()
	if err := errors.Join(<-written, <-closed); err != nil {
		t.Error(err)
	}
	wantNotAnswering(t, "write", s.CreateAccount(t.Context(), account.Account{ID: "id", Name: "name"}))
	wantAccounts(t, openAt(t, path), map[string]bool{"waiting": true})
}
