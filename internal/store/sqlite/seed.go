package sqlite

import (
	"context"
	"database/sql"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
)

const (
	applicationSeeds = "created_at, " + applicationSettings
	messageSeeds     = "application_id, created_at, " + messageSettings
)

// Each changes a row only where it is the account's own; messages and PINs that refer to it stay.
var (
	putApplicationStatement = replaceInto("applications", applicationColumns, applicationSeeds)
	putMessageStatement     = replaceInto("messages", messageColumns, messageSeeds)
)

// PutApplication keeps an application, in place of the account's one with its id. fault.Invalid when another account
// has that id.
func (s *Store) PutApplication(ctx context.Context, a application.Application) error {
	return s.put(ctx, "put application", "applicationId", putApplicationStatement, ToDBApplication(a))
}

// PutMessage keeps a message, in place of the account's one with its id. fault.Invalid when another account has that
// id.
func (s *Store) PutMessage(ctx context.Context, m message.Message) error {
	return s.put(ctx, "put message", "messageId", putMessageStatement, ToDBMessage(m))
}

// put carries out a statement of replaceInto, and names the member that holds the id when it is taken.
func (s *Store) put(ctx context.Context, doing, member, statement string, values []any) error {
	return s.write(ctx, doing, func(tx *sql.Tx) error {
		n, err := affected(ctx, tx, statement, values...)
		if err != nil || n == 1 {
			return err
		}
		faults := fault.Members{}
		faults.Addf(member, "is taken by another account")
		return faults.Err()
	})
}

// replaceInto is the statement that fills the columns of one row, or changes some of them in the row of that id and
// account.
func replaceInto(table, columns, changed string) string {
	return insertInto(table, columns) + " ON CONFLICT (id) DO UPDATE SET (" + changed + ") = (" + excluded(changed) + ")" +
		" WHERE " + table + ".account_id = excluded.account_id"
}
