// Package pgtest starts a PostgreSQL of their own for tests that are built with the tag postgres.
package pgtest
