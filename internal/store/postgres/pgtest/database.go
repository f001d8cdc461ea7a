//go:build postgres

package pgtest

import (
	"fmt"
	"testing"
)

// New makes a database from a template, and removes it with the test.
func New(t testing.TB, from string) string {
	t.Helper()
	name := fmt.Sprint("test_", Shared.last.Add(1))
	if err := Shared.Admin("CREATE DATABASE " + name + " TEMPLATE " + from); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Shared.Admin("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return name
}

// emptied are databases that a test has left.
var emptied = make(chan string, 1000)

// Empty is a database with our tables and nothing in them. Making one takes longer than most tests, so those that
// have ended leave theirs to the next.
func Empty(t testing.TB) (name string) {
	t.Helper()
	select {
	case name = <-emptied:
	default:
		name = fmt.Sprint("test_", Shared.last.Add(1))
		if err := Shared.Admin("CREATE DATABASE " + name + " TEMPLATE " + Template); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if err := Shared.AdminIn(name, emptyAll...); err != nil {
			t.Error(err)
			return
		}
		emptied <- name
	})
	return name
}

var emptyAll = []string{
	"DELETE FROM inbox", "DELETE FROM firsts", "DELETE FROM places", "DELETE FROM place_counts", "DELETE FROM agenda",
	"DELETE FROM remotes", "DELETE FROM pins", "DELETE FROM messages", "DELETE FROM applications", "DELETE FROM keys", "DELETE FROM accounts",
	"UPDATE inbox_cursor SET last = 1", "UPDATE generation SET n = 1",
}
