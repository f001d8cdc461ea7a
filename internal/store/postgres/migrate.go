package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
)

// migrations are numbered from 0001 without a gap. A file that was released is never edited; a new one is added.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the advisory lock that replicas which start at once wait for each other with: "pinpost" in ASCII.
const migrationLock = 0x70696e706f7374

// loadSteps gives the statements of each migration, in order.
func loadSteps(files fs.FS) ([]string, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	steps := make([]string, len(names))
	for i, name := range names {
		if !strings.HasPrefix(name, fmt.Sprintf("migrations/%04d_", i+1)) {
			return nil, fmt.Errorf("migration %s should have number %04d", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps[i] = string(text)
	}
	return steps, nil
}

// migrate brings the tables up to date.
func (s *Store) migrate(ctx context.Context) error {
	steps, err := loadSteps(migrations)
	if err != nil {
		return err
	}
	return s.apply(ctx, steps)
}

// apply carries out the steps that the database has not had, all of them or none, under a lock that all replicas know. A
// database that has had them all is not touched, so that a role without the right to make tables will do.
func (s *Store) apply(ctx context.Context, steps []string) error {
	there, err := list(ctx, s, "look for tables", readText, "SELECT 'migrations' WHERE to_regclass('migrations') IS NOT NULL")
	if err != nil {
		return err
	}
	if len(there) > 0 {
		version, err := one(ctx, s, "load version", "", readNumber, versionQuery)
		if err != nil || int(version) == len(steps) {
			return err
		}
	}
	return s.inTransaction(ctx, func(ctx context.Context, tx pgx.Tx) error {
		for _, statement := range []string{
			// A migration may take longer than a call, and so may the wait for another replica's.
			"SET LOCAL statement_timeout = 0",
			"SET LOCAL lock_timeout = 0",
			fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", migrationLock),
			"CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY)",
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		version, err := readNumber(tx.QueryRow(ctx, versionQuery))
		if err != nil {
			return err
		}
		if int(version) > len(steps) {
			return fmt.Errorf("the database has version %d and this program knows only %d: a newer program has written it; "+
				"use that one", version, len(steps))
		}
		return applyFrom(ctx, tx, steps, int(version))
	})
}

// versionQuery counts the migrations that a database has had.
const versionQuery = "SELECT coalesce(max(version), 0) FROM migrations"

func applyFrom(ctx context.Context, tx pgx.Tx, steps []string, version int) error {
	for ; version < len(steps); version++ {
		// Without arguments a text may have many statements.
		if _, err := tx.Conn().PgConn().Exec(ctx, steps[version]).ReadAll(); err != nil {
			return fmt.Errorf("migration %04d: %w", version+1, err)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO migrations VALUES ($1)", version+1); err != nil {
			return err
		}
	}
	return nil
}
