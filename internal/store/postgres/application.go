package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/application"
)

const (
	applicationQuery  = "SELECT " + applicationColumns + " FROM applications WHERE account_id = $1 AND id = $2"
	applicationsQuery = "SELECT " + applicationColumns + " FROM applications WHERE account_id = $1 ORDER BY created_at, seq"
)

// CreateApplication keeps a new application; it is durable when the call returns.
func (s *Store) CreateApplication(ctx context.Context, a application.Application) error {
	return s.exec(ctx, "create application", insertInto("applications", applicationColumns), ToDBApplication(a)...)
}

// Application gives one application, or fault.NotFound.
func (s *Store) Application(ctx context.Context, accountID, id string) (application.Application, error) {
	return s.readers.applications.get(ctx, ownID{accountID, id})
}

// Applications lists an account's applications, oldest first.
func (s *Store) Applications(ctx context.Context, accountID string) ([]application.Application, error) {
	return list(ctx, s, "list applications", FromDBApplication, applicationsQuery, accountID)
}

// UpdateApplication loads, changes and keeps an application in one step, or gives fault.NotFound or what change gives.
// change must not call the store, and may be called again when another replica was in the way.
func (s *Store) UpdateApplication(
	ctx context.Context, accountID, id string, change func(*application.Application) error,
) (application.Application, error) {
	var a application.Application
	err := s.settle(ctx, "update application", func(ctx context.Context, tx pgx.Tx) (err error) {
		if a, err = FromDBApplication(tx.QueryRow(ctx, applicationQuery+" FOR NO KEY UPDATE", accountID, findableText(id))); err != nil {
			return absent(err, noApplication)
		}
		if err := change(&a); err != nil {
			return refusal{err}
		}
		statement := "UPDATE applications SET (" + applicationSettings + ") = (" + marks(applicationSettings, 3) + ")" +
			" WHERE account_id = $1 AND id = $2"
		_, err = tx.Exec(ctx, statement, append([]any{accountID, id}, toDBApplicationSettings(a)...)...)
		return err
	})
	if err != nil {
		return application.Application{}, err
	}
	return a, nil
}
