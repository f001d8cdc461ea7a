//go:build postgres

package postgres

import (
	"testing"

	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
	"github.com/pinpost/pinpost/internal/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Store { return openIn(t, pgtest.Empty(t)) })
}

func TestStore_without_group_commit(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Store {
		return openIn(t, pgtest.Empty(t), WithoutGroupCommit())
	})
}

func TestReopen(t *testing.T) {
	t.Parallel()
	storetest.RunReopen(t, func(t *testing.T) func(*testing.T) storetest.Store {
		database := pgtest.Empty(t)
		return func(t *testing.T) storetest.Store { return openIn(t, database) }
	})
}
