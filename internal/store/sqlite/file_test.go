package sqlite

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openAt(t, path)
	keepAccount(t, s, "writer")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatalf("file%s: got error %v, want a file", suffix, err)
		}
		if got, want := info.Mode(), fs.FileMode(0o600); got != want {
			t.Errorf("mode of file%s: got %v, want %v", suffix, got, want)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	t.Run("takes any letters in a path", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "what? 100%41 #1 & ü.db")
		keepAccount(t, openAt(t, path), "writer")
		if _, err := os.Stat(path); err != nil {
			t.Errorf("file: got error %v, want a file of that name", err)
		}
	})
	t.Run("leaves the mode of a file that is there", func(t *testing.T) {
		t.Parallel()
		path := newPath(t)
		if err := os.WriteFile(path, nil, 0o640); err != nil {
			t.Fatal(err)
		}
		openAt(t, path)
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("mode: got %v, error %v; want 0640", info.Mode(), err)
		}
	})
	for name, path := range map[string]string{
		"refuses no path":           "",
		"refuses a folder":          t.TempDir(),
		"refuses an unknown folder": filepath.Join(t.TempDir(), "absent", "pinpost.db"),
		"refuses another file":      textFile(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(context.Background(), path)
			if err == nil {
				t.Errorf("got store %v, want an error", s)
			}
		})
	}
}

func TestPragmas(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	normal, err := Open(t.Context(), newPath(t), WithSynchronousNormal())
	if err != nil {
		t.Fatalf("open store: got error %v, want none", err)
	}
	defer normal.Close()
	for _, one := range []struct {
		name string
		get  func(pragma string) string
		want map[string]string
	}{
		{"writer", func(pragma string) string { return onWriter(t, s, "PRAGMA "+pragma) }, map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "query_only": "0",
			"secure_delete": "2",
		}},
		{"writer that waits at checkpoints alone", func(pragma string) string { return onWriter(t, normal, "PRAGMA "+pragma) }, map[string]string{
			"journal_mode": "wal", "synchronous": "1",
		}},
		{"readers", func(pragma string) string { return onReader(t, s, "PRAGMA "+pragma) }, map[string]string{
			"journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "5000", "query_only": "1",
		}},
	} {
		for pragma, want := range one.want {
			if got := one.get(pragma); got != want {
				t.Errorf("%s of %s: got %s, want %s", pragma, one.name, got, want)
			}
		}
	}
	if got := s.writer.Stats().MaxOpenConnections; got != 1 {
		t.Errorf("writing connections: got %d, want 1", got)
	}
}

func TestTablesAreStrict(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	rows, err := s.readers.QueryContext(t.Context(),
		"SELECT name FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		t.Errorf("table %s: got a loose one, want all STRICT", name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openWith(t, path, 50*time.Millisecond)
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("got error %v, want none", err)
	}
	other := openAt(t, path)
	release := hold(t, other)
	if err := s.Ping(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("while another writes: got error %v, want one of kind Unavailable", err)
	}
	release()
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("after that: got error %v, want none", err)
	}
}

// TestReadsGoOnWhileWriting holds the write lock and reads.
func TestReadsGoOnWhileWriting(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	err := s.write(t.Context(), "hold the lock", func(tx *transaction) error {
		if _, err := tx.ExecContext(t.Context(), "DELETE FROM inbox"); err != nil {
			return err
		}
		_, err := s.Accounts(t.Context())
		return err
	})
	if err != nil {
		t.Errorf("got error %v, want none", err)
	}
}

// TestWipedIsGone looks for a used PIN in the bytes of the closed file.
func TestWipedIsGone(t *testing.T) {
	t.Parallel()
	const sealed = "sealed-under-a-key"
	for name, one := range map[string]struct {
		use  bool
		want bool
	}{"used": {true, false}, "not used": {false, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			s := openAt(t, path)
			id := keepPIN(t, s, strings.Repeat(sealed, 20)) // long, so that other values cannot take all its room
			if one.use {
				if _, err := s.Attempt(t.Context(), id, time.UnixMilli(1), pin.Rules{MaxAttempts: 3}, manyChecks, right); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(string(content), sealed); got != one.want {
				t.Errorf("sealed PIN in the file: got %t, want %t", got, one.want)
			}
		})
	}
}

func keepAccount(t *testing.T, s *Store, name string) {
	t.Helper()
	if err := s.CreateAccount(t.Context(), account.Account{ID: "id of " + name, Name: name}); err != nil {
		t.Fatalf("create account: got error %v, want none", err)
	}
}

func textFile(t *testing.T) string {
	t.Helper()
	path := newPath(t)
	if err := os.WriteFile(path, []byte(strings.Repeat("This is not a database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
