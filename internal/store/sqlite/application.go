package sqlite

import (
	"context"

	"github.com/pinpost/pinpost/internal/application"
)

const (
	applicationQuery  = "SELECT " + applicationColumns + " FROM applications WHERE account_id = ? AND id = ?"
	applicationsQuery = "SELECT " + applicationColumns + " FROM applications WHERE account_id = ? ORDER BY created_at, seq"
)

// CreateApplication keeps a new application; it is durable when the call returns.
func (s *Store) CreateApplication(ctx context.Context, a application.Application) error {
	return s.exec(ctx, "create application", insertInto("applications", applicationColumns), ToDBApplication(a)...)
}

// Application gives one application, or fault.NotFound.
func (s *Store) Application(ctx context.Context, accountID, id string) (application.Application, error) {
	a, err := FromDBApplication(s.readers.QueryRowContext(ctx, applicationQuery, accountID, id))
	return a, s.fail("load application", absent(err, noApplication))
}

// Applications lists an account's applications, oldest first.
func (s *Store) Applications(ctx context.Context, accountID string) ([]application.Application, error) {
	return list(ctx, s, "list applications", FromDBApplication, applicationsQuery, accountID)
}

// UpdateApplication loads, changes and keeps an application in one step, or gives fault.NotFound or what change gives.
// change must not call the store.
func (s *Store) UpdateApplication(
	ctx context.Context, accountID, id string, change func(*application.Application) error,
) (application.Application, error) {
	var a application.Application
	err := s.write(ctx, "update application", func(tx *transaction) (err error) {
		if a, err = FromDBApplication(tx.QueryRowContext(ctx, applicationQuery, accountID, id)); err != nil {
			return absent(err, noApplication)
		}
		if err := change(&a); err != nil {
			return refusal{err}
		}
		statement := "UPDATE applications SET (" + applicationSettings + ") = (" + marks(applicationSettings) + ")" +
			" WHERE account_id = ? AND id = ?"
		_, err = tx.ExecContext(ctx, statement, append(toDBApplicationSettings(a), accountID, id)...)
		return err
	})
	if err != nil {
		return application.Application{}, err
	}
	return a, nil
}
