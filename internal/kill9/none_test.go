//go:build peers && !postgres

package kill9

// withDatabase runs tests that need none.
func withDatabase(tests func() int) int { return tests() }
