package sqlite

import "context"

const generationQuery = "SELECT n FROM generation"

// Generation is a number that is another one after each change of accounts, keys, applications or messages, in whatever
// process it was made.
func (s *Store) Generation(ctx context.Context) (generation int64, err error) {
	err = s.generation.QueryRowContext(ctx).Scan(&generation)
	return generation, s.fail("read generation", err)
}
