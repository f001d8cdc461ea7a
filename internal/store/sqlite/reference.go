package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// A message is an account's own by its id, whatever application it is of by now.
const referenceQuery = "SELECT a.seq, m.seq FROM applications a JOIN messages m ON m.account_id = a.account_id" +
	" WHERE a.account_id = ? AND a.id = ? AND m.id = ?"

// mostReferences is how many the writer keeps.
const mostReferences = 10_000

// errGone says that what a PIN refers to was removed since the caller looked: a sandbox's world was reset or closed beside the
// call.
var errGone = errors.New("an application or a message is not there any more")

// ids name an application and a message of an account.
type ids struct{ account, application, message string }

// references are the rows of applications and messages by their ids. They are forgotten when one of either may have changed.
type references map[ids]reference

// forgetSettings has the rows of applications and messages, and what applications say of limits, read again when they are needed.
func (g *group) forgetSettings() {
	clear(g.references)
	clear(g.intervals)
}

// reference is the rows of an application and a message.
type reference struct{ application, message int64 }

// refer finds the rows of an application and a message, or fails with errGone.
func (t *transaction) refer(ctx context.Context, to ids) (r reference, err error) {
	r, found := t.references[to]
	if found {
		return r, nil
	}
	err = t.QueryRowContext(ctx, referenceQuery, to.account, to.application, to.message).Scan(&r.application, &r.message)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errGone
	}
	if err == nil {
		if len(t.references) == mostReferences {
			clear(t.references)
		}
		t.references[to] = r
	}
	return r, err
}
