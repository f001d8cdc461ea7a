package blockid_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/store/blockid"
)

func newCipher(t testing.TB, first byte) *blockid.Cipher {
	t.Helper()
	c, err := blockid.New(append([]byte{first}, bytes.Repeat([]byte{7}, blockid.KeySize-1)...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCipher(t *testing.T) {
	t.Parallel()
	c, seen := newCipher(t, 1), map[string]bool{}
	for _, row := range []int64{0, 1, 2, 1 << 40, math.MaxInt64, -1} {
		for _, part := range []int64{0, 1, 255, math.MaxInt64} {
			id := c.ID(row, part)
			if len(id) != 32 || strings.Trim(id, "0123456789ABCDEF") != "" || seen[id] {
				t.Errorf("ID(%d, %d) = %q, want 32 upper-case hex digits that no other pair has", row, part, id)
			}
			seen[id] = true
			if gotRow, gotPart, ok := c.Numbers(id); gotRow != row || gotPart != part || !ok {
				t.Errorf("Numbers(%q) = %d, %d, %t, want %d, %d", id, gotRow, gotPart, ok, row, part)
			}
		}
	}
}

func TestCipher_of_another_key(t *testing.T) {
	t.Parallel()
	id := newCipher(t, 1).ID(5, 0)
	row, part, ok := newCipher(t, 2).Numbers(id)
	if !ok || row == 5 || part == 0 {
		t.Errorf("Numbers = %d, %d, %t, want numbers that no row has", row, part, ok)
	}
}

func TestNumbers_of_what_is_no_identifier(t *testing.T) {
	t.Parallel()
	c := newCipher(t, 1)
	for _, id := range []string{
		"", "0", strings.Repeat("0", 31), strings.Repeat("0", 33), strings.Repeat("G", 32), strings.Repeat("é", 16),
		strings.Repeat("a", 32), strings.Repeat(" ", 32), strings.Repeat("0", 31) + "f",
	} {
		if _, _, ok := c.Numbers(id); ok {
			t.Errorf("Numbers(%q) is ok, want not", id)
		}
	}
}

func TestNew_refuses_keys_of_other_lengths(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 16, 31, 33} {
		if _, err := blockid.New(make([]byte, size)); err == nil {
			t.Errorf("a key of %d bytes is taken", size)
		}
	}
}

func BenchmarkCipher(b *testing.B) {
	c := newCipher(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		if row, _, _ := c.Numbers(c.ID(5, 1)); row != 5 {
			b.Fatal("another row")
		}
	}
}
