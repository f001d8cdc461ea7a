package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/fault"
)

// tries is how often a call is made that the server or the connection has undone.
const tries = 5

// readCommitted is said each time: the database may have another default.
var readCommitted = pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite}

// write carries out do in one transaction; what it wrote is durable when write returns nil. do may be carried out several
// times, and must not call the store.
func (s *Store) write(ctx context.Context, doing string, do func(ctx context.Context, tx pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	return s.fail(doing, s.repeat(ctx, func() error { return s.inTransaction(ctx, do) }))
}

// settle is write for what is set up and hardly changes: accounts, keys, applications and messages. It counts the
// generation up.
func (s *Store) settle(ctx context.Context, doing string, do func(ctx context.Context, tx pgx.Tx) error) error {
	return s.write(ctx, doing, func(ctx context.Context, tx pgx.Tx) error {
		if err := do(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE generation SET n = n + 1")
		return err
	})
}

// Generation is a number that is another one after each change of accounts, keys, applications or messages, on whichever
// replica it is made.
func (s *Store) Generation(ctx context.Context) (int64, error) {
	return one(ctx, s, "load generation", "", readNumber, "SELECT n FROM generation")
}

// repeat makes a call again as long as nothing of it can have been carried out.
func (s *Store) repeat(ctx context.Context, do func() error) error {
	var err error
	for try := range tries {
		if s.closed.Load() {
			return errClosed
		}
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), err)
		}
		err = do()
		if err == nil || errors.Is(err, errUnknown) || !mayRepeat(err) && !isLost(ctx, err) {
			return err
		}
		pause(ctx, try)
	}
	return err
}

// pause waits a little longer after each try, so that those who were in each other's way part.
func pause(ctx context.Context, try int) {
	select {
	case <-time.After(time.Duration(try*try) * time.Millisecond):
	case <-ctx.Done():
	}
}

func (s *Store) inTransaction(ctx context.Context, do func(ctx context.Context, tx pgx.Tx) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	tx, err := conn.BeginTx(ctx, readCommitted)
	if err != nil {
		return err
	}
	if err := do(ctx, tx); err != nil {
		_ = tx.Rollback(ctx) // a connection that cannot do that is given up by the pool
		return err
	}
	return committed(conn.Conn(), tx.Commit(ctx))
}

// committed tells what became of a COMMIT. An error of the server, other than that it is going away, means that it was
// not carried out.
func committed(conn *pgx.Conn, err error) error {
	switch code := codeOf(err); {
	case err == nil && conn.PgConn().CustomData()[unreplicated] != nil:
		return errors.Join(errUnknown, conn.Close(context.Background()))
	case err == nil, code != "" && (code[:2] != "57" || code == "57014"), errors.Is(err, pgx.ErrTxCommitRollback):
		return err
	}
	return errors.Join(errUnknown, causeOf(err))
}

// exec is settle for a single statement.
func (s *Store) exec(ctx context.Context, doing, statement string, args ...any) error {
	return s.settle(ctx, doing, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, statement, args...)
		return err
	})
}

// read makes a query, on another connection when the first is found broken.
func (s *Store) read(ctx context.Context, doing string, do func(ctx context.Context, rows pgx.Rows) error, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	return s.fail(doing, s.repeat(ctx, func() error {
		rows, err := s.pool.Query(ctx, query, findable(args)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		return do(ctx, rows)
	}))
}

// list reads all rows of a query.
func list[T any](ctx context.Context, s *Store, doing string, from func(row) (T, error), query string, args ...any) ([]T, error) {
	var all []T
	err := s.read(ctx, doing, func(_ context.Context, rows pgx.Rows) (err error) {
		all, err = collect(rows, from)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// one reads one row, or gives fault.NotFound in the words of missing.
func one[T any](ctx context.Context, s *Store, doing, missing string, from func(row) (T, error), query string, args ...any) (T, error) {
	all, err := list(ctx, s, doing, from, query, args...)
	if err == nil && len(all) == 0 {
		err = fault.NotFoundf("%s", missing)
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// collect reads and closes rows.
func collect[T any](rows pgx.Rows, from func(row) (T, error)) ([]T, error) {
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := from(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// query reads all rows inside a transaction.
func query[T any](ctx context.Context, tx pgx.Tx, from func(row) (T, error), text string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, text, findable(args)...)
	if err != nil {
		return nil, err
	}
	return collect(rows, from)
}

// affected carries out a statement and says how many rows it touched.
func affected(ctx context.Context, tx pgx.Tx, statement string, args ...any) (int, error) {
	tag, err := tx.Exec(ctx, statement, args...)
	return int(tag.RowsAffected()), err
}

// exists tells whether a query gives a row.
func exists(ctx context.Context, tx pgx.Tx, text string, args ...any) (bool, error) {
	found, err := query(ctx, tx, readText, text, args...)
	return len(found) > 0, err
}

// readText reads a row of one text.
func readText(r row) (text string, err error) {
	err = r.Scan(&text)
	return text, err
}

// insertInto is the statement that fills the columns of one row.
func insertInto(table, columns string) string {
	return "INSERT INTO " + table + " (" + columns + ") VALUES (" + marks(columns, 1) + ")"
}

// marks are as many placeholders as there are columns, numbered from first.
func marks(columns string, first int) string {
	all := make([]string, strings.Count(columns, ",")+1)
	for i := range all {
		all[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(all, ", ")
}

// excluded are the values of columns that an insert could not fill.
func excluded(columns string) string {
	return "excluded." + strings.ReplaceAll(columns, ", ", ", excluded.")
}

// conditions gathers what a row must fulfil.
type conditions struct {
	texts []string
	args  []any
}

// add takes a condition with one placeholder, written %s.
func (c *conditions) add(text string, arg any) {
	c.texts = append(c.texts, fmt.Sprintf(text, c.mark(arg)))
}

// mark is the placeholder of one more argument.
func (c *conditions) mark(arg any) string {
	c.args = append(c.args, arg)
	return "$" + strconv.Itoa(len(c.args))
}

// where is the clause of all conditions; it is empty when there are none.
func (c *conditions) where() string {
	if len(c.texts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.texts, " AND ")
}
