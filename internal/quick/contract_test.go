package quick_test

import "testing"

// TestRightBodies wants every right body of both contracts and of api/testdata to take the quick way, at no allocation.
func TestRightBodies(t *testing.T) {
	all := subjects(t)
	bodies := 0
	for _, s := range all {
		if len(s.right) == 0 {
			t.Errorf("%s has no right body", s.name)
		}
		for _, body := range s.right {
			if string(body) == "null" {
				continue
			}
			bodies++
			if !s.checker.Accepts(body) {
				t.Errorf("%s: not accepted: %s", s.name, body)
			}
			if n := testing.AllocsPerRun(10, func() { s.checker.Accepts(body) }); n > 0 {
				t.Errorf("%s: %v allocations for %s", s.name, n, body)
			}
		}
	}
	if len(all) < 35 || bodies < 100 {
		t.Errorf("%d schemas with %d bodies are fewer than the contracts have", len(all), bodies)
	}
}

func BenchmarkAccepts(b *testing.B) {
	for _, s := range subjects(b) {
		body := s.right[len(s.right)-1]
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				s.checker.Accepts(body)
			}
		})
	}
}
