package sqlite

import (
	"context"
	"database/sql"
	"strings"
)

// write carries out do in a transaction that holds the write lock from its beginning; what it wrote is on disk when write
// returns nil. do must not write by calling the store: there is one writer, and this is it.
func (s *Store) write(ctx context.Context, doing string, do func(tx *transaction) error) error {
	return s.fail(doing, s.writes.carryOut(ctx, false, do))
}

// writePINs is write for what leaves applications and messages as they are.
func (s *Store) writePINs(ctx context.Context, doing string, do func(tx *transaction) error) error {
	return s.fail(doing, s.writes.carryOut(ctx, true, do))
}

// exec is write for a single statement.
func (s *Store) exec(ctx context.Context, doing, statement string, args ...any) error {
	return s.write(ctx, doing, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	})
}

// list reads all rows of a query.
func list[T any](
	ctx context.Context, s *Store, doing string, from func(Row) (T, error), query string, args ...any,
) ([]T, error) {
	all, err := queryAll(ctx, s.readers, from, query, args...)
	return all, s.fail(doing, err)
}

// asker is a connection, a pool or a transaction.
type asker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// queryAll reads all rows that one of them gives.
func queryAll[T any](ctx context.Context, in asker, from func(Row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := in.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, from)
}

// collect reads and closes rows.
func collect[T any](rows *sql.Rows, from func(Row) (T, error)) ([]T, error) {
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

// affected carries out a statement and says how many rows it touched.
func affected(ctx context.Context, tx *transaction, statement string, args ...any) (int, error) {
	result, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// exists tells whether a query gives a row.
func exists(ctx context.Context, tx *transaction, query string, args ...any) (bool, error) {
	var found bool
	err := tx.QueryRowContext(ctx, "SELECT EXISTS ("+query+")", args...).Scan(&found)
	return found, err
}

// insertInto is the statement that fills the columns of one row.
func insertInto(table, columns string) string {
	return "INSERT INTO " + table + " (" + columns + ") VALUES (" + marks(columns) + ")"
}

// marks are as many question marks as there are columns.
func marks(columns string) string { return strings.Repeat("?, ", strings.Count(columns, ",")) + "?" }

// excluded are the values of columns that an insert could not fill.
func excluded(columns string) string {
	return "excluded." + strings.ReplaceAll(columns, ", ", ", excluded.")
}

// conditions gathers what a row must fulfil.
type conditions struct {
	texts []string
	args  []any
}

func (c *conditions) add(text string, args ...any) {
	c.texts = append(c.texts, text)
	c.args = append(c.args, args...)
}

// where is the clause of all conditions; it is empty when there are none.
func (c *conditions) where() string {
	if len(c.texts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.texts, " AND ")
}
