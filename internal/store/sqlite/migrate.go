package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

// migrations are numbered from 0001 without a gap. A file that was released is never edited; a new one is added.
//
//go:embed migrations/*.sql
var migrations embed.FS

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

// migrate brings the tables up to date. The file's user_version counts the migrations it has had.
func (s *Store) migrate(ctx context.Context) error {
	steps, err := loadSteps(migrations)
	if err != nil {
		return err
	}
	return s.apply(ctx, steps)
}

// apply carries out the steps that the file has not had. It takes the write lock only when there are any.
func (s *Store) apply(ctx context.Context, steps []string) error {
	version, err := versionOf(s.writer.QueryRowContext(ctx, "PRAGMA user_version"), len(steps))
	for err == nil && version < len(steps) {
		version, err = s.applyNext(ctx, steps)
	}
	return err
}

func (s *Store) applyNext(ctx context.Context, steps []string) (version int, err error) {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	if version, err = applyNext(ctx, tx, steps); err != nil {
		return 0, err
	}
	return version, tx.Commit()
}

// applyNext carries out one step and gives the version after it. It asks for the version under the write lock, as
// another process may have gone ahead since.
func applyNext(ctx context.Context, tx *sql.Tx, steps []string) (int, error) {
	version, err := versionOf(tx.QueryRowContext(ctx, "PRAGMA user_version"), len(steps))
	if err != nil || version == len(steps) {
		return version, err
	}
	if _, err := tx.ExecContext(ctx, steps[version]); err != nil {
		return version, fmt.Errorf("migration %04d: %w", version+1, err)
	}
	version++
	_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
	return version, err
}

// versionOf reads a file's version and refuses one that this program does not know.
func versionOf(row *sql.Row, known int) (int, error) {
	var version int
	if err := row.Scan(&version); err != nil {
		return 0, err
	}
	if version > known {
		return 0, fmt.Errorf("the database has version %d and this program knows only %d: a newer program has written it; "+
			"use that one", version, known)
	}
	return version, nil
}
