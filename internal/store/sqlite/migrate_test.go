package sqlite

import (
	"context"
	"io/fs"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

func versionIn(t *testing.T, s *Store) int {
	t.Helper()
	var version int
	if err := s.readers.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

// idle is a store that has not begun to write.
func idle(t *testing.T) *Store {
	t.Helper()
	s := openAt(t, newPath(t))
	if err := s.writes.close(); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	steps, err := loadSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("brings a new file up to date", func(t *testing.T) {
		t.Parallel()
		if got := versionIn(t, openAt(t, newPath(t))); got != len(steps) {
			t.Errorf("version: got %d, want %d", got, len(steps))
		}
	})
	t.Run("does nothing to a file that is up to date", func(t *testing.T) {
		t.Parallel()
		path := newPath(t)
		first := openAt(t, path)
		keepAccount(t, first, "kept")
		second := openAt(t, path)
		if got := versionIn(t, second); got != len(steps) {
			t.Errorf("version: got %d, want %d", got, len(steps))
		}
		if _, err := second.AccountByName(t.Context(), "kept"); err != nil {
			t.Errorf("account: got error %v, want none", err)
		}
	})
	t.Run("takes up where an older program stopped", func(t *testing.T) {
		t.Parallel()
		s := idle(t)
		more := append(steps[:len(steps):len(steps)], "CREATE TABLE extra (a INTEGER) STRICT; INSERT INTO extra VALUES (1)")
		for range 2 {
			if err := s.apply(t.Context(), more); err != nil {
				t.Fatalf("got error %v, want none", err)
			}
		}
		var rows int
		if err := s.readers.QueryRowContext(t.Context(), "SELECT count(*) FROM extra").Scan(&rows); err != nil || rows != 1 {
			t.Errorf("rows: got %d, error %v; want 1", rows, err)
		}
		if got := versionIn(t, s); got != len(more) {
			t.Errorf("version: got %d, want %d", got, len(more))
		}
	})
	t.Run("leaves nothing of a step that fails", func(t *testing.T) {
		t.Parallel()
		s := idle(t)
		more := append(steps[:len(steps):len(steps)], "CREATE TABLE half (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1)")
		if err := s.apply(t.Context(), more); err == nil {
			t.Error("got no error, want one")
		}
		var tables int
		query := "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"
		if err := s.readers.QueryRowContext(t.Context(), query).Scan(&tables); err != nil || tables != 0 {
			t.Errorf("tables: got %d, error %v; want 0", tables, err)
		}
		if got := versionIn(t, s); got != len(steps) {
			t.Errorf("version: got %d, want %d", got, len(steps))
		}
	})
}

func TestNewerFileIsRefused(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openAt(t, path)
	onWriter(t, s, "PRAGMA user_version = 9999")
	_, err := Open(t.Context(), path)
	if err == nil || !strings.Contains(err.Error(), "version 9999") || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("got error %v, want one that names version 9999 and a newer program", err)
	}
	if got := versionIn(t, s); got != 9999 {
		t.Errorf("version: got %d, want 9999 as before", got)
	}
}

// TestOpenAtOnce opens a file that does not exist yet many times at once: a second migration would fail on the tables
// of the first.
func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	const many = 8
	stores, errs := make([]*Store, many), make([]error, many)
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() { stores[i], errs[i] = Open(context.Background(), path) })
	}
	group.Wait()
	for i, s := range stores {
		if errs[i] != nil {
			t.Errorf("open: got error %v, want none", errs[i])
			continue
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: got error %v, want none", err)
		}
	}
}

// TestOpenWaits opens a file without a log that somebody else is writing: SQLite itself would give up at once.
func TestOpenWaits(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	db, err := connect(dsn(path, url.Values{"_txlock": {"immediate"}}), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = open(t.Context(), path, 50*time.Millisecond)
	wantNotAnswering(t, "open while another writes", err)

	time.AfterFunc(50*time.Millisecond, func() { _ = tx.Rollback() })
	keepAccount(t, openAt(t, path), "late")
}

func TestLoadSteps(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(text), Mode: fs.FileMode(0o600)}
	}
	steps, err := loadSteps(fstest.MapFS{"migrations/0001_a.sql": file("one"), "migrations/0002_b.sql": file("two")})
	if err != nil || strings.Join(steps, ",") != "one,two" {
		t.Errorf("got %q, error %v; want one and two", steps, err)
	}
	for name, files := range map[string]fstest.MapFS{
		"a gap":             {"migrations/0001_a.sql": file("one"), "migrations/0003_c.sql": file("three")},
		"a number twice":    {"migrations/0001_a.sql": file("one"), "migrations/0001_b.sql": file("two")},
		"no number":         {"migrations/first.sql": file("one")},
		"a wrong beginning": {"migrations/0000_a.sql": file("zero")},
	} {
		if steps, err := loadSteps(files); err == nil {
			t.Errorf("%s: got %q, want an error", name, steps)
		}
	}
}

// TestMigrate_of_places_and_chunks begins with a file as the program before left it: limits count on, and what falls due is found.
func TestMigrate_of_places_and_chunks(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	steps, err := loadSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	db, err := connect(writerDSN(path, time.Second), 1)
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{writer: db}
	if err := s.apply(t.Context(), steps[:4]); err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `
	INSERT INTO accounts VALUES (1, 'account', 'name', '', '', '', 0, 0, 0);
	INSERT INTO applications VALUES (1, 'application', 'account', 0, 'app', 1, 'process', 1000, 3, 3, 3600000, 1, 3600000, 10, 3600000, 0);
	INSERT INTO messages (id, account_id, application_id, created_at, text, placeholder, pin_type, pin_length, sender)
		VALUES ('message', 'account', 'application', 0, 'text', '', 'NUMERIC', 4, '');
	WITH n (n) AS (VALUES (1), (2), (3), (4))
	INSERT INTO pins SELECT n, 1, 1, 385915551230 + n, '', 0, CASE n WHEN 3 THEN NULL ELSE x'01' END, 0, 1000 * n, 0, 0, 0,
		CASE n WHEN 2 THEN 5 END, x'010200000000000100' FROM n;
	INSERT INTO pin_chunks VALUES (2), (3);
	INSERT INTO places VALUES (7, 1, 0, 385915551231, 500), (8, 1, 1, 385915551232, 600);`)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	want := map[line][]place{
		{1, pin.LimitSends}: {{7, 385915551231, 500}}, {1, pin.LimitChecks}: {{8, 385915551232, 600}},
	}
	if got := placesOf(t, s, true); !reflect.DeepEqual(got, want) {
		t.Errorf("got places %v, want %v", got, want)
	}
	for query, want := range map[string]string{
		"SELECT group_concat(last) FROM pin_chunks":                      "0,2,3",
		"SELECT group_concat(coalesce(open_since, '-')) FROM pin_chunks": "-,5,-",
		"SELECT group_concat(coalesce(wipe_at, '-')) FROM pin_chunks":    "-,1000,-",
		"SELECT group_concat(coalesce(expire_at, '-')) FROM pin_chunks":  "-,1000,3000",
	} {
		if got := onReader(t, s, query); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	if n, err := s.PurgePINs(t.Context(), time.UnixMilli(4000), time.Hour, 100); err != nil || n < 3 {
		t.Errorf("got %d rows cleaned, error %v, want the three sealed PINs among them", n, err)
	}
	if n := count(t, s, "SELECT count(*) FROM pins WHERE sealed IS NOT NULL"); n != 0 {
		t.Errorf("%d PINs are sealed, want none", n)
	}
	if n, err := s.PurgePINs(t.Context(), time.UnixMilli(4_000_000), time.Millisecond, 100); err != nil || n == 0 {
		t.Errorf("got %d rows cleaned, error %v, want all", n, err)
	}
	if n := count(t, s, "SELECT (SELECT count(*) FROM pins) + (SELECT count(*) FROM place_log)"); n != 0 {
		t.Errorf("%d PINs and places are left, want none", n)
	}
}
