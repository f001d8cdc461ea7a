package smpp

// shelf is a map that forgets the oldest when it is full.
type shelf[K comparable, V any] struct {
	values map[K]V
	order  []K // a ring: next is where the newest goes, and the oldest is
	next   int
}

func newShelf[K comparable, V any](size int) *shelf[K, V] {
	return &shelf[K, V]{values: map[K]V{}, order: make([]K, 0, size)}
}

func (s *shelf[K, V]) put(key K, value V) {
	if _, known := s.values[key]; known {
		s.values[key] = value
		return
	}
	s.values[key] = value
	if len(s.order) < cap(s.order) {
		s.order = append(s.order, key)
		return
	}
	delete(s.values, s.order[s.next])
	s.order[s.next] = key
	s.next = (s.next + 1) % len(s.order)
}

func (s *shelf[K, V]) get(key K) (V, bool) {
	value, known := s.values[key]
	return value, known
}
