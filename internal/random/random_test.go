package random_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"regexp"
	"testing"
	"testing/iotest"

	"github.com/pinpost/pinpost/internal/random"
)

func TestID_is_the_hex_of_sixteen_bytes(t *testing.T) {
	t.Parallel()
	source := bytes.NewReader([]byte{0x9c, 0x81, 0x7c, 0x6f, 0x8a, 0xf3, 0xd4, 0x8f, 0x9f, 0xe5, 0x53, 0x28, 0x2a, 0xfa, 0x2b, 0x67, 0xff})
	got, err := random.ID(source)
	if err != nil {
		t.Fatal(err)
	}
	if want := "9C817C6F8AF3D48F9FE553282AFA2B67"; got != want {
		t.Errorf("ID = %q, want %q", got, want)
	}
	if source.Len() != 1 {
		t.Errorf("%d bytes are left of 17, want 1", source.Len())
	}
}

func TestID_is_never_given_twice(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9A-F]{32}$`)
	seen := map[string]bool{}
	for range 1000 {
		id, err := random.ID(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("ID = %q, want 32 upper-case hex digits, each time others", id)
		}
		seen[id] = true
	}
}

func TestID_reads_on_when_bytes_come_one_by_one(t *testing.T) {
	t.Parallel()
	source := iotest.OneByteReader(bytes.NewReader(bytes.Repeat([]byte{0xab}, 16)))
	got, err := random.ID(source)
	if want := "ABABABABABABABABABABABABABABABAB"; err != nil || got != want {
		t.Errorf("ID = %q, %v, want %q", got, err, want)
	}
}

func TestID_fails_with_its_source(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		source io.Reader
		want   error
	}{
		"no bytes":      {bytes.NewReader(nil), io.EOF},
		"too few bytes": {bytes.NewReader(make([]byte, 15)), io.ErrUnexpectedEOF},
		"broken source": {iotest.ErrReader(io.ErrClosedPipe), io.ErrClosedPipe},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := random.ID(tt.source); got != "" || !errors.Is(err, tt.want) {
				t.Errorf("ID = %q, %v, want none and %v", got, err, tt.want)
			}
		})
	}
}
