package sqlite

import (
	"context"
	"database/sql"
)

// chunkSize is about how many PINs are listed at once.
const chunkSize = 2048

const (
	listedQuery   = "SELECT max(last) FROM pin_chunks"
	unlistedQuery = "SELECT count(*), " + openTime + ", " + wipeTime + ", " + expireTime +
		" FROM pins WHERE number > (SELECT max(last) FROM pin_chunks)"
	lastQuery = "SELECT coalesce(max(number), 0) FROM pins"

	listStatement = `
	INSERT INTO pin_list (chunk, application, phone, number)
	SELECT ?1, application, phone, number FROM pins WHERE number > ?2 AND number <= ?1 ORDER BY application, phone, number`

	listLateStatement = "INSERT INTO pin_list (chunk, application, phone, number) VALUES (0, ?, ?, ?)"

	unlistStatement = `
	DELETE FROM pin_list WHERE application = ?1 AND phone = ?2 AND number = ?3 AND chunk IN (0, ?4)`

	removeChunkStatement = `
	DELETE FROM pin_chunks WHERE last = ?1 AND last > 0 AND last < (SELECT max(last) FROM pin_chunks) AND expire_at IS NULL`
)

// unlisted is what the writer knows of the PINs that are not in a chunk yet.
type unlisted struct {
	pins               int           // about how many they are
	open, wipe, expire sql.NullInt64 // nothing of its kind falls due before; see pin_chunks
}

// add counts a PIN.
func (u *unlisted) add(row *PINRow) {
	u.pins++
	earlier(&u.open, toMillis(row.Deliveries.OpenSince()))
	earlier(&u.wipe, toMillis(row.ExpiresAt))
	earlier(&u.expire, toMillis(row.ExpiresAt))
}

func earlier(t *sql.NullInt64, than int64) {
	if !t.Valid || than < t.Int64 {
		*t = sql.NullInt64{Int64: than, Valid: true}
	}
}

// listPINs lists what is not listed yet, in a transaction of its own, once it is worth it.
func (g *group) listPINs() {
	if g.unlisted.pins < chunkSize {
		return
	}
	g.unlisted.pins = 0 // if it fails, it is tried again after as many
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
		_, err := tx.ExecContext(ctx, insertChunkStatement, listed, tx.unlisted.open, tx.unlisted.wipe, tx.unlisted.expire)
		if err == nil { // it was left while it was the last one, though nothing of it was
			_, err = tx.ExecContext(ctx, removeChunkStatement, tx.listed)
		}
		return err
	})
	if err == nil {
		g.listed, g.unlisted = max(g.listed, listed), unlisted{}
	}
}

// list keeps a new PIN's place in the list in mind, or lists it when PINs of higher numbers are listed already.
func (t *transaction) list(ctx context.Context, row *PINRow) error {
	if row.Number > t.listed {
		t.unlisted.add(row)
		return nil
	}
	if _, err := t.ExecContext(ctx, listLateStatement, row.Application, row.Phone, row.Number); err != nil {
		return err
	}
	return t.hasten(ctx, row)
}
