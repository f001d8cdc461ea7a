package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/store/storetest"
)

// openAt opens the store at path, and closes it with the test.
func openAt(t *testing.T, path string) *Store {
	t.Helper()
	return openWith(t, path, busyTimeout)
}

// openWith does the same with another patience.
func openWith(t *testing.T, path string, patience time.Duration) *Store {
	t.Helper()
	s, err := open(t.Context(), path, patience)
	if err != nil {
		t.Fatalf("open store: got error %v, want none", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: got error %v, want none", err)
		}
	})
	return s
}

// newPath is a file that does not exist yet.
func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "pinpost.db") }

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Store { return openAt(t, newPath(t)) })
}

func TestGenerations(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	storetest.Generations(t, func(t *testing.T) storetest.Counting { return openAt(t, path) })
}

func TestReopen(t *testing.T) {
	t.Parallel()
	storetest.RunReopen(t, func(t *testing.T) func(*testing.T) storetest.Store {
		path := newPath(t)
		return func(t *testing.T) storetest.Store { return openAt(t, path) }
	})
}
