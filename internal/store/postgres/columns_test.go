//go:build postgres

package postgres

import (
	"fmt"
	"testing"

	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// TestColumns reads back what columns are written as.
func TestColumns(t *testing.T) {
	t.Parallel()
	s := openIn(t, pgtest.Empty(t))
	read := func(c columns) string {
		t.Helper()
		all, err := list(t.Context(), s, "read columns", readText, "SELECT concat_ws('|', n, t, coalesce(o, '-'), yes, coalesce(encode(b, 'hex'), '-')) FROM "+
			rowsOf("n, t, o, yes, b", "bigint, text, text, boolean, bytea"), c.args()...)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(all)
	}
	c := make(columns, 5)
	if got := read(c); got != "[]" || !c.empty() {
		t.Errorf("no rows: got %s", got)
	}
	text := "ä"
	c.add(int64(-1), "", &text, true, []byte{0, 255})
	c.add(int64(1)<<62, "two", (*string)(nil), false, []byte(nil))
	c.add(int64(0), "three", &text, false, []byte{})
	if got, want := read(c), "[-1||ä|t|00ff 4611686018427387904|two|-|f|- 0|three|ä|f|]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
