package quick_test

import (
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"testing"
	"time"
)

// defaultBodies is how many mutated bodies each schema gets in every test run; PINPOST_QUICK_BODIES says another number.
const defaultBodies = 10_000

// TestAgainstKinOpenAPI mutates right bodies and wants nothing accepted that kin-openapi refuses. Ten million bodies take
// a quarter of a minute for each schema; PINPOST_QUICK_SEED gives others.
func TestAgainstKinOpenAPI(t *testing.T) {
	t.Parallel()
	bodies, seed := setting(t, "PINPOST_QUICK_BODIES", defaultBodies), setting(t, "PINPOST_QUICK_SEED", 1)
	for _, s := range subjects(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			name := fnv.New64a()
			fmt.Fprint(name, s.name, seed)
			m := newMutator(s.right, name.Sum64())
			accepted, began := 0, time.Now()
			for range bodies {
				yes, err := s.agrees(m.next())
				if err != nil {
					t.Fatal(err)
				}
				if yes {
					accepted++
				}
			}
			t.Logf("%d bodies in %v: %d accepted, none of which kin-openapi refuses", bodies, time.Since(began).Round(time.Millisecond), accepted)
			if accepted == 0 || accepted == bodies {
				t.Errorf("%d of %d bodies accepted: the mutations say nothing", accepted, bodies)
			}
		})
	}
}

func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// FuzzQuickBodies lets Go's fuzzing look for a body that a checker accepts and kin-openapi refuses.
func FuzzQuickBodies(f *testing.F) {
	all := subjects(f)
	for i, s := range all {
		m := newMutator(s.right, 7)
		for _, body := range s.right[:min(len(s.right), 2)] {
			f.Add(byte(i), body)
		}
		f.Add(byte(i), append([]byte(nil), m.next()...))
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		if _, err := all[int(which)%len(all)].agrees(body); err != nil {
			t.Error(err)
		}
	})
}
