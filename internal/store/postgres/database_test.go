//go:build postgres

package postgres

import (
	"context"
	"os"
	"testing"

	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

func TestMain(m *testing.M) {
	os.Exit(pgtest.Run(func(url string) error {
		s, err := Open(context.Background(), url)
		if err != nil {
			return err
		}
		return s.Close()
	}, m.Run))
}

// openIn opens a store, and closes it with the test.
func openIn(t testing.TB, database string, opts ...Option) *Store {
	t.Helper()
	s, err := Open(context.Background(), pgtest.Shared.URL(database), opts...)
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
