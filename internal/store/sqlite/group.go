package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	sqlite "modernc.org/sqlite"
)

// group carries out writes: whatever waits when the writer comes free goes into one transaction, so that all of it costs one
// wait for the disk. Nobody is answered before the commit, and a write that is alone waits for nobody.
type group struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	books
	references references
	intervals  map[int64]intervals // of the limits of applications, forgotten like references
	values     []any               // memory of statements, which copy what they are given
	deliveries []byte              // the same
	queue      *writeQueue
	unseen     atomic.Int64 // writes in it that nobody waits for
	ended      sync.WaitGroup
}

// errHalf undoes a transaction with a write that failed half-way, which knows by itself why. If there were others, all are carried
// out again, each with a savepoint. Hardly any write fails after it has changed something, so that savepoints for all would be
// in vain.
var errHalf = errors.New("a write failed half-way")

func newGroup(ctx context.Context, db *sql.DB) (*group, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	g := &group{
		conn: conn, statements: map[string]*sql.Stmt{}, references: references{}, intervals: map[int64]intervals{}, queue: newWriteQueue(),
	}
	g.recent.changed = map[int64]*PINRow{}
	g.ended.Go(g.run)
	return g, nil
}

// carryOut waits until do is carried out and on disk. When ctx ends before, nothing of it stays; the caller hears of that when the
// writer comes to it, or soon.
func (g *group) carryOut(ctx context.Context, pins bool, do func(tx *transaction) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := writes.Get().(*write)
	w.ctx, w.do, w.pins = ctx, do, pins
	if err := g.queue.add(w); err != nil {
		return err
	}
	<-w.done
	err, panicked := w.err, w.panicked
	*w = write{done: w.done}
	writes.Put(w)
	if panicked != nil {
		panic(panicked)
	}
	return err
}

// handOver has do carried out after what waits by now, without waiting for it. lost hears of it if that fails.
func (g *group) handOver(do func(tx *transaction) error, lost func(error)) error {
	g.unseen.Add(1)
	err := g.queue.add(&write{ctx: context.Background(), do: do, pins: true, lost: lost})
	if err != nil {
		g.unseen.Add(-1)
	}
	return err
}

// run is the writer.
func (g *group) run() {
	writes := make([]*write, 0, groupSize)
	for range g.queue.come {
		for {
			// Others that are about to write get to say so: that costs a lone call next to nothing.
			runtime.Gosched()
			runtime.Gosched()
			if writes = g.queue.take(writes[:0]); len(writes) == 0 {
				break
			}
			g.commit(writes)
			g.listPINs()
			clear(writes)
		}
	}
}

// commit carries out writes in one transaction, and answers all of them. When the transaction fails as a whole so do all,
// also those that were refused something: what they were refused for may not be there.
func (g *group) commit(writes []*write) {
	err := g.inTransaction(writes, (*transaction).tryFast)
	if errors.Is(err, errHalf) {
		err = g.inTransaction(writes, (*transaction).trySafely)
	}
	if err != nil && !errors.Is(err, errHalf) {
		for _, w := range writes {
			w.err = err
		}
	}
	for _, w := range writes {
		w.answer(g)
	}
}

// answer tells whoever waits for a write, or whoever handed it over, if it failed.
func (w *write) answer(g *group) {
	if w.lost == nil {
		w.done <- struct{}{}
		return
	}
	g.unseen.Add(-1)
	if w.panicked != nil {
		w.err = fmt.Errorf("panic: %v", w.panicked)
	}
	if w.err != nil {
		w.lost(w.err)
	}
}

func (g *group) inTransaction(writes []*write, try func(*transaction, *write) error) error {
	if len(writes) == 1 {
		try = (*transaction).tryFast // it needs no savepoint: the transaction is its own
	}
	return g.transact(func(tx *transaction) error {
		for _, w := range writes {
			if err := try(tx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// transact carries out do in a transaction; nothing of it stays when it fails.
func (g *group) transact(do func(tx *transaction) error) error {
	tx := &transaction{group: g}
	if err := tx.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := tx.compare()
	if err == nil {
		err = do(tx)
	}
	if err == nil {
		err = tx.logPlaces(context.Background())
	}
	if err == nil {
		err = tx.exec("COMMIT")
	}
	if err != nil {
		tx.rollback()
		tx.undo(0)
		tx.recent.undo()
		tx.forgetSettings()
		return err
	}
	tx.settle()
	return nil
}

// close answers what waits, and takes nothing more.
func (g *group) close() error {
	first := g.queue.close()
	g.ended.Wait()
	if !first {
		return nil
	}
	var errs []error
	for _, statement := range g.statements {
		errs = append(errs, statement.Close())
	}
	return errors.Join(append(errs, g.conn.Close())...)
}

// transaction is what writes work with. The end of a caller's context does not reach SQLite, which would undo the writes of
// others too.
type transaction struct {
	*group
	changed bool // since the write under way began
}

// tryFast carries out one write. An error means that it failed half-way, and that the transaction is lost.
func (t *transaction) tryFast(w *write) error {
	t.changed = false
	t.try(w)
	_, broken := errors.AsType[*sqlite.Error](w.err) // SQLite may have ended the transaction, even where nothing was to be changed
	if !w.succeeded() && (t.changed || broken) {
		return errHalf
	}
	return nil
}

// trySafely carries out one write of several. What it did is undone when it fails; an error means that this cannot be, and that
// the transaction is lost.
func (t *transaction) trySafely(w *write) error {
	if err := t.exec("SAVEPOINT one"); err != nil {
		return err
	}
	kept := len(t.changes)
	if t.try(w); !w.succeeded() {
		if err := t.exec("ROLLBACK TO one"); err != nil {
			return err
		}
		t.undo(kept)
	}
	return t.exec("RELEASE one")
}

// try carries out a write, and keeps a panic for the caller whose it is.
func (t *transaction) try(w *write) {
	defer func() { w.panicked = recover() }()
	if w.err = w.ctx.Err(); w.err != nil {
		return
	}
	if !w.pins {
		t.forgetSettings() // for this write, and for those that come after it
		defer t.forgetSettings()
	}
	if w.err = w.do(t); w.err == nil {
		w.err = w.ctx.Err()
	}
}

func (w *write) succeeded() bool { return w.err == nil && w.panicked == nil }

// rollback ends a transaction that failed. It fails only where SQLite has ended it by itself.
func (t *transaction) rollback() { _ = t.exec("ROLLBACK") }

func (t *transaction) exec(statement string) error {
	_, err := t.ExecContext(context.Background(), statement)
	return err
}

// prepared parses each text once.
func (g *group) prepared(text string) (*sql.Stmt, error) {
	if statement := g.statements[text]; statement != nil {
		return statement, nil
	}
	statement, err := g.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	g.statements[text] = statement
	return statement, nil
}

// ExecContext is that of sql.Tx.
func (t *transaction) ExecContext(_ context.Context, text string, args ...any) (sql.Result, error) {
	t.changed = true
	statement, err := t.prepared(text) //nolint:sqlclosecheck // closed with the group
	if err != nil {
		return nil, err
	}
	return statement.ExecContext(context.Background(), args...)
}

// QueryContext is that of sql.Tx.
func (t *transaction) QueryContext(_ context.Context, text string, args ...any) (*sql.Rows, error) {
	t.changed = t.changed || !strings.HasPrefix(text, "SELECT")
	statement, err := t.prepared(text) //nolint:sqlclosecheck // closed with the group
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(context.Background(), args...)
}

// QueryRowContext is that of sql.Tx.
func (t *transaction) QueryRowContext(_ context.Context, text string, args ...any) *sql.Row {
	t.changed = t.changed || !strings.HasPrefix(text, "SELECT")
	statement, err := t.prepared(text) //nolint:sqlclosecheck // closed with the group
	if err != nil {
		return t.conn.QueryRowContext(context.Background(), text, args...) // which fails with the same error
	}
	return statement.QueryRowContext(context.Background(), args...)
}
