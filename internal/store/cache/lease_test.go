package cache_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/store/cache"
)

// look asks a cache for an application, and gives the generation that the answer was found in, or -1.
func look(t *testing.T, c *cache.Cache) int64 {
	t.Helper()
	a, err := c.Application(t.Context(), "account", "application")
	var generation int64
	if err == nil {
		_, err = fmt.Sscanf(a.Name, "generation %d", &generation)
	}
	if err != nil {
		t.Error(err)
		return -1
	}
	return generation
}

// sees looks, and wants an answer of that generation after that many questions in all.
func sees(t *testing.T, s *source, c *cache.Cache, generation, asked int64) {
	t.Helper()
	if got := look(t, c); got != generation {
		t.Errorf("got an answer of generation %d, want %d", got, generation)
	}
	if got := s.asked.Load(); got != asked {
		t.Errorf("the store was asked %d times for its generation, want %d", got, asked)
	}
}

func TestLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		c := newCache(t, s)
		sees(t, s, c, 0, 1)
		s.generation.Add(1) // another process changed something, and waits
		time.Sleep(cache.Lease - 1)
		sees(t, s, c, 0, 1)
		time.Sleep(time.Nanosecond)
		sees(t, s, c, 1, 2)
		sees(t, s, c, 1, 2)
		s.generation.Add(1)
		cache.Wait()
		sees(t, s, c, 2, 3)
	})
}

func TestLease_begins_before_the_question(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		each        time.Duration // before the store looks, and after it did
		left, asked int64         // milliseconds that the lease has left, and questions after these
	}{
		"a quick answer":                {2 * time.Millisecond, 6, 2},
		"an answer that comes too late": {5 * time.Millisecond, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &source{takes: func() { time.Sleep(c.each) }}
				kept := newCache(t, s)
				sees(t, s, kept, 0, 1)
				s.generation.Add(1)
				if left := time.Duration(c.left) * time.Millisecond; left > 0 {
					time.Sleep(left - 1)
					sees(t, s, kept, 0, 1)
					time.Sleep(time.Nanosecond)
				}
				sees(t, s, kept, 1, c.asked)
			})
		})
	}
}

// TestLease_is_not_begun_by_a_question_from_before_a_change lets the store look for its generation, then change, and then answer.
func TestLease_is_not_begun_by_a_question_from_before_a_change(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: func() { time.Sleep(time.Millisecond) }}
		c := newCache(t, s)
		var all sync.WaitGroup
		all.Go(func() { look(t, c) }) // the store looks before the change, and answers after it
		time.Sleep(1500 * time.Microsecond)
		s.generation.Add(1)
		c.Changed()
		for range 10 {
			all.Go(func() { sees(t, s, c, 1, 2) })
		}
		all.Wait()
		sees(t, s, c, 1, 2)
	})
}

func TestLease_answers_those_who_waited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{takes: func() { time.Sleep(time.Millisecond) }}
		c := newCache(t, s)
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { sees(t, s, c, 0, 1) })
		}
		all.Wait()
	})
}

func TestLease_of_a_store_that_fails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		c := newCache(t, s)
		sees(t, s, c, 0, 1)
		down := errors.New("down")
		s.fails = down
		sees(t, s, c, 0, 1) // nothing older can have been answered yet
		time.Sleep(cache.Lease)
		for asked := int64(2); asked < 4; asked++ {
			if _, err := c.Application(t.Context(), "account", "application"); !errors.Is(err, down) {
				t.Errorf("got error %v, want that of the store", err)
			}
			if got := s.asked.Load(); got != asked {
				t.Errorf("the store was asked %d times, want %d: what failed begins no lease", got, asked)
			}
		}
		s.fails = nil
		sees(t, s, c, 0, 4)
		sees(t, s, c, 0, 4)
	})
}

// TestCache_is_never_behind changes things beside many readers: whoever asks after a change was answered sees it, in the process
// that made it at once, and in another as the change is answered late.
func TestCache_is_never_behind(t *testing.T) {
	t.Parallel()
	for _, processes := range []int{1, 2} {
		t.Run(fmt.Sprint(processes, " caches"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &source{takes: func() { pause(6 * time.Millisecond) }}
				var caches []*cache.Cache
				for range processes {
					caches = append(caches, newCache(t, s))
				}
				neverBehind(t, s, caches)
			})
		})
	}
}

func neverBehind(t *testing.T, s *source, caches []*cache.Cache) {
	var all sync.WaitGroup
	var answered atomic.Int64
	var done atomic.Bool
	for _, c := range caches {
		for range 8 {
			all.Go(func() {
				for !done.Load() && !t.Failed() {
					least := answered.Load()
					if seen := look(t, c); seen < least {
						t.Errorf("sees generation %d after %d was answered", seen, least)
					}
					pause(time.Millisecond)
				}
			})
		}
	}
	for i := range 500 {
		changed := s.generation.Add(1)
		pause(3 * time.Millisecond) // on its way back
		caches[i%len(caches)].Changed()
		if len(caches) > 1 {
			cache.Wait()
		}
		answered.Store(changed)
		pause(15 * time.Millisecond)
	}
	done.Store(true)
	all.Wait()
}

func pause(most time.Duration) { time.Sleep(rand.N(most)) }

func TestLease_costs_no_allocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where the lease runs for ever
		s := &source{}
		c := newCache(t, s)
		if got := testing.AllocsPerRun(100, func() { _, _ = c.Application(t.Context(), "account", "application") }); got != 0 {
			t.Errorf("%v allocations, want none", got)
		}
		if got := s.asked.Load(); got != 1 {
			t.Errorf("the store was asked %d times, want once", got)
		}
	})
}

func BenchmarkCache(b *testing.B) {
	c := newCache(b, &source{})
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Application(ctx, "account", "application"); err != nil {
			b.Fatal(err)
		}
	}
}
