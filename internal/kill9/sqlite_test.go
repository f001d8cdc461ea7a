//go:build peers

package kill9

import (
	"testing"
	"time"
)

// TestKill9_SQLite kills the service on one data folder twenty times under load, and now and then as it starts, and wants
// everything that was acknowledged kept; and so with every way of waiting for the disk.
func TestKill9_SQLite(t *testing.T) {
	for _, one := range []struct {
		synchronous string
		rounds      int
	}{{"full", 20}, {"normal", 6}} {
		t.Run(one.synchronous, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t, "--synchronous", one.synchronous)
			for early := range 6 { // while the database is made
				p.launch(t)
				time.Sleep(time.Duration(early) * 25 * time.Millisecond)
				p.kill()
			}
			p.start(t)
			s := newService(t, p)
			s.load()
			for round := range one.rounds {
				s.answers(int64(150+round*17%100), p)
				p.kill()
				if round%3 == 0 {
					p.launch(t)
					time.Sleep(time.Duration(round) * 10 * time.Millisecond)
					p.kill()
				}
				p.start(t)
				s.look(s.book.sample(20))
			}
			s.settle()
		})
	}
}
