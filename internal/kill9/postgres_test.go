//go:build postgres

package kill9

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/pinpost/pinpost/internal/store/postgres"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// rounds is how often something is killed.
const rounds = 20

// withDatabase runs the tests where they have a PostgreSQL.
func withDatabase(tests func() int) int {
	return pgtest.Run(func(url string) error {
		s, err := postgres.Open(context.Background(), url)
		if err != nil {
			return err
		}
		return s.Close()
	}, tests)
}

// replicas are two programs on one new database.
func replicas(t *testing.T) *service {
	t.Helper()
	database := pgtest.Shared.URL(pgtest.New(t, pgtest.Template))
	keys := filepath.Join(t.TempDir(), "pin.key")
	must(t, os.WriteFile(keys, []byte(hex.EncodeToString(make([]byte, 32))), 0o600))
	var programs []*program
	for range 2 {
		p := newProgram(t, "--store", database, "--pin-key-file", keys)
		p.start(t)
		programs = append(programs, p)
	}
	return newService(t, programs...)
}

// TestKill9_replica kills one of two services on a database after the other: the other one answers everything meanwhile, and
// everything that either has acknowledged is kept.
func TestKill9_replica(t *testing.T) {
	s := replicas(t)
	s.load()
	for round := range rounds {
		victim, other := s.programs[round%2], s.programs[(round+1)%2]
		s.answers(100, victim, other)
		victim.kill()
		s.answers(150, other)
		victim.start(t)
		s.look(s.book.sample(10))
	}
	s.settle()
}

// TestKill9_database kills the database under two services: they refuse in time while it is away, answer again by themselves
// once it is back, and everything that they have acknowledged is kept.
func TestKill9_database(t *testing.T) {
	s := replicas(t)
	s.load()
	for range rounds {
		s.answers(100, s.programs...)
		s.database.turn()
		must(t, pgtest.Shared.Kill())
		s.refusals(10, s.programs...)
		must(t, pgtest.Shared.Start())
		s.answers(50, s.programs...)
		s.database.turn()
		s.look(s.book.sample(10))
	}
	s.settle()
}
