package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/world"
)

const (
	applicationSeeds = "created_at, " + applicationSettings
	messageSeeds     = "application_id, created_at, " + messageSettings
)

// Each changes the row that has the id in the account; messages and PINs that refer to it stay.
var (
	putApplicationStatement = replaceInto("applications", applicationColumns, applicationSeeds)
	putMessageStatement     = replaceInto("messages", messageColumns, messageSeeds)
)

// PutSeed keeps applications and their messages, each in place of the account's one with its id: all of them, or none.
func (s *Store) PutSeed(ctx context.Context, contents []world.Content) error {
	return s.settle(ctx, "put seed", func(ctx context.Context, tx pgx.Tx) error {
		// Two seeds of one account may name its applications in any order.
		if len(contents) > 0 {
			if _, err := query(ctx, tx, readText, lockAccountQuery, contents[0].Application.AccountID); err != nil {
				return err
			}
		}
		return putContents(ctx, tx, contents)
	})
}

func putContents(ctx context.Context, tx pgx.Tx, contents []world.Content) error {
	for _, c := range contents {
		if _, err := tx.Exec(ctx, putApplicationStatement, ToDBApplication(c.Application)...); err != nil {
			return err
		}
		for _, m := range c.Messages {
			if _, err := tx.Exec(ctx, putMessageStatement, ToDBMessage(m)...); err != nil {
				return err
			}
		}
	}
	return nil
}

// replaceInto is the statement that fills the columns of one row, or changes some of them in the account's row of that
// id.
func replaceInto(table, columns, changed string) string {
	return insertInto(table, columns) +
		" ON CONFLICT (account_id, id) DO UPDATE SET (" + changed + ") = ROW (" + excluded(changed) + ")"
}
