package sqlite

import (
	"context"
)

// chunkSize is about how many PINs are listed at once.
const chunkSize = 2048

const (
	listedQuery   = "SELECT max(last) FROM pin_chunks"
	unlistedQuery = "SELECT count(*) FROM pins WHERE number > (SELECT max(last) FROM pin_chunks)"
	lastQuery     = "SELECT coalesce(max(number), 0) FROM pins"

	listStatement = `
	INSERT INTO pin_list (chunk, application, phone, number)
	SELECT ?1, application, phone, number FROM pins WHERE number > ?2 AND number <= ?1 ORDER BY application, phone, number`

	listLateStatement = "INSERT INTO pin_list (chunk, application, phone, number) VALUES (0, ?, ?, ?)"

	unlistStatement = `
	DELETE FROM pin_list WHERE application = ?1 AND phone = ?2 AND number = ?3 AND chunk IN (0, ?4)`

	removeChunkStatement = `
	DELETE FROM pin_chunks WHERE last = ?1 AND last > 0 AND last < (SELECT max(last) FROM pin_chunks) AND expire_at IS NULL`
)

// listPINs lists what is not listed yet, in a transaction of its own, once it is worth it.
func (g *group) listPINs() {
	if g.unlisted < chunkSize {
		return
	}
	g.unlisted = 0 // if it fails, it is tried again after as many
	ctx, listed := context.Background(), int64(0)
	err := g.transact(func(tx *transaction) error {
		if err := tx.open(ctx); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, lastQuery).Scan(&listed); err != nil || listed <= tx.listed {
			return err
		}
		if _, err := tx.ExecContext(ctx, listStatement, listed, tx.listed); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, insertChunkStatement, listed, tx.listed)
		return err
	})
	if err == nil {
		g.listed = max(g.listed, listed)
	}
}

// list keeps a new PIN's place in the list in mind, or lists it when PINs of higher numbers are listed already.
func (t *transaction) list(ctx context.Context, row *PINRow) error {
	if row.Number > t.listed {
		t.unlisted++
		return nil
	}
	if _, err := t.ExecContext(ctx, listLateStatement, row.Application, row.Phone, row.Number); err != nil {
		return err
	}
	return t.hasten(ctx, row)
}
